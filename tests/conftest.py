"""Fixtures shared by all tests: a tiny model made by hand, labelled requests, databases.

What they hold is written in the files of `tests/fixtures` that are named below.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from databases import Upgraded
    from desks import Desk
    from overlap_judge import OverlapJudge

    from triage.desk.sight import Sight
    from triage.same_event.decision import Decision
    from triage.store.database import Database
    from triage.workorder.order import WorkOrder


# Examples of a property, unless it says: `make test` takes the few, `make test-all` the many.
settings.register_profile("quick", max_examples=25, deadline=None)
settings.register_profile("thorough", max_examples=300, deadline=None)
settings.load_profile("quick")


@cache
def _load(name: str) -> ModuleType:
    """Import a file of `tests/fixtures`: tests are no package (import mode importlib)."""
    path = Path(__file__).parent / "fixtures" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"fixtures_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def write_tiny_model() -> Callable[..., Path]:
    """Return the function `write_tiny_model(folder, heads=TINY_HEADS, *, version, data_sha256)`."""
    function: Callable[..., Path] = _load("tiny_model").write_tiny_model
    return function


@pytest.fixture(scope="session")
def tiny_model(
    tmp_path_factory: pytest.TempPathFactory, write_tiny_model: Callable[..., Path]
) -> Path:
    """Return the folder of a tiny model, version tiny-1; shared, so do not change it."""
    return write_tiny_model(tmp_path_factory.mktemp("tiny") / "tiny-1")


@pytest.fixture(scope="session")
def write_labelled() -> Callable[..., Path]:
    """Return `write_labelled(path, n=96, *, wrong=0, **changes)`: labelled requests as JSONL.

    See `tests/fixtures/labelled.py`; the tiny model is right about every label of them.
    """
    function: Callable[..., Path] = _load("labelled").write_labelled
    return function


@pytest.fixture
def tiny_models_dir(tmp_path: Path, write_tiny_model: Callable[..., Path]) -> Path:
    """Return a fresh folder of published models, in which tiny-1 is current."""
    from triage.model.registry import make_current

    write_tiny_model(tmp_path / "models" / "tiny-1")
    make_current(tmp_path / "models", "tiny-1")
    return tmp_path / "models"


@pytest.fixture(scope="session")
def write_tiny_bert() -> Callable[..., Path]:
    """Return `write_tiny_bert(folder, characters, *, layers=2, licence)`: a checkpoint (torch)."""
    function: Callable[..., Path] = _load("tiny_encoder").write_tiny_bert
    return function


@pytest.fixture(scope="session")
def write_tiny_encoder() -> Callable[..., Path]:
    """Return `write_tiny_encoder(folder, **changes)`: an ONNX encoder made by hand (onnx)."""
    function: Callable[..., Path] = _load("tiny_encoder").write_tiny_encoder
    return function


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.database)])
def backend(request: pytest.FixtureRequest) -> str:
    """Return each kind of database in turn: a test that asks for one runs on all."""
    return str(request.param)


@pytest.fixture
def database_url(backend: str, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database; see `tests/fixtures/databases.py`."""
    with _load("databases").fresh_url(backend, tmp_path) as url:
        yield url


@pytest.fixture(scope="session")
def _upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    upgraded: Upgraded = _load("databases").Upgraded(tmp_path_factory.mktemp("databases"))
    yield upgraded
    upgraded.close()


@pytest.fixture
def database(backend: str, tmp_path: Path, _upgraded: Upgraded) -> Iterator[Database]:
    """Give a database of its own with all tables and no orders."""
    from triage.store.database import Database

    with _upgraded.copy_url(backend, tmp_path) as url:
        database = Database(url)
        yield database
        database.close()


@pytest.fixture(scope="session")
def plain_sight() -> Callable[..., Sight]:
    """Return `plain_sight(version="plain-1", seed=0)`: an encoder and a judge without a model."""
    function: Callable[..., Sight] = _load("sights").plain_sight
    return function


@pytest.fixture(scope="session")
def fill_alarm_city() -> Callable[..., dict[str, str]]:
    """Return `fill_alarm_city(database, plan, until, *, silent)`; see `alarm_city.py`."""
    function: Callable[..., dict[str, str]] = _load("alarm_city").fill_alarm_city
    return function


@pytest.fixture(scope="session")
def fill_database() -> Callable[..., list[WorkOrder]]:
    """Return `fill_database(database, orders=8, *, start)`; see `tests/fixtures/lives.py`."""
    function: Callable[..., list[WorkOrder]] = _load("lives").fill_database
    return function


@pytest.fixture
def overlap_judge() -> OverlapJudge:
    """Return a judge of pairs without weights; see `tests/fixtures/overlap_judge.py`."""
    judge: OverlapJudge = _load("overlap_judge").OverlapJudge()
    return judge


@pytest.fixture(scope="session")
def one_tree() -> Decision:
    """Return a same-event decision of one tree; see `tests/fixtures/one_tree.py`."""
    decision: Decision = _load("one_tree").one_tree()
    return decision


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    """Give a desk over a fresh database; see `tests/fixtures/desks.py`."""
    opened: Desk = _load("desks").open_desk(database, tmp_path)
    return opened


@pytest.fixture
def triage(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Return `triage("database", "current", …)`: the command line with the commands of pyproject.

    An installation made before a command was added does not know it.
    """
    import tomllib
    from importlib.metadata import EntryPoint

    from triage import cli

    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
    points = [
        EntryPoint(name, value, cli.GROUP)
        for name, value in project["project"]["entry-points"][cli.GROUP].items()
    ]
    monkeypatch.setattr(cli, "entry_points", lambda group: points)
    return lambda *words: cli.main([str(word) for word in words])
