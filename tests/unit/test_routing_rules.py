from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from triage.workorder.routing_rules import (
    Facts,
    RoutingRule,
    Scope,
    allowed_support,
    conflicting,
    match,
    obstacle,
)
from triage.workorder.rule_check import Codes, RuleRefused, check_rule

MADE = datetime(2026, 3, 2, tzinfo=UTC)
TODAY = date(2026, 3, 10)
KINDS = {"U1": "department", "U2": "department", "U3": "department", "TOWN": "township"}
FACTS = Facts("SR03", "500103", "楼下烧烤店油烟太大", "油烟")
CODES = Codes(KINDS, frozenset({"SR03", "HJ01"}), frozenset({"500103"}))


def rule(name: str = "R1", unit: str = "U1", topic: str = "SR03", **more: object) -> RoutingRule:
    scope = Scope(topic, str(more.pop("region", "")), more.pop("keywords", ()))  # type: ignore[arg-type]
    made = RoutingRule(name, unit, scope, date(2026, 12, 31), MADE, "boss", basis="会商纪要")
    return replace(made, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scope", "covers"),
    [
        (Scope("SR03"), True),
        (Scope("SR*"), True),
        (Scope("SR04"), False),
        (Scope("HJ*"), False),
        (Scope("SR"), False),
        (Scope(region="500103"), True),
        (Scope(region="500106"), False),
        (Scope(keywords=("油烟",)), True),
        (Scope(keywords=("噪声|烧烤",)), True),
        (Scope(keywords=("油烟", "学校")), False),
        (Scope("SR03", "500103", ("油烟", "烧烤")), True),
    ],
)
def test_a_scope_covers_what_all_its_parts_say(scope: Scope, covers: bool) -> None:
    assert scope.covers(FACTS) is covers


def test_keywords_are_found_in_the_object_too() -> None:
    assert Scope(keywords=("井盖",)).covers(Facts("SR03", "", "路上危险", "井盖"))


def test_a_word_is_not_found_across_text_and_object() -> None:
    assert not Scope(keywords=("大油",)).covers(FACTS)


def test_a_prefix_says_nothing_of_an_order_without_a_topic() -> None:
    assert not Scope("*").covers(replace(FACTS, topic=""))


def test_the_most_specific_rule_wins_and_then_the_newest() -> None:
    broad = rule("R1", "U1", made_at=MADE + timedelta(days=9))
    narrow = rule("R2", "U2", region="500103")
    newer = rule("R3", "U3", region="500103", made_at=MADE + timedelta(days=1))
    assert match([broad, narrow], FACTS, KINDS, on=TODAY).rule == narrow
    assert match([newer, broad, narrow], FACTS, KINDS, on=TODAY).rule == newer


def test_equals_that_say_another_unit_are_reported_and_equals_that_agree_are_not() -> None:
    old, new = rule("R1", "U1"), rule("R2", "U2", made_at=MADE + timedelta(days=1))
    agrees = rule("R3", "U2")
    verdict = match([old, new, agrees], FACTS, KINDS, on=TODAY)
    assert (verdict.rule, verdict.conflicts) == (new, (old,))


def test_a_whole_topic_is_narrower_than_a_prefix() -> None:
    prefix = rule("R1", "U1", "SR*", made_at=MADE + timedelta(days=1))
    whole = rule("R2", "U2", "SR03")
    verdict = match([prefix, whole], FACTS, KINDS, on=TODAY)
    assert (verdict.rule, verdict.conflicts) == (whole, ())


@pytest.mark.parametrize(
    ("one", "applies"),
    [
        (rule(expires_on=TODAY), True),
        (rule(expires_on=TODAY - timedelta(days=1)), False),
        (rule(ended_at=MADE), False),
    ],
)
def test_an_expired_or_ended_rule_never_applies(one: RoutingRule, applies: bool) -> None:
    assert (match([one], FACTS, KINDS, on=TODAY).rule is not None) is applies


@pytest.mark.parametrize(
    ("unit", "facts", "why"),
    [
        ("U1", replace(FACTS, excluded=frozenset({"U1"})), "排除"),
        ("U1", replace(FACTS, accused=frozenset({"U1"})), "举报"),
        ("U1", replace(FACTS, accused=frozenset({"U2"})), "举报"),
        ("TOWN", replace(FACTS, power="ENFORCEMENT"), "镇街"),
        ("TOWN", replace(FACTS, power="LICENSING"), "镇街"),
        ("GONE", FACTS, "代码表"),
    ],
)
def test_a_rule_never_sends_where_it_may_not(unit: str, facts: Facts, why: str) -> None:
    barred, other = rule("R1", unit, region="500103"), rule("R2", "U3")
    verdict = match([barred, other], facts, KINDS, on=TODAY)
    assert verdict.barred[0].rule == barred
    assert why in verdict.barred[0].why
    assert verdict.rule == (None if facts.accused else other)


def test_a_township_may_be_sent_what_needs_no_power() -> None:
    assert obstacle("TOWN", FACTS, KINDS) == ""


def test_support_leaves_out_the_accused_the_unknown_and_the_lead() -> None:
    one = rule(support=("U1", "U2", "GONE", "TOWN", "U3"))
    facts = replace(FACTS, accused=frozenset({"U3"}), power="ENFORCEMENT")
    assert allowed_support(one, facts, KINDS) == ("U2", "TOWN")


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (rule("R2", "U2"), True),
        (rule("R2", "U1"), False),  # the same unit
        (rule("R2", "U2", "HJ01"), False),  # another topic
        (rule("R2", "U2", region="500103"), False),  # narrower: it is clear which one wins
        (rule("R2", "U2", expires_on=date(2026, 3, 9)), False),
        (rule("R2", "U2", ended_at=MADE), False),
        (rule("R1", "U2"), False),  # itself
    ],
)
def test_a_new_rule_is_compared_with_equals_in_force(other: RoutingRule, found: bool) -> None:
    assert (conflicting(rule(), [other], on=TODAY) != ()) is found


def test_rules_of_different_regions_do_not_meet() -> None:
    here, there = rule(region="500103"), rule("R2", "U2", region="500106")
    assert conflicting(here, [there], on=TODAY) == ()


def test_a_sound_rule_is_accepted() -> None:
    check_rule(rule(region="500103", keywords=("油烟|烟味",)), CODES, today=TODAY)


@pytest.mark.parametrize(
    ("one", "field"),
    [
        (rule(unit="NOPE"), "unit"),
        (rule(support=("NOPE",)), "support"),
        (rule(basis=" "), "basis"),
        (rule(topic=""), "scope"),
        (rule(topic="*"), "scope"),
        (rule(topic="XX01"), "scope.topic"),
        (rule(topic="XX*"), "scope.topic"),
        (rule(region="999999"), "scope.region"),
        (rule(keywords=tuple("一二三四五六七八九十百")), "scope.keywords"),
        (rule(keywords=("油烟|",)), "scope.keywords"),
        (rule(keywords=("油" * 65,)), "scope.keywords"),
        (rule(keywords=("13800000000",)), "scope.keywords"),
        (rule(expires_on=TODAY - timedelta(days=1)), "expires_on"),
        (rule(expires_on=date(2030, 1, 1)), "expires_on"),
    ],
)
def test_a_rule_that_may_not_stand_is_refused_by_field(one: RoutingRule, field: str) -> None:
    with pytest.raises(RuleRefused) as refusal:
        check_rule(one, CODES, today=TODAY)
    assert refusal.value.field == field
