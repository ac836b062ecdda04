"""一地创新、全市共享: a pack of another district compared with the rules in force, and adopted.

Nothing of one's own is ended by it but an earlier version of the same rule of the same publisher.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from triage.desk.actor import Actor
from triage.desk.pack_file import Pack, PackRefused
from triage.desk.routing import RuleDraft, add_rule, expire_rule
from triage.request import Json
from triage.store.ledger import append
from triage.store.precedents import has_pack, share
from triage.store.routing_rules import rules_in_force
from triage.text.mask import mask
from triage.workorder.events import Event, Kind
from triage.workorder.routing_rules import RoutingRule
from triage.workorder.rule_check import Codes, RuleRefused, check_rule
from triage.workorder.working_calendar import shanghai_day


@dataclass(frozen=True, slots=True)
class PackDiff:
    """A pack beside the rules in force: new ones, other words for a known one, and so on.

    `gone` are rules adopted from the publisher before that it no longer publishes: they stay until
    somebody ends them. `refused` may not stand here, with the reason (Chinese).
    """

    added: tuple[RoutingRule, ...] = ()
    changed: tuple[tuple[RoutingRule, RoutingRule], ...] = ()
    same: tuple[RoutingRule, ...] = ()
    gone: tuple[RoutingRule, ...] = ()
    refused: tuple[tuple[RoutingRule, str], ...] = ()


def placed(pack: Pack, region: str) -> Pack:
    """Return the pack with its rules for a region of one's own, in place of the publisher's."""
    if not region:
        return pack
    rules = tuple(replace(r, scope=replace(r.scope, region=region)) for r in pack.rules)
    return replace(pack, rules=rules)


def compare(pack: Pack, own: Sequence[RoutingRule], codes: Codes, *, today: date) -> PackDiff:
    """Return what a pack would change in the rules in force."""
    before = {rule.pack_rule: rule for rule in own if rule.publisher == pack.publisher}
    added, changed, same, refused = [], [], [], []
    for rule in pack.rules:
        known = before.pop(rule.id, None) or _twin(rule, own)
        try:
            check_rule(rule, codes, today=today)
        except RuleRefused as error:
            refused.append((rule, error.message))
            continue
        if known is None:
            added.append(rule)
        elif _content(known) == _content(rule):
            same.append(rule)
        else:
            changed.append((known, rule))
    return PackDiff(
        tuple(added), tuple(changed), tuple(same), tuple(before.values()), tuple(refused)
    )


def after(own: Iterable[RoutingRule], diff: PackDiff) -> list[RoutingRule]:
    """Return the rules as they would be in force with the pack."""
    replaced = {old.id for old, _ in diff.changed}
    kept = [rule for rule in own if rule.id not in replaced]
    return [*kept, *diff.added, *(new for _, new in diff.changed)]


def adopt(
    connection: Connection, pack: Pack, codes: Codes, *, now: datetime, actor: Actor
) -> PackDiff:
    """Take a pack over within the caller's transaction; return what it changed.

    Raises
    ------
    PackRefused
        Adopted already, and nothing would change.
    NotAllowed
    """
    today = shanghai_day(now)
    diff = compare(pack, rules_in_force(connection, today), codes, today=today)
    has_precedents = not pack.precedents or has_pack(connection, pack.digest)
    if has_precedents and not diff.added and not diff.changed:
        raise PackRefused("这个规则包已全部采纳，没有新内容")
    for old, _ in diff.changed:
        expire_rule(connection, old.id, now=now, actor=actor)
    for rule in (*diff.added, *(new for _, new in diff.changed)):
        draft = RuleDraft(
            rule.unit,
            rule.scope,
            rule.expires_on,
            rule.basis,
            rule.support,
            publisher=pack.publisher,
            pack_rule=rule.id,
        )
        add_rule(connection, draft, codes, now=now, actor=actor)
    if not has_precedents:
        share(connection, pack.digest, pack.precedents)
    body: dict[str, Json] = {
        "action": "adopt",
        "pack": pack.digest,
        "publisher": pack.publisher,
        "precedents": len(pack.precedents),
    }
    append(connection, [Event("", Kind.RULE, now, actor.id, body)])
    return diff


def _twin(rule: RoutingRule, own: Iterable[RoutingRule]) -> RoutingRule | None:
    """Return a rule of one's own of just this content."""
    return next((one for one in own if _content(one) == _content(rule)), None)


def _content(rule: RoutingRule) -> tuple[object, ...]:
    return rule.unit, rule.support, rule.scope, rule.expires_on, mask(rule.basis).text
