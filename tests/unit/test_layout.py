"""The house stands as docs/architecture.md draws it."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("triage", "training", "serving", "evaluation")
FITTING = ("torch", "transformers", "sentence_transformers", "sklearn", "scipy", "matplotlib")


@pytest.mark.parametrize("folder", ["datasets", "models"])
def test_data_folders_hold_no_python(folder: str) -> None:
    assert list((ROOT / folder).rglob("*.py")) == []


def test_the_wheel_takes_only_the_four_rooms() -> None:
    top = importlib.metadata.files("citizen-triage")
    assert top is not None
    assert not (ROOT / "datasets" / "__init__.py").exists()


@pytest.mark.parametrize("folder", ROOMS)
def test_no_module_is_longer_than_the_house_allows(folder: str) -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / folder).rglob("*.py")
        if (lines := len(path.read_text("utf-8").splitlines())) > 300
    }
    assert long == {}


@pytest.mark.slow
def test_serving_loads_no_fitting_library() -> None:
    code = (
        "import sys, serving.app, triage.pipeline;"
        f"print([name for name in {FITTING!r} if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def test_no_pickles_are_committed() -> None:
    assert [*ROOT.glob("models/**/*.pkl"), *ROOT.glob("models/**/*.joblib")] == []


def test_every_command_has_help_with_an_example() -> None:
    for point in importlib.metadata.entry_points(group="triage.commands"):
        path = ROOT / (point.value.replace(".", "/") + ".py")
        head = path.read_text("utf-8")[:1500]
        assert f"triage {point.name}" in head, point.name
