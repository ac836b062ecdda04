"""Routing rules that rulings became: where one applies, which of several wins, where none may.

Pure matching: the most specific rule wins, of equals the newest. An expired one never applies, and
none sends to a unit that the catalogue excludes, that a report accuses, or that lacks the power.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

ANY = "*"
TOWNSHIP = "township"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rule is for; "" and () mean any.

    `topic` is a code, or a prefix that ends in `*`; `region` a code. Every keyword must be found in
    the text or the object; one of several words suffices where they are joined by `|`.
    """

    topic: str = ""
    region: str = ""
    keywords: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """It would take every order."""
        return not (self.topic.rstrip(ANY) or self.region or self.keywords)

    @property
    def specificity(self) -> tuple[int, int, bool]:
        """Return how narrow it is: parts given, keywords, a whole topic rather than a prefix."""
        parts = sum(map(bool, (self.topic, self.region, self.keywords)))
        return parts, len(self.keywords), bool(self.topic) and not self.topic.endswith(ANY)

    def covers(self, facts: Facts) -> bool:
        """Say whether an order lies in it."""
        if self.topic and not _topic_in(self.topic, facts.topic):
            return False
        if self.region and self.region != facts.region:
            return False
        said = f"{facts.text}\n{facts.object}"
        return all(any(word in said for word in one.split("|")) for one in self.keywords)

    def may_meet(self, other: Scope) -> bool:
        """Say whether an order can lie in both; words never rule that out."""
        topics = not (self.topic and other.topic) or (
            _topic_in(self.topic, other.topic) or _topic_in(other.topic, self.topic)
        )
        return topics and (not (self.region and other.region) or self.region == other.region)


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """One rule; it applies up to and on the day `expires_on` in Shanghai, unless ended before."""

    id: str
    unit: str
    scope: Scope
    expires_on: date
    made_at: datetime
    made_by: str
    support: tuple[str, ...] = ()
    basis: str = ""
    order_id: str = ""
    publisher: str = ""
    pack_rule: str = ""
    ended_at: datetime | None = None
    ended_by: str = ""

    def applies_on(self, day: date) -> bool:
        """Say whether it is in force."""
        return self.ended_at is None and day <= self.expires_on

    @property
    def rank(self) -> tuple[tuple[int, int, bool], datetime, str]:
        """Return the key by which the highest of several wins."""
        return self.scope.specificity, self.made_at, self.id


@dataclass(frozen=True, slots=True)
class Facts:
    """What is asked of an order: what it is about, where, and who may not have it."""

    topic: str
    region: str
    text: str
    object: str = ""
    power: str = ""
    excluded: frozenset[str] = frozenset()
    accused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Barred:
    """A rule that covers an order and may not be followed, and why (Chinese)."""

    rule: RoutingRule
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The rule to follow, if any; equals that say another unit; and those that may not apply."""

    rule: RoutingRule | None = None
    conflicts: tuple[RoutingRule, ...] = ()
    barred: tuple[Barred, ...] = ()


def match(
    rules: Iterable[RoutingRule], facts: Facts, kinds: Mapping[str, str], *, on: date
) -> Verdict:
    """Return which rule an order follows.

    Parameters
    ----------
    kinds
        The kind of every unit in force: a rule for another unit does not apply.
    on
        The day in Shanghai.
    """
    covering = [rule for rule in rules if rule.applies_on(on) and rule.scope.covers(facts)]
    covering.sort(key=lambda rule: rule.rank, reverse=True)
    fit, barred = [], []
    for rule in covering:
        why = obstacle(rule.unit, facts, kinds)
        if why:
            barred.append(Barred(rule, why))
        else:
            fit.append(rule)
    best = fit[0] if fit else None
    equals = [
        rule
        for rule in fit[1:]
        if best and rule.scope.specificity == best.scope.specificity and rule.unit != best.unit
    ]
    return Verdict(best, tuple(equals), tuple(barred))


def obstacle(unit: str, facts: Facts, kinds: Mapping[str, str]) -> str:
    """Return why a rule may not send an order to a unit (Chinese), or ""."""
    if facts.accused:
        return "举报点名了单位：按举报的规定派，不适用裁定规则"
    if unit not in kinds:
        return f"单位 {unit} 已不在代码表中"
    if kinds[unit] == TOWNSHIP and facts.power:
        return "这件事要用执法权或许可权，镇街没有"
    if unit in facts.excluded:
        return f"派单目录排除 {unit} 牵头"
    return ""


def allowed_support(rule: RoutingRule, facts: Facts, kinds: Mapping[str, str]) -> tuple[str, ...]:
    """Return the rule's supporting units that may have the order; townships may support."""
    gone = facts.accused | {rule.unit}
    return tuple(unit for unit in rule.support if unit in kinds and unit not in gone)


def conflicting(
    rule: RoutingRule, others: Sequence[RoutingRule], *, on: date
) -> tuple[RoutingRule, ...]:
    """Return the rules in force that say another unit of orders which this one says too.

    Only those as specific as it: of others it is clear which one wins.
    """
    return tuple(
        other
        for other in others
        if other.id != rule.id
        and other.unit != rule.unit
        and other.applies_on(on)
        and other.scope.specificity == rule.scope.specificity
        and other.scope.may_meet(rule.scope)
    )


def _topic_in(pattern: str, topic: str) -> bool:
    if pattern.endswith(ANY):
        return bool(topic) and topic.startswith(pattern.removesuffix(ANY))
    return pattern == topic
