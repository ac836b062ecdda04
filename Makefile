# Two commands for a fresh machine: `make run` and `make test`. The rest is for developers.
export PYTHONSAFEPATH := 1
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.PHONY: run test test-all lint check wheelhouse clean

.venv/run.stamp: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -e .
	touch $@

.venv/test.stamp: .venv/run.stamp
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

.venv/train.stamp: .venv/test.stamp
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev,train]'
	touch $@

.venv/tune.stamp: .venv/train.stamp  # torch first: what depends on it would fetch another build
	$(BIN)/pip install --quiet --disable-pip-version-check 'torch==2.13.0'
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev,tune,reports]'
	touch $@

run: .venv/run.stamp  ## start the service with the shipped model and an invented city
	$(BIN)/triage demo --if-empty --models-dir models
	$(BIN)/triage hot --keep --once --models-dir models
	$(BIN)/triage serve --host 127.0.0.1 --port $(PORT) --models-dir models

test: .venv/test.stamp  ## core suite in two processes, a minute or two
	$(BIN)/pytest -n 2 --dist loadscope -m "not slow and not train and not browser and not database"

test-all: .venv/tune.stamp  ## everything: training, encoders, browser, database, slow property tests
	$(BIN)/pytest -n 2 --dist loadscope --hypothesis-profile=thorough --cov=triage --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=90

lint: .venv/train.stamp  ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test  ## what must hold before a commit

wheelhouse: .venv/run.stamp  ## all that an offline machine of this kind needs (Linux x86-64 or ARM64)
	rm -rf wheelhouse
	$(BIN)/pip wheel --quiet --disable-pip-version-check --wheel-dir wheelhouse '.[postgres]'
	$(PYTHON) -m venv .venv/offline
	.venv/offline/bin/pip install --quiet --disable-pip-version-check --no-index --find-links wheelhouse 'citizen-triage[postgres]'
	.venv/offline/bin/triage --version
	rm -rf .venv/offline

clean:
	rm -rf .venv wheelhouse build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
