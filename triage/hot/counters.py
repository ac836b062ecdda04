"""What is counted of a live event: calls by hour and district, and about how many people called.

Of bounded size however many calls come in. People are counted by a sketch of hashed pseudonyms
(HyperLogLog, Flajolet et al. 2007, 6.5 % error), from which nobody can be read.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b

HOURS_KEPT = 72
"""Hours of an event that are counted one by one: a storm's history of three days."""
DISTRICTS_KEPT = 64
"""More than a city has (Chongqing 38); what is above them is counted as `""`."""
REGISTERS = 256
_ALPHA = 0.7213 / (1 + 1.079 / REGISTERS)
_HOUR = timedelta(hours=1) // timedelta(seconds=1)


def hour_of(at: datetime) -> int:
    """Return the number of the hour since 1970 of an aware moment."""
    return int(at.timestamp()) // _HOUR


class People:
    """About how many different pseudonyms were seen."""

    def __init__(self) -> None:
        self._registers = bytearray(REGISTERS)

    def add(self, pseudonym: str) -> None:
        """Take one in; the same again changes nothing."""
        number = int.from_bytes(blake2b(pseudonym.encode(), digest_size=8).digest(), "big")
        place, rest = number % REGISTERS, number // REGISTERS
        rank = 57 - rest.bit_length()  # of 56 bits: zeros before the first one, plus one
        self._registers[place] = max(self._registers[place], rank)

    def take_in(self, other: People) -> None:
        """Count the people that another sketch has seen as well."""
        self._registers = bytearray(map(max, self._registers, other._registers))

    def __len__(self) -> int:
        raw = _ALPHA * REGISTERS**2 / sum(2.0**-rank for rank in self._registers)
        empty = self._registers.count(0)
        if raw <= 2.5 * REGISTERS and empty:
            raw = REGISTERS * math.log(REGISTERS / empty)  # linear counting for few
        return round(raw)


@dataclass(slots=True)
class Counters:
    """Counts of one event; `first` and `last` are moments of the earliest and latest call."""

    calls: int = 0
    anonymous: int = 0
    first: datetime | None = None
    last: datetime | None = None
    hours: dict[int, int] = field(default_factory=dict)
    districts: Counter[str] = field(default_factory=Counter)
    people: People = field(default_factory=People)

    def add(self, at: datetime | None, district: str, requester: str) -> None:
        """Count one call; one without a time is in no hour."""
        self.calls += 1
        known = district in self.districts or len(self.districts) < DISTRICTS_KEPT
        self.districts[district if known else ""] += 1
        if requester:
            self.people.add(requester)
        else:
            self.anonymous += 1
        if at is not None:
            self._add_time(at)

    def take_in(self, other: Counters) -> None:
        """Add what was counted of another event."""
        self.calls += other.calls
        self.anonymous += other.anonymous
        self.people.take_in(other.people)
        self.districts.update(other.districts)
        for hour, calls in other.hours.items():
            self.hours[hour] = self.hours.get(hour, 0) + calls
        for hour in sorted(self.hours)[:-HOURS_KEPT]:
            del self.hours[hour]
        times = [at for at in (self.first, self.last, other.first, other.last) if at is not None]
        self.first, self.last = min(times, default=None), max(times, default=None)

    @property
    def requesters(self) -> int:
        """About how many people called; everybody unknown is another."""
        return len(self.people) + self.anonymous

    def _add_time(self, at: datetime) -> None:
        hour = hour_of(at)
        self.hours[hour] = self.hours.get(hour, 0) + 1
        if len(self.hours) > HOURS_KEPT:
            del self.hours[min(self.hours)]
        self.first = at if self.first is None else min(self.first, at)
        self.last = at if self.last is None else max(self.last, at)
