"""`triage measure-dispatch` on the shipped model, and what the committed report promises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluation.dispatch import is_odd
from triage.cli import main
from triage.files import sha256

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests/data"


@pytest.mark.slow
def test_the_report_is_written_as_json_and_as_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "dispatch.json"
    code = main(
        [
            *("measure-dispatch", "--models-dir", str(ROOT / "models"), "--out", str(out)),
            *("--disputes", str(CASES / "dispute_cases.jsonl")),
            *("--boundaries", str(CASES / "boundary_cases.jsonl")),
            *("--messages", str(tmp_path / "none.csv")),
        ]
    )
    report = json.loads(out.read_text("utf-8"))
    assert code == 0
    assert report["disputes"]["all"]["with_catalogue"]["excluded_by_catalogue_suggested"] == 0
    assert report["messages"] is None
    assert "跳过真实来信" in capsys.readouterr().err
    assert out.with_suffix(".md").read_text("utf-8").startswith("# 派单目录的测量")


def test_the_committed_report_is_of_the_committed_cases() -> None:
    report = json.loads((ROOT / "evaluation/results/dispatch.json").read_text("utf-8"))
    assert report["disputes_sha256"] == sha256(CASES / "dispute_cases.jsonl")
    assert report["boundaries_sha256"] == sha256(CASES / "boundary_cases.jsonl")
    assert report["disputes"]["n"] >= 120
    assert report["boundaries"]["all"]["n"] >= 60


def test_no_excluded_unit_is_suggested_in_either_half() -> None:
    report = json.loads((ROOT / "evaluation/results/dispatch.json").read_text("utf-8"))
    for half in ("all", "odd_read", "even_unseen"):
        figures = report["disputes"][half]["with_catalogue"]
        assert figures["excluded_by_catalogue_suggested"] == 0
        assert figures["township_leads_where_barred"] == 0


def test_the_catalogue_is_better_than_the_model_alone_on_the_unseen_half() -> None:
    report = json.loads((ROOT / "evaluation/results/dispatch.json").read_text("utf-8"))
    half = report["disputes"]["even_unseen"]
    assert half["with_catalogue"]["lead_accuracy"] > half["model"]["lead_accuracy"]


@pytest.mark.parametrize(("code", "odd"), [("D0001", True), ("B012", False), ("D0110", False)])
def test_halves_are_by_the_number_of_a_case(code: str, odd: bool) -> None:
    assert is_odd(code) is odd


def test_a_line_that_is_no_case_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": "D1"}\n', "utf-8")
    code = main(["measure-dispatch", "--models-dir", str(ROOT / "models"), "--disputes", str(bad)])
    assert code == 2
    assert "第 1 行不是用例" in capsys.readouterr().err
