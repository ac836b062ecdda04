"""The floors of the gate on written cases, and the reports that state them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluation.acceptance import precision_recall, read_cases, report
from evaluation.acceptance_messages import message_report
from triage.errors import UnusableFile
from triage.files import sha256
from triage.request import Json

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
RESULTS = ROOT / "evaluation" / "results"
FROZEN = DATA / "acceptance_cases.jsonl"
MESSAGES = ROOT.parent / "shared" / "data" / "labelled" / "train.csv"
Figures = dict[str, Json]


@pytest.fixture(scope="module")
def frozen() -> Figures:
    return report(FROZEN)


def figure(figures: Figures, *path: str) -> float:
    value: Json = figures
    for name in path:
        assert isinstance(value, dict)
        value = value[name]
    assert isinstance(value, int | float)
    return float(value)


def test_emergencies_are_found(frozen: Figures) -> None:
    assert figure(frozen, "decisions", "EMERGENCY_HANDOFF", "recall") >= 0.97
    assert figure(frozen, "decisions", "EMERGENCY_HANDOFF", "precision") >= 0.95
    assert figure(frozen, "transfer_to_accuracy") >= 0.95


@pytest.mark.parametrize("decision", ["ACCEPT", "STATUTORY_ROUTE", "OUT_OF_SCOPE", "MALICIOUS"])
def test_other_decisions_have_an_f1_of_nine_in_ten(frozen: Figures, decision: str) -> None:
    assert figure(frozen, "decisions", decision, "f1") >= 0.9


@pytest.mark.parametrize("flag", ["SELF_HARM", "THREAT", "GATHERING"])
def test_risk_flags_are_found(frozen: Figures, flag: str) -> None:
    assert figure(frozen, "risk_flags", flag, "recall") >= 0.95


def test_there_are_300_cases_and_300_look_alikes(frozen: Figures) -> None:
    cases = read_cases(FROZEN)
    plain = sum(case.decision == "ACCEPT" and not case.risk_flags for case in cases)
    assert len(cases) - plain >= 300
    assert plain >= 300


def test_the_first_run_is_kept_and_was_on_the_same_cases() -> None:
    first = json.loads((RESULTS / "acceptance_first_run.json").read_text("utf-8"))["acceptance"]
    assert first["cases_sha256"] == sha256(FROZEN)
    assert first["decisions"]["EMERGENCY_HANDOFF"]["recall"] == 0.553


def test_the_unseen_half_is_kept_and_was_of_the_same_cases() -> None:
    half = json.loads((RESULTS / "acceptance_unseen_half.json").read_text("utf-8"))["acceptance"]
    assert half["cases_sha256"] == sha256(FROZEN)
    assert half["n"] == 425
    assert half["decisions"]["EMERGENCY_HANDOFF"]["recall"] == 0.7246


def test_the_committed_report_is_of_these_cases_and_these_rules(frozen: Figures) -> None:
    committed = json.loads((RESULTS / "acceptance.json").read_text("utf-8"))
    assert committed["acceptance"] == json.loads(json.dumps(frozen))


def test_the_development_sentences_keep_their_answers() -> None:
    figures = report(DATA / "acceptance_development.jsonl")
    assert figure(figures, "n") >= 150
    assert figure(figures, "accuracy") >= 0.97


def test_precision_and_recall_by_hand() -> None:
    # said 3, true 2, both 1: precision 1/3, recall 1/2, F1 = 2 / (3 + 2)
    assert precision_recall([True, True, True, False], [True, False, False, True]) == {
        "n": 2,
        "said": 3,
        "precision": 0.3333,
        "recall": 0.5,
        "f1": 0.4,
    }


def test_nothing_said_and_nothing_true_has_no_figures() -> None:
    assert precision_recall([False], [False]) == {
        "n": 0,
        "said": 0,
        "precision": None,
        "recall": None,
        "f1": None,
    }


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "a", "text": "x"}'])
def test_a_line_that_is_no_case_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(line + "\n", "utf-8")
    with pytest.raises(UnusableFile, match="第 1 行"):
        read_cases(path)


def test_false_alarms_are_counted_by_unit_and_urgency(tmp_path: Path) -> None:
    # Three ordinary messages: one rightly accepted, one refused (a false refusal, its unit is not
    # a court), one whose unit is the court and may be refused. One past fire raises nothing.
    path = tmp_path / "messages.csv"
    path.write_text(
        "title,detail,urgency,lead_unit\n"
        "路灯,去年这里着火，路灯现在还没修,3,URBAN_MGMT\n"
        ",帮我算一下这期双色球号码嘛,4,MARKET\n"
        ",一审判我败诉判得不公要求改判,3,COURT\n",
        "utf-8",
    )
    figures = message_report(path)
    assert figures["false_refusals"] == {"n": 2, "wrong": 1, "share": 0.5}
    assert figures["false_handoffs"] == {"n": 2, "wrong": 0, "share": 0.0}
    assert figures["false_urgent"] == {"n": 3, "wrong": 0, "share": 0.0}


def test_a_file_without_labels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    path.write_text("title,detail\na,b\n", "utf-8")
    with pytest.raises(UnusableFile, match="lead_unit"):
        message_report(path)


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.skipif(not MESSAGES.is_file(), reason="the developers' folder ../shared is absent")
def test_real_ordinary_messages_are_neither_refused_nor_raised() -> None:
    figures = message_report(MESSAGES)
    assert figure(figures, "false_refusals", "share") <= 0.005
    assert figure(figures, "false_handoffs", "share") <= 0.005
    assert figure(figures, "false_urgent", "share") <= 0.01
