"""Rank open orders: one score of six parts, each with its reason, in an order that does not age.

Waiting and the deadline count in days with the same weight for every order, so all scores grow
alike and the order of two never turns by itself: a key taken at one moment can be indexed. It also
means that nobody starves: `surfaces_within` bounds how long newer orders can stay ahead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from triage.workorder.order import WorkOrder

LOWEST_URGENCY = 4
MOST_REPEATS = 3
LARGE_GROUP = 50
"""A group of so many tellings has the whole weight; a city's peaks are of this size (DOMAIN.md)."""
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Weights:
    """What each part counts: points, and points a day for `deadline` and `waiting`."""

    urgency: float
    deadline: float
    group_size: float
    vulnerability: float
    waiting: float
    repeat: float

    def __post_init__(self) -> None:
        values = (self.urgency, self.group_size, self.vulnerability, self.repeat)
        if min(values) < 0 or self.waiting <= 0 or self.deadline <= 0:
            raise ValueError(f"weights must not be negative, waiting and deadline above 0: {self}")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score: its points and, in words, why."""

    name: str
    points: float
    reason: str


def rank_key(order: WorkOrder, weights: Weights, *, told: int = 1) -> float:
    """Return the key that queues sort by, highest first: the score at a fixed moment."""
    return score(parts(order, weights, _EPOCH, told=told))


def score(found: tuple[Part, ...]) -> float:
    """Return the sum of the points."""
    return math.fsum(part.points for part in found)


def parts(
    order: WorkOrder, weights: Weights, now: datetime, *, told: int = 1, seen: int | None = None
) -> tuple[Part, ...]:
    """Return the parts of an order's score at a time, always the same six.

    `told` is how many orders are in its event; those that it has absorbed count in any case.
    `seen` is how many of them the reader may see, None for all: the words tell of no others.
    """
    waited, late = (now - order.received_at) / _DAY, (now - order.due_at) / _DAY
    size = max(told, 1 + len(order.absorbed))
    group = min(math.log(size) / math.log(LARGE_GROUP), 1.0)
    is_vulnerable = "VULN" in order.flags
    again = min(order.repeats, MOST_REPEATS)
    return (
        Part("urgency", weights.urgency * _urgency(order.urgency), f"紧急程度 {order.urgency} 级"),
        Part("deadline", weights.deadline * late, _due_words(late)),
        Part("group_size", weights.group_size * group, _group_words(size, order, seen)),
        Part(
            "vulnerability",
            weights.vulnerability * is_vulnerable,
            "涉及老弱病残孕幼等群体" if is_vulnerable else "未提及特殊群体",
        ),
        Part("waiting", weights.waiting * waited, f"已等待 {_span(waited)}"),
        Part("repeat", weights.repeat * again / MOST_REPEATS, f"同一诉求人此前反映 {again} 次"),
    )


def surfaces_within(weights: Weights, longest_deadline: timedelta) -> timedelta:
    """Return after how long no order received later can stand before one that still waits.

    Two keys differ by at most the points that do not age, and by the deadline's days; what waits
    gains (waiting + deadline) points a day on everything that comes after it.
    """
    most = weights.urgency + weights.group_size + weights.vulnerability + weights.repeat
    days = most + weights.deadline * (longest_deadline / _DAY)
    return timedelta(days=days / (weights.waiting + weights.deadline))


def _urgency(level: int) -> float:
    return (LOWEST_URGENCY - min(max(level, 0), LOWEST_URGENCY)) / LOWEST_URGENCY


def _group_words(size: int, order: WorkOrder, seen: int | None) -> str:
    if seen is None:
        return f"同一事件 {size} 件诉求"
    return f"同一事件在您的范围内 {max(seen, 1 + len(order.absorbed))} 件诉求"


def _due_words(late_days: float) -> str:
    return f"已超期 {_span(late_days)}" if late_days > 0 else f"距到期 {_span(-late_days)}"


def _span(days: float) -> str:
    return f"{days:.0f} 天" if abs(days) >= 2 else f"{days * 24:.0f} 小时"
