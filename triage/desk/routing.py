"""Routing rules at the desk: made, ended, and followed when a request comes in.

Every change is an event of the ledger (kind `rule`); the table holds what they come to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast

from sqlalchemy import Connection

from triage.desk.actor import Actor, NotAllowed
from triage.request import Json
from triage.store.ledger import append
from triage.store.routing_rules import (
    end_rule,
    find_rule,
    insert_rules,
    rules_for,
    rules_in_force,
)
from triage.text.mask import mask
from triage.workorder.events import Event, Kind
from triage.workorder.numbers import new_rule_id
from triage.workorder.routing_rules import (
    Facts,
    RoutingRule,
    Scope,
    Verdict,
    allowed_support,
    conflicting,
    match,
)
from triage.workorder.rule_check import Codes, RuleRefused, check_rule
from triage.workorder.working_calendar import shanghai_day

BEFORE = "lead_before_rule"
"""The unit that would lead without the rule, in the body of a `suggest` event."""


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """A rule to be made; `order_id` is the order whose ruling it comes from, or ""."""

    unit: str
    scope: Scope
    expires_on: date
    basis: str
    support: tuple[str, ...] = ()
    order_id: str = ""
    publisher: str = ""
    pack_rule: str = ""


def add_rule(
    connection: Connection, draft: RuleDraft, codes: Codes, *, now: datetime, actor: Actor
) -> tuple[RoutingRule, tuple[RoutingRule, ...]]:
    """Make a rule within the caller's transaction; return it, and the rules it contradicts.

    Raises
    ------
    RuleRefused, NotAllowed
    """
    check_region(draft.scope, actor)
    today = shanghai_day(now)
    rule = RoutingRule(
        id=new_rule_id(now),
        unit=draft.unit,
        scope=draft.scope,
        expires_on=draft.expires_on,
        made_at=now,
        made_by=actor.id,
        support=draft.support,
        basis=mask(draft.basis).text,
        order_id=draft.order_id,
        publisher=draft.publisher,
        pack_rule=draft.pack_rule,
    )
    check_rule(rule, codes, today=today)
    against = conflicting(rule, rules_in_force(connection, today), on=today)
    insert_rules(connection, [rule])
    body: dict[str, Json] = {"action": "add", "rule": rule_json(rule)}
    append(connection, [Event("", Kind.RULE, now, actor.id, body)])
    return rule, against


def expire_rule(
    connection: Connection, rule_id: str, *, now: datetime, actor: Actor
) -> RoutingRule:
    """End a rule now, within the caller's transaction; it stays on record.

    Raises
    ------
    UnknownRule, NotAllowed
    RuleRefused
        It has ended already.
    """
    rule = find_rule(connection, rule_id)
    check_region(rule.scope, actor)
    if not rule.applies_on(shanghai_day(now)):
        raise RuleRefused(f"规则 {rule_id} 已经失效，不必再终止", field="id")
    end_rule(connection, rule_id, at=now, by=actor.id)
    body: dict[str, Json] = {"action": "expire", "rule": rule_id}
    append(connection, [Event("", Kind.RULE, now, actor.id, body)])
    return replace(rule, ended_at=now, ended_by=actor.id)


def check_region(scope: Scope, actor: Actor) -> None:
    """Check that a rule's scope lies in the caller's part of the city.

    Raises
    ------
    NotAllowed
    """
    if actor.regions and scope.region not in actor.regions:
        raise NotAllowed("只能为自己所辖的区域制定或终止规则：请在 scope.region 写明区域代码")


def follow_rules(
    connection: Connection,
    codes: Codes,
    suggested: dict[str, Json],
    said: Mapping[str, Json],
    text: str,
    *,
    now: datetime,
) -> dict[str, Json]:
    """Return a suggestion as the rules in force change it, with which rule and why.

    `said` is the prediction as it goes into the ledger, `text` the masked title and text.
    """
    facts = facts_of(suggested, said, text)
    today = shanghai_day(now)
    verdict = match(rules_for(connection, facts.topic, today), facts, codes.kinds, on=today)
    return suggested | ruled(verdict, suggested, facts, codes)


def facts_of(suggested: Mapping[str, Json], said: Mapping[str, Json], text: str) -> Facts:
    """Return what rules ask of an order, from the bodies of its events."""
    duty = cast(Mapping[str, Json], said.get("duty") or {})
    elements = cast(Mapping[str, Json], said.get("elements") or {})
    return Facts(
        topic=str(suggested.get("topic") or ""),
        region=str(suggested.get("region") or ""),
        text=text,
        object=str(elements.get("object") or ""),
        power=str(suggested.get("power") or ""),
        excluded=frozenset(cast(list[str], duty.get("excluded") or [])),
        accused=frozenset(cast(list[str], suggested.get("accused") or [])),
    )


def ruled(
    verdict: Verdict, suggested: Mapping[str, Json], facts: Facts, codes: Codes
) -> dict[str, Json]:
    """Return the fields of a suggestion that a verdict changes or adds; {} for none."""
    changed: dict[str, Json] = {}
    if verdict.barred:
        changed["rules_barred"] = [
            {"rule": one.rule.id, "reason": one.why} for one in verdict.barred
        ]
    rule = verdict.rule
    if rule is None:
        return changed
    support = list(allowed_support(rule, facts, codes.kinds)) or [
        unit for unit in cast(list[str], suggested.get("support") or []) if unit != rule.unit
    ]
    return changed | {
        "lead": rule.unit,
        "support": cast(Json, support),
        BEFORE: suggested.get("lead") or "",
        "rules": [rule.id],
        "rule_conflicts": [one.id for one in verdict.conflicts],
        "reason": f"裁定规则 {rule.id}：{rule.basis}",
    }


def rule_json(rule: RoutingRule) -> dict[str, Json]:
    """Return a rule as JSON."""
    return {
        "id": rule.id,
        "unit": rule.unit,
        "support": list(rule.support),
        "scope": {
            "topic": rule.scope.topic,
            "region": rule.scope.region,
            "keywords": list(rule.scope.keywords),
        },
        "basis": rule.basis,
        "expires_on": rule.expires_on.isoformat(),
        "made_at": rule.made_at.isoformat(),
        "made_by": rule.made_by,
        "order_id": rule.order_id,
        "publisher": rule.publisher,
        "pack_rule": rule.pack_rule,
        "ended_at": rule.ended_at.isoformat() if rule.ended_at else None,
        "ended_by": rule.ended_by,
    }
