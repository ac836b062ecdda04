"""The report on life safety: figures by hand, the kept first run, and out-of-fold messages."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evaluation.held_out_scores import HeldOutScores
from evaluation.life_safety import Case, Finding, case_report, figures, is_found, read_cases
from evaluation.life_safety_messages import message_report
from evaluation.life_safety_page import to_markdown
from triage.errors import UnusableFile
from triage.files import sha256
from triage.request import CitizenRequest

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "data" / "life_safety_cases.jsonl"
FIRST = ROOT / "evaluation" / "results" / "life_safety_first_run.json"
LABELS = ("0", "1", "2", "3", "4")


def finding(code: str, level: int, *, found: bool, by_rules: bool = False) -> Finding:
    case = Case(CitizenRequest(code, "x"), level, "note", "fire" if level <= 1 else "ordinary")
    return Finding(case, found, by_rules)


@pytest.mark.parametrize(
    ("level", "decision", "found"),
    [
        (0, "ACCEPT", True),
        (1, "ACCEPT", True),
        (2, "ACCEPT", False),
        (None, "ACCEPT", False),
        (3, "EMERGENCY_HANDOFF", True),
        (None, "EMERGENCY_HANDOFF", True),
    ],
)
def test_found_is_level_one_or_a_hand_off(level: int | None, decision: str, found: bool) -> None:
    assert is_found(level, decision) is found


def test_recall_and_false_alarms_by_hand() -> None:
    # danger: 0 found, 0 missed, 1 found by rules; calm: one of two alarms
    report = figures(
        [
            finding("L1", 0, found=True),
            finding("L2", 0, found=False),
            finding("L3", 1, found=True, by_rules=True),
            finding("L4", 2, found=True),
            finding("L5", 4, found=False),
        ]
    )
    assert report["recall"] == {"n": 3, "found": 2, "share": 0.6667}
    assert report["recall_0"] == {"n": 2, "found": 1, "share": 0.5}
    assert report["recall_1"] == {"n": 1, "found": 1, "share": 1.0}
    assert report["recall_rules_alone"] == {"n": 3, "found": 1, "share": 0.3333}
    assert report["false_alarms"] == {"n": 2, "found": 1, "share": 0.5}


def test_odd_numbers_are_the_half_that_may_be_read() -> None:
    report = case_report([finding("L0001", 0, found=True), finding("L0002", 1, found=False)])
    odd, even = report["odd_read"], report["even_unseen"]
    assert isinstance(odd, dict)
    assert isinstance(even, dict)
    assert odd["recall"] == {"n": 1, "found": 1, "share": 1.0}
    assert even["recall"] == {"n": 1, "found": 0, "share": 0.0}
    assert report["by_kind"] == {"fire": {"n": 2, "found": 1, "share": 0.5}}


def test_there_are_300_dangers_and_100_look_alikes() -> None:
    cases = read_cases(CASES)
    assert sum(case.is_danger for case in cases) == 300
    assert sum(not case.is_danger for case in cases) == 100


def test_the_first_run_is_kept_and_was_on_the_same_cases() -> None:
    first = json.loads(FIRST.read_text("utf-8"))
    assert first["cases_sha256"] == sha256(CASES)
    assert first["cases"]["all"]["recall"] == {"n": 300, "found": 224, "share": 0.7467}


def test_the_page_says_the_figures_of_the_report() -> None:
    page = to_markdown(json.loads(FIRST.read_text("utf-8")))
    assert "| 手写案例 | 0.747（224/300） | 0.863（113/131） | 0.657（111/169） |" in page
    assert "| 规则＋模型（折外概率） |" in page


def write_messages(path: Path) -> None:
    path.write_text(
        "uid,title,detail,urgency\n"
        "a,,菜市场门口的窨井盖不见了，黑黢黢一个洞，好深,1\n"  # a rule finds it
        "b,,楼上说了些事情,1\n"  # the model finds it
        "c,,想问社保缴费年限,4\n",
        "utf-8",
    )


def test_messages_are_judged_with_the_fold_that_had_not_seen_them(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    write_messages(path)
    rows = np.array([[0, 0, 0, 1, 0], [0.1, 0.4, 0, 0.5, 0], [0, 0, 0, 0, 1]], np.float32)
    report = message_report(
        path, HeldOutScores({"a": 0, "b": 1, "c": 2}, LABELS, rows), (0.4, 0.35, 0.3)
    )
    alone, together = report["rules_alone"], report["out_of_fold"]
    assert isinstance(alone, dict)
    assert isinstance(together, dict)
    assert alone["recall"] == {"n": 2, "found": 1, "share": 0.5}
    assert together["recall"] == {"n": 2, "found": 2, "share": 1.0}
    assert together["false_alarms"] == {"n": 1, "found": 0, "share": 0.0}


def test_without_probabilities_only_the_rules_are_measured(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    write_messages(path)
    assert message_report(path, None, (0.4, 0.35, 0.3))["out_of_fold"] is None


def test_a_message_without_probabilities_is_named(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    write_messages(path)
    scores = HeldOutScores({"a": 0}, LABELS, np.full((1, 5), 0.2, np.float32))
    with pytest.raises(UnusableFile, match="没有留言 b"):
        message_report(path, scores, (0.4, 0.35, 0.3))


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    path.write_text("title,detail\na,b\n", "utf-8")
    with pytest.raises(UnusableFile, match="urgency"):
        message_report(path, None, (0.4, 0.35, 0.3))
