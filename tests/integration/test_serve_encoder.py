"""`triage serve` with a published model that holds an encoder, as real processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from triage.cli import main
from triage.model.artifact import read_manifest
from triage.model.registry import list_versions, make_current

pytest.importorskip("sentence_transformers", reason="needs the tune extra")

pytestmark = [pytest.mark.train, pytest.mark.slow]
Write = Callable[..., Path]
TRIAGE = str(Path(sys.executable).with_name("triage"))
TEXT = "桂花园楼下馆子油烟直冲窗户，我要投诉"


@pytest.fixture(scope="module")
def models(
    tmp_path_factory: pytest.TempPathFactory, write_labelled: Write, write_tiny_bert: Write
) -> Path:
    """Published models: one with an encoder, trained here, and current."""
    folder = tmp_path_factory.mktemp("serve_encoder")
    data, held = write_labelled(folder / "x.jsonl", 96), write_labelled(folder / "y.jsonl", 120)
    write_tiny_bert(folder / "bert", "".join(dict.fromkeys(data.read_text("utf-8"))))
    models = folder / "models"
    published = ["--models-dir", models, "--skip-current", "--resamples", 10]
    done = [
        ("encoder", "import", "--model", folder / "bert", "--max-tokens", 32,
         "--out", folder / "base"),
        ("encoder", "export", "--model", folder / "base", "--out", folder / "onnx"),
        ("train", "--data", data, "--encoder", folder / "onnx", "--name", "dense",
         "--out", folder / "model"),
        ("publish", "--model", folder / "model", "--data", held, *published),
    ]  # fmt: skip
    for words in done:
        assert main([*map(str, words)]) == 0
    return models


@pytest.fixture(scope="module")
def version(models: Path) -> str:
    [version] = list_versions(models)
    files = read_manifest(models / version)["files"]
    assert isinstance(files, dict)
    assert "encoder.int8.onnx" in files
    return version


@pytest.fixture
def without_extra(tmp_path: Path) -> dict[str, str]:
    """An environment in which onnxruntime cannot be imported, as if it were not installed."""
    (tmp_path / "blocked").mkdir()
    (tmp_path / "blocked/onnxruntime.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'onnxruntime'\", name='onnxruntime')\n"
    )
    return {**os.environ, "PYTHONPATH": str(tmp_path / "blocked")}


@contextmanager
def serving(models: Path, env: dict[str, str] | None = None) -> Iterator[int]:
    """Run `triage serve` with one worker; give its port."""
    command = [TRIAGE, "serve", "--models-dir", str(models), "--port", "0", "--workers", "1"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            match = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            assert match, line
            yield int(match[1])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


@pytest.fixture(scope="module")
def port(models: Path) -> Iterator[int]:
    with serving(models) as port:
        yield port


def ask(port: int, method: str, path: str, body: object = None) -> tuple[int, str]:
    headers = {"content-type": "application/json"}
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request(method, path, json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, response.read().decode()


def triaged(port: int, text: str) -> dict[str, object]:
    status, content = ask(port, "POST", "/v1/triage", {"id": "1", "text": text})
    assert status == 200
    found: dict[str, object] = json.loads(content)
    return found


def model_of(answer: dict[str, object]) -> object:
    versions = answer["versions"]
    assert isinstance(versions, dict)
    return versions["model"]


def predicted(folder: Path, models: Path, texts: list[str], *more: str) -> list[dict[str, object]]:
    asked, answered = folder / "asked.jsonl", folder / "answered.jsonl"
    lines = [json.dumps({"id": "1", "text": text}) + "\n" for text in texts]
    asked.write_text("".join(lines), "utf-8")
    words = ["predict", "--models-dir", str(models), "--input", str(asked)]
    assert main([*words, "--output", str(answered), *more]) == 0
    return [json.loads(line) for line in answered.read_text("utf-8").splitlines()]


def test_the_service_answers_as_predict_does(
    port: int, models: Path, version: str, tmp_path: Path
) -> None:
    texts = [TEXT, "石桥铺路灯坏了，麻烦修一下", "请问物业费怎么算", "好"]
    answers = [triaged(port, text) for text in texts]
    assert answers == predicted(tmp_path, models, texts)
    assert {model_of(answer) for answer in answers} == {version}


def test_the_service_explains_a_model_with_an_encoder(port: int, version: str) -> None:
    status, content = ask(port, "POST", "/v1/explain", {"id": "1", "text": TEXT})
    assert status == 200
    assert version in content


def test_processes_of_a_batch_run_share_the_encoder(models: Path, tmp_path: Path) -> None:
    texts = [f"{TEXT}{'！' * (n % 3)}" for n in range(600)]  # more than one chunk: they are forked
    alone = predicted(tmp_path, models, texts, "--jobs", "1")
    assert predicted(tmp_path, models, texts, "--jobs", "2") == alone


def test_a_service_without_the_extra_says_what_to_install(
    models: Path, version: str, without_extra: dict[str, str]
) -> None:
    command = [TRIAGE, "serve", "--models-dir", str(models), "--port", "0", "--workers", "1"]
    done = subprocess.run(command, capture_output=True, text=True, env=without_extra, timeout=60)
    assert done.returncode == 2
    assert "pip install citizen-triage [extra_missing]" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_running_service_without_the_extra_keeps_the_model_it_has(
    models: Path, version: str, without_extra: dict[str, str], tmp_path: Path,
    write_tiny_model: Write,
) -> None:  # fmt: skip
    folder = tmp_path / "models"
    write_tiny_model(folder / "tiny-1")
    make_current(folder, "tiny-1")
    (folder / version).symlink_to(models / version)
    with serving(folder, without_extra) as port:
        make_current(folder, version)
        deadline = time.monotonic() + 20
        while not refused(port) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert refused(port)
        assert model_of(triaged(port, TEXT)) == "tiny-1"


def refused(port: int) -> bool:
    """Whether the metrics tell of a published model that was not taken over."""
    content = ask(port, "GET", "/metrics")[1]
    return any("refused" in line and line.endswith(" 1.0") for line in content.splitlines())
