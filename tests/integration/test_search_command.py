"""`triage train --search`: a recipe chosen out of fold, and a killed search that goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from triage.cli import main
from triage.model.artifact import read_manifest

pytest.importorskip("sklearn", reason="needs the training extra")

pytestmark = pytest.mark.train
Write = Callable[..., Path]
RECIPE = """
[features]
title = [1, 2]
text = [1]
min_df = 2
table_megabytes = 1
[fit]
emphasis = false
emphasis_C = 1.0
folds = 3
untitled_copies = 0.0
[C]
default = 1.0
[weights]
note = 1.0
"""
SPACE = """
decisions = ["topic", "urgency"]
[race]
rows = 60
keep = 2
folds = 2
[grid]
"features.text" = [[1], [1, 2]]
"C.topic" = [1.0, 4.0]
[[candidate]]
"C.topic" = 0.00001
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, write_labelled: Write) -> Path:
    """A folder with data, recipe and space, and a model `m` trained after a search."""
    folder = tmp_path_factory.mktemp("search")
    write_labelled(folder / "x.jsonl", 192)
    (folder / "small.toml").write_text(RECIPE, "utf-8")
    (folder / "space.toml").write_text(SPACE, "utf-8")
    assert main(words(folder, "m")) == 0
    return folder


def words(folder: Path, out: str) -> list[str]:
    return [
        "train", "--data", str(folder / "x.jsonl"), "--recipe", str(folder / "small.toml"),
        "--search", str(folder / "space.toml"), "--out", str(folder / out), "--name", "city",
    ]  # fmt: skip


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_the_model_is_trained_with_the_recipe_that_won(folder: Path) -> None:
    report = json.loads((folder / "m.search.json").read_text("utf-8"))
    chosen = (folder / "m.search.toml").read_text("utf-8")
    assert read_manifest(folder / "m")["recipe"] == chosen
    assert report["finals"][0]["changes"] == report["chosen"]
    scores = [row["score"] for row in report["finals"]]
    assert scores == sorted(scores, reverse=True)


def test_every_candidate_races_and_the_best_and_the_given_reach_the_finals(folder: Path) -> None:
    report = json.loads((folder / "m.search.json").read_text("utf-8"))
    assert len(report["race"]) == 5
    assert report["race"][-1]["changes"] == {"C.topic": 0.00001}
    assert {} in [row["changes"] for row in report["finals"]]
    assert 2 <= len(report["finals"]) <= 3
    assert report["rows_fitted"]["fold0/60"] == 60
    assert report["rows_held_out"]["fold0"] + report["rows_held_out"]["fold1"] == 128
    given = next(row for row in report["finals"] if row["changes"] == {})
    assert (given["gain"], given["interval"]) == (0.0, [0.0, 0.0])


def test_the_report_is_there_for_people(folder: Path) -> None:
    page = (folder / "m.search.md").read_text("utf-8")
    assert "## 决赛" in page
    assert "原配方" in page


def test_no_text_is_in_the_progress(folder: Path) -> None:
    assert "油烟" not in (folder / "m.search.jsonl").read_text("utf-8")


def test_a_killed_search_goes_on_where_it_was(folder: Path) -> None:
    state = folder / "k.search.jsonl"
    code = "import sys; from triage.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-P", "-c", code, *words(folder, "k")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    until = time.monotonic() + 120
    while not state.exists() or len(state.read_bytes().splitlines()) < 4:
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    before = state.read_bytes()
    done = before[: before.rfind(b"\n") + 1]
    assert not (folder / "k").exists()

    assert main(words(folder, "k")) == 0
    after = state.read_bytes()
    assert after.startswith(done)
    trials = [(row["candidate"], row["part"]) for row in lines(state)[1:]]
    assert len(trials) == len(set(trials)), "no trial ran twice"
    assert set(trials) == {
        (row["candidate"], row["part"]) for row in lines(folder / "m.search.jsonl")[1:]
    }
    found, whole = (
        json.loads((folder / f"{name}.search.json").read_text("utf-8")) for name in ("k", "m")
    )
    for report in (found, whole):
        report.pop("seconds")
        for row in (*report["race"], *report["finals"]):
            row.pop("seconds")
    assert found == whole
    assert read_manifest(folder / "k")["version"] == read_manifest(folder / "m")["version"]


def test_a_space_that_is_nowhere_is_refused_before_the_data_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--data", str(tmp_path / "none.jsonl"), "--out", str(tmp_path / "m")]
    assert main(["train", *arguments, "--search", "none.toml"]) == 2
    assert "找不到搜索空间" in capsys.readouterr().err
