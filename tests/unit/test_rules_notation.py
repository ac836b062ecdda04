"""The notation of term lists in the rule files."""

from __future__ import annotations

import pytest

from triage.errors import CatalogueError
from triage.steps.rule_notation import Notation, choices

NOTATION = Notation(
    {"lift": ["电梯", "轿厢"], "stuck": ["困{在,住}", "@lift"], "call": ["/1{2}0/"]}
)


def test_a_choice_gives_every_combination() -> None:
    assert choices("{被,遭}困{在,住}") == ["被困在", "被困住", "遭困在", "遭困住"]


def test_a_term_without_a_choice_is_itself_in_lower_case() -> None:
    assert choices("KTV") == ["ktv"]


def test_a_named_list_is_expanded_inside_another() -> None:
    assert NOTATION.literals(["@stuck", "坠落"]) == ("困在", "困住", "电梯", "轿厢", "坠落")


def test_a_term_counts_once() -> None:
    assert NOTATION.literals(["电梯", "@lift"]) == ("电梯", "轿厢")


def test_a_pattern_prefers_the_longest_term() -> None:
    pattern = NOTATION.pattern(["着火", "着火了"])
    assert pattern is not None
    found = pattern.search("厨房着火了")
    assert found is not None
    assert found.group() == "着火了"


def test_a_pattern_takes_terms_and_regular_expressions() -> None:
    pattern = NOTATION.pattern(["救命", "@call"])
    assert pattern is not None
    assert pattern.search("打110") is not None
    assert pattern.search("打10") is None


def test_no_terms_are_no_pattern() -> None:
    assert NOTATION.pattern([]) is None


def test_a_trigger_is_never_a_regular_expression() -> None:
    with pytest.raises(CatalogueError, match="只能是文字"):
        NOTATION.literals(["@call"])


def test_an_unknown_list_is_named() -> None:
    with pytest.raises(CatalogueError, match="@lfit"):
        NOTATION.pattern(["@lfit"])


def test_a_broken_regular_expression_is_shown() -> None:
    with pytest.raises(CatalogueError, match="正则写错了"):
        NOTATION.pattern(["/电梯(/"])


def test_an_empty_trigger_is_refused() -> None:
    with pytest.raises(CatalogueError, match="空词"):
        NOTATION.literals([""])
