"""`triage retrain`: what people did becomes a model, and only one that passes is published."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from triage.desk.moves import Wish
from triage.model.artifact import read_manifest
from triage.model.registry import read_current

pytest.importorskip("sklearn", reason="needs the training extra")

if TYPE_CHECKING:
    from desks import Desk

pytestmark = [pytest.mark.train, pytest.mark.slow]
Write = Callable[..., Path]
Run = Callable[..., int]
RECIPE = """
[features]
title = [1, 2]
text = [1, 2]
min_df = 2
table_megabytes = 1
[fit]
emphasis = true
emphasis_C = 1.0
folds = 3
untitled_copies = 0.5
[C]
default = 1.0
[weights]
note = 2.0
"""
FLOORS = """
min_rows = 50
[compare]
decisions = ["topic"]
level = 0.9
lowest = -1.0
mean = -1.0
others = {others}
urgent_recall = -1.0
"""


@pytest.fixture
def words(desk: Desk, tmp_path: Path, write_labelled: Write, tiny_models_dir: Path) -> list[str]:
    """Return the words of a run over a store with one ended order."""
    order = desk.taken("楼下烧烤店油烟太大")
    desk.go(
        order.id,
        Wish("DISPATCHED", unit="ECOLOGY"),
        Wish("HANDLING"),
        Wish("REPLIED", note="油烟问题已要求商家整改完毕"),
        Wish("FOLLOWED_UP", reason="SATISFIED"),
        Wish("CLOSED"),
    )
    write_labelled(tmp_path / "base.jsonl", 192)
    write_labelled(tmp_path / "held.jsonl", 96)
    (tmp_path / "small.toml").write_text(RECIPE, "utf-8")
    (tmp_path / "floors.toml").write_text(FLOORS.format(others=-1.0), "utf-8")
    return [
        *("--database", desk.office.database.url.render_as_string(hide_password=False)),
        *("--data", str(tmp_path / "base.jsonl"), "--held-out", str(tmp_path / "held.jsonl")),
        *("--out", str(tmp_path / "out"), "--models-dir", str(tiny_models_dir)),
        *("--recipe", str(tmp_path / "small.toml"), "--floors", str(tmp_path / "floors.toml")),
    ]


def test_too_little_feedback_is_written_down_and_trains_nothing(
    triage: Run, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert triage("retrain", *words) == 2
    assert "feedback_too_little" in capsys.readouterr().err
    report = json.loads((tmp_path / "out/feedback.report.json").read_text("utf-8"))
    assert (report["orders"], report["examples"]) == (1, 1)
    assert not (tmp_path / "out/model").exists()


def test_a_model_that_passes_is_published_and_one_that_does_not_is_not(
    triage: Run,
    words: list[str],
    tmp_path: Path,
    tiny_models_dir: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # The tiny model knows the urgency of every request; one fitted on so few does not.
    (tmp_path / "floors.toml").write_text(FLOORS.format(others=-0.03), "utf-8")
    before = read_current(tiny_models_dir)
    assert triage("retrain", *words, "--least", "1") == 2
    assert "gate_refused" in capsys.readouterr().err
    assert read_current(tiny_models_dir) == before
    (tmp_path / "floors.toml").write_text(FLOORS.format(others=-1.0), "utf-8")
    again = [str(tmp_path / "again") if word == str(tmp_path / "out") else word for word in words]
    assert triage("retrain", *again, "--least", "1") == 0
    version = read_manifest(tmp_path / "again/model")["version"]
    assert read_current(tiny_models_dir).version == version
    assert str(version).startswith("retrained-")
