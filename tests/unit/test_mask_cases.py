"""The floors of masking on the frozen cases, and the report that states them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluation.masking import MaskingReport, read_cases, score_masking
from triage.errors import UnusableFile
from triage.files import sha256

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "data" / "mask_cases.jsonl"
RESULTS = ROOT / "evaluation" / "results"
CERTAIN = ("PHONE", "ID_CARD", "BANK_CARD", "EMAIL")
OTHERS = ("LANDLINE", "WECHAT", "QQ", "PLATE", "PASSPORT", "NAME", "ROOM")


@pytest.fixture(scope="module")
def report() -> MaskingReport:
    return score_masking(read_cases(CASES))


@pytest.mark.parametrize("kind", CERTAIN)
def test_recall_of_what_identifies_a_person_is_99_percent(report: MaskingReport, kind: str) -> None:
    assert (report.by_type[kind].recall or 0) >= 0.99


@pytest.mark.parametrize("kind", OTHERS)
def test_recall_of_the_other_types_is_95_percent(report: MaskingReport, kind: str) -> None:
    assert (report.by_type[kind].recall or 0) >= 0.95


def test_precision_is_97_percent(report: MaskingReport) -> None:
    assert report.cases >= 300
    assert (report.overall.precision or 0) >= 0.97


def test_the_committed_report_is_of_these_cases_and_these_rules(report: MaskingReport) -> None:
    committed = json.loads((RESULTS / "masking.json").read_text("utf-8"))
    assert committed == {
        "case_file": CASES.name,
        "case_file_sha256": sha256(CASES),
        **report.to_json(),
    }


def test_the_first_run_is_kept_and_was_on_the_same_cases() -> None:
    first = json.loads((RESULTS / "masking_first_run.json").read_text("utf-8"))
    assert first["case_file_sha256"] == sha256(CASES)
    assert first["overall"]["recall"] == 0.8794


def test_a_hand_counted_example_gives_the_hand_counted_figures(tmp_path: Path) -> None:
    # Gold: two telephones, one name. The mask finds one telephone (the other has ten digits),
    # the name, and no more: 2 found, 2 right, of 3; the missed one leaks its 10 characters.
    path = tmp_path / "cases.jsonl"
    path.write_text(
        '{"id": "a", "text": "我叫秦海燕，电话13500112233", "spans": ['
        '{"start": 2, "end": 5, "type": "NAME"}, {"start": 8, "end": 19, "type": "PHONE"}]}\n'
        '{"id": "b", "text": "号码1350011223", "spans": ['
        '{"start": 2, "end": 12, "type": "PHONE"}]}\n',
        "utf-8",
    )
    report = score_masking(read_cases(path))
    assert report.overall.precision == 1.0
    assert report.overall.recall == pytest.approx(2 / 3)
    assert report.by_type["PHONE"].recall == 0.5
    assert report.by_type["PHONE"].leaked == 10
    assert [error.case.id for error in report.errors] == ["b"]


@pytest.mark.parametrize("line", ["{", '{"id": 1}', '{"id": "1", "text": "x", "spans": 3}', "[]"])
def test_a_case_file_that_is_none_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(line + "\n", "utf-8")
    with pytest.raises(UnusableFile, match="第 1 行"):
        read_cases(path)


def test_a_missing_case_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="无法读取"):
        read_cases(tmp_path / "none.jsonl")
