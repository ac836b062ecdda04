"""What other rules would have changed: who gets which orders, and whose deadline would be missed.

Pure: orders as they were suggested and as rules would have it; `triage.desk.rule_trial` reads them.
A deadline counts as missed where the unit's median handling time does not fit before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

LEAST_HANDLED = 5
"""Orders that a unit must have answered in the period before its median says anything."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One order: the unit suggested then and under the rules tried; `rule_id` is "" without one."""

    order_id: str
    before: str
    after: str
    rule_id: str
    at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """An order that goes elsewhere; None where a unit has answered too few orders to say."""

    tried: Tried
    missed_before: bool | None
    missed_after: bool | None


@dataclass(frozen=True, slots=True)
class Load:
    """How many orders of the period a unit gets then and under the rules; median days or None."""

    unit: str
    before: int
    after: int
    median_days: float | None


@dataclass(frozen=True, slots=True)
class Trial:
    """The whole; `unreadable` orders had no suggestion, or retention took their texts away."""

    orders: int
    unreadable: int
    moved: tuple[Moved, ...]
    loads: tuple[Load, ...]
    conflicts: Mapping[tuple[str, str], int]
    barred: Mapping[tuple[str, str], int]

    @property
    def newly_missed(self) -> int:
        """Orders whose deadline only the other unit would miss."""
        return sum(one.missed_after is True and one.missed_before is not True for one in self.moved)


def summarise(
    tried: Sequence[Tried],
    handled: Mapping[str, Sequence[timedelta]],
    *,
    unreadable: int = 0,
    conflicts: Mapping[tuple[str, str], int] | None = None,
    barred: Mapping[tuple[str, str], int] | None = None,
) -> Trial:
    """Return the trial.

    Parameters
    ----------
    handled
        By unit, how long each order took from its last dispatch to the reply.
    conflicts
        How many orders two rules (by id) contradict each other on.
    barred
        How many orders a rule (by id) covers and may not take, by the reason (Chinese).
    """
    medians = {
        unit: timedelta(seconds=median(span.total_seconds() for span in spans))
        for unit, spans in handled.items()
        if len(spans) >= LEAST_HANDLED
    }
    before, after = Counter(o.before for o in tried), Counter(o.after for o in tried)
    moved = tuple(
        Moved(one, _missed(one, one.before, medians), _missed(one, one.after, medians))
        for one in tried
        if one.before != one.after
    )
    loads = [
        Load(unit, before[unit], after[unit], _days(medians.get(unit)))
        for unit in before | after
        if before[unit] != after[unit]
    ]
    loads.sort(key=lambda one: (one.before - one.after, one.unit))
    return Trial(len(tried), unreadable, moved, tuple(loads), conflicts or {}, barred or {})


def units_of(moved: Iterable[Moved]) -> dict[tuple[str, str], int]:
    """Return how many orders go from one unit to another, most first."""
    pairs = Counter((one.tried.before, one.tried.after) for one in moved)
    return dict(sorted(pairs.items(), key=lambda item: (-item[1], item[0])))


def _missed(one: Tried, unit: str, medians: Mapping[str, timedelta]) -> bool | None:
    span = medians.get(unit)
    return None if span is None else one.at + span > one.due_at


def _days(span: timedelta | None) -> float | None:
    return None if span is None else round(span / timedelta(days=1), 1)
