"""Conditions of the dispatch catalogue: the notation, and when one holds in a text."""

from __future__ import annotations

import pytest

from triage.catalogue.condition import expand, parse_groups
from triage.steps.conditions import ConditionFinder
from triage.steps.rule_terms import FoldedText

OBJECTS = {"FAN": ("风机", "空调外机"), "LOUD": ("噪", "吵")}


def holds(when: str, text: str, *, unless: str = "", window: int = 30) -> list[str] | None:
    """Return the words that made the condition hold, None where it does not."""
    barred = [word for group in parse_groups(unless, OBJECTS) for word in group]
    finder = ConditionFinder([(parse_groups(when, OBJECTS), barred)], window=window)
    folded = FoldedText(text)
    spans = finder.holds(finder.conditions[0], finder.find(folded))
    return None if spans is None else [folded.text[start:end] for start, end in spans]


def test_objects_and_choices_are_written_out() -> None:
    groups = parse_groups("@FAN|小区{内,里} & @LOUD", OBJECTS)
    assert groups == (("风机", "空调外机", "小区内", "小区里"), ("噪", "吵"))
    assert parse_groups("", OBJECTS) == ()


@pytest.mark.parametrize("cell", ["@NONE", "a||b", "a & ", "小区{内", "x}", "{a}{b"])
def test_broken_notation_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r"对象|空词|花括号"):
        parse_groups(cell, OBJECTS)


def test_a_word_without_choices_is_itself() -> None:
    assert expand("井盖") == ["井盖"]


def test_every_group_must_be_found() -> None:
    assert holds("@FAN & @LOUD", "楼顶风机吵得很") == ["风机", "吵"]
    assert holds("@FAN & @LOUD", "楼顶风机坏了") is None


def test_the_words_must_stand_close_to_each_other() -> None:
    far = "风机" + "。" * 40 + "吵"
    assert holds("@FAN & @LOUD", far) is None
    assert holds("@FAN & @LOUD", far, window=60) == ["风机", "吵"]


def test_a_later_pair_counts_where_the_first_is_too_far() -> None:
    assert holds("@FAN & @LOUD", "风机" + "。" * 40 + "吵，就是那个风机") == ["吵", "风机"]


def test_a_barred_word_anywhere_keeps_the_condition_from_holding() -> None:
    assert holds("@FAN", "风机响", unless="工地") == ["风机"]
    assert holds("@FAN", "风机响" + "。" * 50 + "工地", unless="工地") is None


@pytest.mark.parametrize("text", ["不是快递，是货运部", "人行道上倒是没得", "小区里头是好的"])
def test_what_a_text_denies_does_not_count(text: str) -> None:
    assert holds("快递|人行道|小区", text) is None


@pytest.mark.parametrize("text", ["是不是快递丢了", "不是我的，快递丢了", "没有人管人行道"])
def test_a_question_or_another_clause_is_no_denial(text: str) -> None:
    assert holds("快递|人行道", text) is not None


def test_width_case_and_traditional_forms_are_folded() -> None:
    assert holds("KTV & @LOUD", "ＫＴＶ很吵") == ["ktv", "吵"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("风机不是很吵", None),
        ("不是别的，风机吵得很", ["风机", "吵"]),
        ("风机倒没得，吵的是音响", None),
        ("没有人管 风机吵", ["风机", "吵"]),
    ],
)
def test_what_is_denied_reaches_to_the_end_of_its_clause(text: str, found: list[str]) -> None:
    assert holds("@FAN & @LOUD", text) == found
