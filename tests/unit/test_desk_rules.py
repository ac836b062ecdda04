from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from triage.desk.actor import Actor, NotAllowed
from triage.desk.routing import RuleDraft, add_rule, expire_rule
from triage.request import Area, DutyClause, Place
from triage.store.ledger import events_of
from triage.store.routing_rules import (
    UnknownRule,
    all_rules,
    find_rule,
    rules_for,
    rules_in_force,
)
from triage.store.tables import ledger
from triage.store.verify import verify
from triage.workorder.events import Event, Kind
from triage.workorder.routing_rules import RoutingRule, Scope
from triage.workorder.rule_check import RuleRefused

if TYPE_CHECKING:
    from desks import Desk

BOSS = Actor("boss", frozenset({"supervisor"}))
LAST = date(2026, 12, 31)
YUZHONG = Area("settled", "2026-03-02", (Place("500103", "渝中区"),))
CLAUSE = DutyClause(
    code="D1",
    clause="油烟执法",
    basis="法",
    status="verified",
    effective_from=None,
    effective_to=None,
    level="DISTRICT",
    power=None,
    holder=None,
    holder_name=None,
    lead="URBAN_MGMT",
    support=(),
    excluded=("MARKET",),
    is_default=False,
    decided=False,
    note="",
)


def made(desk: Desk, unit: str = "ECOLOGY", **more: object) -> RoutingRule:
    facts: dict[str, object] = {"scope": Scope("SR03"), "expires_on": LAST, "basis": "会商纪要"}
    draft = RuleDraft(unit, **facts | more)  # type: ignore[arg-type]
    with desk.office.database.write() as connection:
        rule, _ = add_rule(connection, draft, desk.office.codes, now=desk.now, actor=BOSS)
    return rule


def suggested(desk: Desk, order_id: str) -> Event:
    with desk.office.database.read() as connection:
        entries = events_of(connection, order_id)
    return next(one.event for one in entries if one.event.kind is Kind.SUGGEST)


def test_a_rule_moves_the_suggestion_and_says_which_and_why(desk: Desk) -> None:
    rule = made(desk, support=("MARKET",))
    order = desk.taken()
    assert (order.lead, order.support) == ("ECOLOGY", ("MARKET",))
    body = suggested(desk, order.id).body
    assert body["rules"] == [rule.id]
    assert body["reason"] == f"裁定规则 {rule.id}：会商纪要"
    assert body["lead_before_rule"] == "URBAN_MGMT"
    assert list(verify(desk.office.database)) == []


def test_without_support_of_its_own_the_suggested_remains_but_for_the_new_lead(desk: Desk) -> None:
    made(desk)  # the prediction suggests ECOLOGY to support
    assert desk.taken().support == ()


def test_without_a_rule_the_suggestion_says_nothing_of_rules(desk: Desk) -> None:
    made(desk, scope=Scope("HJ01"))
    body = suggested(desk, desk.taken().id).body
    assert [name for name in body if "rule" in name or name == "reason"] == []


def test_a_rule_of_a_region_waits_until_the_region_is_known(desk: Desk) -> None:
    assert desk.said is not None
    desk.said = replace(desk.said, area=None)
    made(desk, scope=Scope("SR03", "500103"))
    assert desk.taken().lead == "URBAN_MGMT"
    desk.said = replace(desk.said, area=YUZHONG)  # type: ignore[type-var]
    assert desk.taken().lead == "ECOLOGY"


def test_keywords_look_at_the_masked_text_and_the_object(desk: Desk) -> None:
    made(desk, scope=Scope(keywords=("烧烤",)))
    made(desk, "MARKET", scope=Scope(keywords=("油烟", "夜市")))
    assert desk.taken().lead == "ECOLOGY"
    assert desk.taken("夜市烧烤扰民").lead == "MARKET"


def test_an_expired_or_ended_rule_is_not_followed(desk: Desk) -> None:
    rule = made(desk, expires_on=date(2026, 3, 3))
    desk.wait(days=1)
    assert desk.taken().lead == "ECOLOGY"  # its last day
    desk.wait(days=1)
    assert desk.taken().lead == "URBAN_MGMT"
    second = made(desk)
    with desk.office.database.write() as connection:
        ended = expire_rule(connection, second.id, now=desk.now, actor=BOSS)
    assert desk.taken().lead == "URBAN_MGMT"
    assert (ended.ended_by, ended.ended_at) == ("boss", desk.now)
    with desk.office.database.read() as connection:
        assert rules_in_force(connection, date(2026, 3, 4)) == []
        assert {one.id for one in all_rules(connection)} == {rule.id, second.id}


def test_a_rule_does_not_send_to_a_unit_that_the_catalogue_excludes(desk: Desk) -> None:
    rule = made(desk, "MARKET")
    desk.said = replace(desk.said, duty=CLAUSE)  # type: ignore[type-var]
    order = desk.taken()
    assert order.lead == "URBAN_MGMT"
    barred = suggested(desk, order.id).body["rules_barred"]
    assert barred == [{"rule": rule.id, "reason": "派单目录排除 MARKET 牵头"}]


def test_a_report_that_accuses_follows_no_rule(desk: Desk) -> None:
    made(desk)
    desk.said = replace(desk.said, accused=("POLICE",))  # type: ignore[type-var]
    assert desk.taken().lead == "URBAN_MGMT"


def test_equal_rules_follow_the_newest_and_the_suggestion_names_the_other(desk: Desk) -> None:
    old = made(desk)
    desk.wait(hours=1)
    draft = RuleDraft("MARKET", Scope("SR03"), LAST, "新的纪要")
    with desk.office.database.write() as connection:
        new, against = add_rule(connection, draft, desk.office.codes, now=desk.now, actor=BOSS)
    assert against == (old,)
    order = desk.taken()
    assert order.lead == "MARKET"
    assert suggested(desk, order.id).body["rule_conflicts"] == [old.id]
    assert new.id != old.id


def test_rules_are_found_by_topic_prefix_and_by_none(desk: Desk) -> None:
    rules = [
        made(desk, scope=scope)
        for scope in (Scope("SR03"), Scope("SR*"), Scope(region="500103"), Scope("HJ*"))
    ]
    with desk.office.database.read() as connection:
        found = {one.id for one in rules_for(connection, "SR03", date(2026, 3, 2))}
        unknown = {one.id for one in rules_for(connection, "", date(2026, 3, 2))}
    assert found == {one.id for one in rules[:3]}
    assert unknown == {rules[2].id}


def test_every_change_of_a_rule_is_in_the_ledger(desk: Desk) -> None:
    rule = made(desk)
    with desk.office.database.write() as connection:
        expire_rule(connection, rule.id, now=desk.now, actor=BOSS)
    with desk.office.database.read() as connection:
        rows = connection.execute(select(ledger).where(ledger.c.kind == "rule")).all()
        assert find_rule(connection, rule.id).scope == rule.scope
    bodies = [json.loads(row.body) for row in rows]
    assert [(body["action"], row.actor) for body, row in zip(bodies, rows, strict=True)] == [
        ("add", "boss"),
        ("expire", "boss"),
    ]
    assert bodies[0]["rule"]["scope"]["topic"] == "SR03"


def test_a_rule_is_ended_once_and_an_unknown_one_never(desk: Desk) -> None:
    rule = made(desk)
    with desk.office.database.write() as connection:
        expire_rule(connection, rule.id, now=desk.now, actor=BOSS)
        with pytest.raises(RuleRefused, match="已经失效"):
            expire_rule(connection, rule.id, now=desk.now, actor=BOSS)
        with pytest.raises(UnknownRule, match="R0"):
            expire_rule(connection, "R0", now=desk.now, actor=BOSS)


def test_a_refused_rule_leaves_nothing(desk: Desk) -> None:
    with pytest.raises(RuleRefused, match="有效期"):
        made(desk, expires_on=date(2026, 3, 2) - timedelta(days=1))
    with desk.office.database.read() as connection:
        assert all_rules(connection) == []


def test_a_district_makes_and_ends_rules_for_itself_only(desk: Desk) -> None:
    local = Actor("l", frozenset({"supervisor"}), regions=frozenset({"500106"}))
    own, citywide = Scope("SR03", "500106"), made(desk)
    with desk.office.database.write() as connection:
        for scope in (Scope("SR03"), Scope("SR03", "500103")):
            with pytest.raises(NotAllowed):
                add_rule(
                    connection,
                    RuleDraft("ECOLOGY", scope, LAST, "纪要"),
                    desk.office.codes,
                    now=desk.now,
                    actor=local,
                )
        with pytest.raises(NotAllowed):
            expire_rule(connection, citywide.id, now=desk.now, actor=local)
        draft = RuleDraft("ECOLOGY", own, LAST, "纪要")
        rule, _ = add_rule(connection, draft, desk.office.codes, now=desk.now, actor=local)
    assert rule.made_by == "l"
