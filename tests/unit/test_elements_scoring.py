"""Overlap credit of the element score, by hand."""

from pathlib import Path

import pytest

from evaluation.elements import MarkedRequest, count_matches, overlap, read_marked, score_elements
from triage.catalogue import Catalogue
from triage.errors import UnusableFile
from triage.text.elements import ElementExtractor, ElementSpan


def span(start: int, end: int) -> ElementSpan:
    return ElementSpan("object", start, end)


def test_overlap_is_intersection_over_union() -> None:
    assert overlap(span(0, 4), span(2, 4)) == 0.5  # 2 shared of 4
    assert overlap(span(0, 2), span(2, 4)) == 0.0
    assert overlap(span(0, 2), span(4, 6)) == 0.0


def test_a_span_is_matched_once() -> None:
    assert count_matches([span(0, 4)], [span(0, 4), span(0, 3)]) == 1


def test_less_than_half_is_no_match() -> None:
    assert count_matches([span(0, 5)], [span(0, 2)]) == 0


def test_figures_of_two_requests_by_hand() -> None:
    extractor = ElementExtractor(Catalogue.load().place_names())
    requests = [
        MarkedRequest("a", "路灯坏了", (span(0, 2),)),
        MarkedRequest("b", "电梯停了", (span(0, 2), ElementSpan("time", 2, 4))),
    ]
    report = score_elements(extractor, requests).to_json()
    by_type = report["by_type"]
    assert isinstance(by_type, dict)
    # Both objects are found exactly; the time that is marked is not.
    assert by_type["object"] == {
        "n": 2,
        "found": 2,
        "right": 2,
        "precision": 1.0,
        "recall": 1.0,
        "f1": 1.0,
        "exact_f1": 1.0,
        "character_precision": 1.0,
        "character_recall": 1.0,
        "character_f1": 1.0,
    }
    assert report["missing_accuracy"] == {"place": 1.0, "time": 0.5, "object": 1.0, "demand": 1.0}
    assert report["missing_all_right"] == 0.5


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "{",
        '{"id": "a", "text": "路灯"}',
        '{"id": "a", "text": "路灯", "elements": [{"type": "x", "start": 0, "end": 1}]}',
        '{"id": "a", "text": "路灯", "elements": [{"type": "time", "start": 0, "end": 9}]}',
    ],
)
def test_a_line_that_is_no_marked_request_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(line + "\n", "utf-8")
    with pytest.raises(UnusableFile, match="第 1 行"):
        read_marked(path)


def test_a_file_that_is_missing_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="无法读取"):
        read_marked(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("", "utf-8")
    with pytest.raises(UnusableFile, match="没有用例"):
        read_marked(tmp_path / "empty.jsonl")
