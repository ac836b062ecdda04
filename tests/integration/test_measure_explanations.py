"""The commands that measure evidence and questions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from triage.cli import main

pytestmark = pytest.mark.slow

LINE = {
    "id": "a",
    "text": "渝中区解放碑昨天起工地施工吵人，希望处理",
    "elements": [
        {"type": "place", "start": 0, "end": 6},
        {"type": "time", "start": 6, "end": 9},
        {"type": "object", "start": 9, "end": 13},
        {"type": "demand", "start": 16, "end": 20},
    ],
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(LINE, ensure_ascii=False) + "\n", "utf-8")
    return path


def test_evidence_is_measured_without_a_text(
    tmp_path: Path, data: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "evidence.json"
    assert main(["measure-evidence", "--set", f"t={tiny_model}:{data}", "--out", str(out)]) == 0
    topic = json.loads(out.read_text("utf-8"))["t"]["decisions"]["topic"]
    assert topic["n"] == topic["with_evidence"] == 1
    # only 工地 and 施工 speak for JS01: without them all seven topics are alike
    assert topic["confidence"] - topic["drop"] == pytest.approx(1 / 7, abs=1e-3)
    assert topic["drop_by_k"][-1] == topic["drop"] > topic["random_drop"]
    assert "解放碑" not in out.read_text("utf-8")
    assert "施工" not in out.with_suffix(".md").read_text("utf-8")
    assert "| 主题 | 1 | 1 |" in capsys.readouterr().out


@pytest.mark.slow
def test_questions_are_measured_without_a_text(
    tmp_path: Path, data: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "questions.json"
    assert main(["measure-questions", "--set", f"t={tiny_model}:{data}", "--out", str(out)]) == 0
    report = json.loads(out.read_text("utf-8"))["t"]
    assert report["spans"] == "marked"
    scores = report["scores"]
    # without the place the district's organisation is unknown; without the object all topics alike
    assert (scores["place"]["changed"], scores["place"]["recall"]) == (1, 1.0)
    assert (scores["object"]["changed"], scores["object"]["recall"]) == (1, 1.0)
    # neither time nor demand is known to the tiny model
    assert (scores["time"]["changed"], scores["time"]["not_asked_when_same"]) == (0, 1.0)
    assert scores["whole_requests"]["without_question"] == 1.0
    assert "解放碑" not in out.read_text("utf-8")
    assert "完整的诉求 1 条" in capsys.readouterr().out


def test_a_district_is_taken_for_granted_where_it_is_given(
    tmp_path: Path, data: Path, tiny_model: Path
) -> None:
    out = tmp_path / "questions.json"
    words = f"t={tiny_model}:{data}@渝中区"
    assert main(["measure-questions", "--set", words, "--out", str(out), "--json"]) == 0
    report = json.loads(out.read_text("utf-8"))["t"]
    assert report["district"] == "渝中区"
    assert report["scores"]["place"]["changed"] == 0


@pytest.mark.parametrize("words", ["x", "t=only", "=a:b", "t=:b"])
def test_a_set_that_says_too_little_is_refused(
    tmp_path: Path, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "r.json"
    assert main(["measure-evidence", "--set", words, "--out", str(out)]) == 2
    assert "应写成" in capsys.readouterr().err
    assert not out.exists()
