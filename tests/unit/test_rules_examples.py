"""Every shipped rule proves itself on the sentences that it shows."""

from __future__ import annotations

import re

import pytest

from triage.steps.rule_file import Rule
from triage.steps.rules import rule_book, sign_book

RULES = (*rule_book().rules, *sign_book().rules)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_hits_what_it_says_and_misses_what_it_says(rule: Rule) -> None:
    book = rule_book() if rule.confirm is None else sign_book()
    wrong = [
        sentence
        for expected, sentences in ((True, rule.hit), (False, rule.miss))
        for sentence in sentences
        if (rule.id in {match.rule.id for match in book.scan(sentence)}) is not expected
    ]
    assert wrong == []


def test_there_are_more_than_150_example_sentences() -> None:
    assert sum(len(rule.hit) + len(rule.miss) for rule in RULES) >= 150


def test_every_emergency_has_a_number_and_is_urgent() -> None:
    handing_over = [rule for rule in RULES if rule.decision == "EMERGENCY_HANDOFF"]
    assert {rule.transfer_to for rule in handing_over} == {"110", "119", "120", "122"}
    assert {rule.urgency for rule in handing_over} == {0}


def test_every_statutory_route_has_a_rule() -> None:
    assert {rule.route for rule in RULES if rule.route} == {
        "LITIGATION",
        "ARBITRATION",
        "RECONSIDERATION",
        "PETITION",
        "DISCIPLINE",
    }


def test_reasons_are_chinese_sentences_for_the_agent() -> None:
    assert [rule.id for rule in RULES if not re.search("[一-鿿]{4}", rule.reason)] == []


def test_the_version_names_a_date_and_a_hash() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-[0-9a-f]{8}", rule_book().version)
