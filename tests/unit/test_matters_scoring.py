"""Scoring second matters: presence, right topics in either order, false splits, spans."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.matters import Split, span_overlap, tally
from evaluation.matters_cases import read_cases
from triage.errors import UnusableFile

CASES = Path(__file__).parents[1] / "data" / "matters_cases.jsonl"


def test_figures_by_hand() -> None:
    splits = [
        Split(0.9, ("A", "B"), ("A", "B")),  # found, right
        Split(0.8, ("B", "A"), ("A", "B")),  # found, right in the other order
        Split(0.7, ("A", "C"), ("A", "B")),  # found, wrong topic
        Split(0.1, ("A", "B"), ("A", "B")),  # missed
        Split(0.6, ("A", "B"), ("A",)),  # false split
        Split(0.0, ("A",), ("A",)),
        Split(0.0, ("A",), ("A",)),
        Split(0.0, ("A",), ("A",)),
    ]
    figures = tally(splits, 0.5)
    assert (figures["n"], figures["second"], figures["split"]) == (8, 4, 4)
    assert figures["presence_precision"] == 0.75  # 3 of 4
    assert figures["presence_f1"] == 0.75
    assert figures["right_f1"] == 0.5  # 2 * 2 / (4 + 4)
    assert figures["false_split"] == 0.25  # 1 of 4
    assert figures["second_named_f1"] == 0.5


def test_nothing_split_has_no_precision() -> None:
    figures = tally([Split(0.0, ("A",), ("A",))], 0.5)
    assert figures["presence_precision"] is None
    assert figures["presence_f1"] is None
    assert figures["false_split"] == 0.0


def test_spans_are_paired_for_the_best_overlap() -> None:
    marked = [[(0, 10)], [(10, 20)]]
    assert span_overlap(marked, [[(10, 20)], [(0, 10)]]) == 1.0
    # 5 of 10 and 10 of 15 characters
    assert span_overlap(marked, [[(0, 5)], [(5, 20)]]) == pytest.approx((0.5 + 10 / 15) / 2)
    assert span_overlap(marked, [[(0, 10)]]) == 0.5  # the other has no partner


def test_the_written_cases_are_sixty_of_several_and_sixty_of_one() -> None:
    cases = read_cases(CASES)
    assert [len(case.topics) > 1 for case in cases].count(True) == 60
    assert len(cases) == 120


def test_a_line_that_is_no_case_is_named(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text('{"id": "1", "text": "短", "matters": [{"topic": "A", "spans": [[0, 9]]}]}')
    with pytest.raises(UnusableFile, match="第 1 行"):
        read_cases(path)
