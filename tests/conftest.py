"""Fixtures shared by all tests: a tiny model made by hand, and labelled requests that suit it.

What they hold is written in `tests/fixtures/tiny_model.py` and `tests/fixtures/labelled.py`.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


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
