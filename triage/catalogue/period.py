"""Half-open periods of days, and spans of two times: when it holds, and when it was on record.

`end` is the first day on which a thing no longer holds. An open side is `date.min` or `date.max`,
written as an empty cell. The two times follow Snodgrass, Developing Time-Oriented Database
Applications in SQL (1999), chapter 10; nothing here knows what the rows mean.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `start` up to, but not including, `end`."""

    start: date = date.min
    end: date = date.max

    def contains(self, day: date) -> bool:
        """Say whether `day` lies in the period."""
        return self.start <= day < self.end or day == date.max == self.end

    def encloses(self, other: Period) -> bool:
        """Say whether every day of `other` lies in this period."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Period) -> bool:
        """Say whether the two periods share a day."""
        return self.start < other.end and other.start < self.end


ALWAYS = Period()


@dataclass(frozen=True, slots=True)
class Span:
    """When something holds in the world (`valid`), and when we had it on record (`recorded`)."""

    valid: Period = ALWAYS
    recorded: Period = ALWAYS

    def holds(self, as_of: date, known_on: date | None = None) -> bool:
        """Say whether it holds on `as_of` by what was on record on `known_on` (None: latest)."""
        known = date.max if known_on is None else known_on
        return self.valid.contains(as_of) and self.recorded.contains(known)

    def overlaps(self, other: Span) -> bool:
        """Say whether on some day both were on record as holding on one day."""
        return self.valid.overlaps(other.valid) and self.recorded.overlaps(other.recorded)


def parse_day(cell: str, *, default: date) -> date:
    """Read `YYYY-MM-DD`; an empty cell is `default`.

    Raises
    ------
    ValueError
        Where the cell is neither empty nor such a day.
    """
    if not cell:
        return default
    if not _DAY.fullmatch(cell):
        raise ValueError(cell)
    return date.fromisoformat(cell)


def day_text(day: date) -> str | None:
    """Return `YYYY-MM-DD`, or None for an open side."""
    return None if day in (date.min, date.max) else day.isoformat()


def uncovered(target: Span, by: Sequence[Span]) -> date | None:
    """Return the first day on which `target` holds but none of `by` does, or None.

    Only corners can be the first: the starts of `target`, and the ends of `by` inside it.
    """
    if any(s.valid.encloses(target.valid) and s.recorded.encloses(target.recorded) for s in by):
        return None
    knowns = {target.recorded.start} | {s.recorded.start for s in by} | {s.recorded.end for s in by}
    days = {target.valid.start} | {s.valid.end for s in by}
    for day in sorted(day for day in days if target.valid.start <= day < target.valid.end):
        for known in knowns:
            if target.recorded.start <= known < target.recorded.end and not any(
                s.valid.contains(day) and s.recorded.contains(known) for s in by
            ):
                return day
    return None


def gap(spans: Sequence[Span]) -> Period | None:
    """Return the first hole between the earliest and the latest day of `spans`, or None.

    Each state of the record is looked at by itself: a correction may not leave a hole either.
    """
    for known in sorted({span.recorded.start for span in spans}):
        on_record = sorted(
            (s.valid for s in spans if s.recorded.contains(known)), key=lambda p: p.start
        )
        reached = on_record[0].end if on_record else date.max
        for period in on_record[1:]:
            if period.start > reached:
                return Period(reached, period.start)
            reached = max(reached, period.end)
    return None
