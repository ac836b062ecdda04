"""`triage learning-curve`: from labelled requests to points, a law and a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from triage.cli import main

pytest.importorskip("sklearn", reason="needs the training extra")

pytestmark = pytest.mark.train
SAMPLE = Path(__file__).resolve().parents[2] / "datasets/sample/train.jsonl"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the curve r of 1,056 requests: four sizes, two seeds."""
    folder = tmp_path_factory.mktemp("curve")
    data = folder / "x.jsonl"
    rows = [json.loads(line) for line in SAMPLE.read_text("utf-8").splitlines()[:1056]]
    for row in rows:
        row["topic"] = row["topic"][:2]  # first levels: enough requests each
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    arguments = ["--data", str(data), "--out", str(folder / "r.json")]
    assert main(["learning-curve", *arguments, "--sizes", "4", "--seeds", "2"]) == 0
    return folder


@pytest.fixture
def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "r.json").read_text("utf-8"))
    return found


def test_every_decision_has_both_curves(report: dict[str, Any]) -> None:
    assert [(one["decision"], one["metric"]) for one in report["curves"]] == [
        (decision, metric)
        for decision in ("topic", "request_type", "urgency", "lead_unit")
        for metric in ("accuracy", "macro_f1")
    ]


def test_points_grow_to_the_whole_pool_and_figures_with_them(report: dict[str, Any]) -> None:
    topic = report["curves"][0]
    sizes = [point["size"] for point in topic["points"]]
    assert sizes == sorted(sizes)
    assert len(sizes) == 4
    assert sizes[-1] + report["held_out"] == 1056
    assert topic["points"][-1]["value"] > topic["points"][0]["value"]
    low, high = topic["gain"]["interval"]
    assert low <= topic["gain"]["value"] <= high


def test_classes_are_ranked_by_what_their_labels_would_buy(report: dict[str, Any]) -> None:
    ranked = report["classes"]["topic"]
    gains = [row["gain"]["value"] for row in ranked]
    assert gains == sorted(gains, reverse=True)
    assert sum(row["n"] for row in ranked) == 1056
    assert sum(row["share_of_errors"] for row in ranked) == pytest.approx(1.0, abs=0.01)


def test_the_pages_hold_no_text_and_the_chart_is_inside(folder: Path) -> None:
    for path in folder.glob("r.*"):
        assert "物业" not in path.read_text("utf-8"), path
    assert "再标 1000 条" in (folder / "r.md").read_text("utf-8")
    assert (folder / "r.html").read_text("utf-8").count("data:image/svg+xml") == 1
