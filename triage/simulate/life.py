"""The life of a work order: dispatch, rejects, handling, reply, follow-up, and once more.

A chain of moves that the work order's table of moves allows, with times in office hours. All rates
are assumptions; they make every kind of event appear, they measure nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from triage.request import Json
from triage.simulate.handling import (
    AGAIN,
    BASIS,
    BY_AGENT,
    BY_UNIT,
    ENDING,
    EXTENDED,
    HANDLING_TIMES,
    NOTHING,
    PAUSES,
    SLOWNESS,
)
from triage.simulate.moments import Moments
from triage.simulate.records import LifeEvent
from triage.simulate.surges import DAY_SECONDS

HOUR = 3600
MOST_DISPATCHES = 3
"""After so many without an owner a unit is designated."""
_OWN_MISTAKE_SEEN = 0.9
_UNCLEAR, _DUPLICATE, _INCOMPLETE, _STATUTORY, _OTHER_ROUTE = 0.02, 0.2, 0.08, 0.3, 0.002
_STILL_WRONG = 0.15
_PAUSED, _UNREACHABLE, _REDONE = 0.05, 0.12, 0.45
_DISSATISFIED, _NEUTRAL = 0.16, 0.12
_URGENT_DAYS = 0.3
_EVENT = tuple.__new__
"""Makes a named tuple of a tuple, at a third of the cost of its own constructor."""


class Case(NamedTuple):
    """What a life follows from: when it came, the truth, and what the agent decided.

    `received` is in seconds since the plan began. `other_region` is a district it does not lie in;
    `other_unit` one that might be asked next when the first refuses.
    """

    received: int
    request_type: str
    urgency: int
    unit: str
    region: str
    given_topic: str
    given_unit: str
    given_region: str
    other_unit: str
    is_contested: bool
    is_known: bool
    lacks_place: bool


class Lives:
    """Makes lives; `random` gives floats in [0, 1)."""

    def __init__(self, moments: Moments, random: Callable[[], float]) -> None:
        self._moments, self._random = moments, random

    def live(self, case: Case) -> tuple[LifeEvent, ...]:
        """Return all events of a case in time."""
        return _Life(case, self._moments, self._random).run()


class _Life:
    """One life as it is lived: the time now, and what has happened."""

    __slots__ = ("_case", "_events", "_moments", "_now", "_random", "_rejects")

    def __init__(self, case: Case, moments: Moments, random: Callable[[], float]) -> None:
        self._case, self._moments, self._random = case, moments, random
        self._now = case.received
        self._rejects = 0
        self._events: list[tuple[int, str, dict[str, Json]]] = []

    def run(self) -> tuple[LifeEvent, ...]:
        case, random, events = self._case, self._random, self._events
        events.append((self._now, "intake", NOTHING))
        self._now += int(40 + 500 * random())
        events.append((self._now, "suggest", {"topic": case.given_topic, "unit": case.given_unit}))
        if random() < HANDLING_TIMES[case.request_type].at_once or not self._settle():
            self._add("reply", 300 + 3000 * random(), BY_AGENT)
        else:
            self._now += int(600 + (1 if case.urgency <= 2 else 4) * HOUR * random())
            events.append((self._now, "acknowledge", NOTHING))
            self._now += int(900 + 2 * HOUR * random())
            events.append((self._now, "handle", NOTHING))
            self._handle()
        self._follow()
        dates, clock = self._moments.tables(self._now)
        return tuple(
            [
                _EVENT(LifeEvent, (dates[at // DAY_SECONDS] + clock[at % DAY_SECONDS], kind, body))
                for at, kind, body in events
            ]
        )

    def _settle(self) -> bool:
        """Dispatch until somebody takes it on; false where nobody shall."""
        case, random = self._case, self._random
        unit, region = case.given_unit, case.given_region
        self._add("dispatch", 120 + 2400 * random(), {"unit": unit, "region": region})
        for dispatches in range(1, MOST_DISPATCHES + 1):
            reason = self._refusal(unit, region, is_first=dispatches == 1)
            if reason is None:
                return True
            self._rejects += 1
            self._wait(2 * HOUR + 6 * HOUR * random())
            self._add("reject", 0, {"unit": unit, "reason": reason, "basis": BASIS[reason]})
            if reason in ENDING:
                return False
            if reason == "UNCLEAR_OWNERSHIP" or dispatches == MOST_DISPATCHES:
                self._designate()
                return True
            is_still_wrong = reason == "WRONG_DUTY" and random() < _STILL_WRONG
            unit, region = case.other_unit if is_still_wrong else case.unit, case.region
            self._add("reassign", HOUR * random(), {"unit": unit, "region": region})
        return True

    def _refusal(self, unit: str, region: str, *, is_first: bool) -> str | None:
        case, random = self._case, self._random
        if unit != case.unit:
            return "WRONG_DUTY" if random() < _OWN_MISTAKE_SEEN else None
        if region != case.region:
            return "WRONG_AREA" if random() < _OWN_MISTAKE_SEEN else None
        if not is_first:
            return None
        if case.is_known and random() < _DUPLICATE:
            return "DUPLICATE"
        if case.lacks_place and random() < _INCOMPLETE:
            return "INCOMPLETE"
        if random() < (_STATUTORY if unit == "COURT" else _OTHER_ROUTE):
            return "NOT_ACCEPTABLE"
        return "UNCLEAR_OWNERSHIP" if case.is_contested and random() < _UNCLEAR else None

    def _designate(self) -> None:
        case = self._case
        self._wait(HOUR * 4 * self._random())
        self._add("object", 0, NOTHING)
        self._wait(HOUR * 20 * self._random())
        unit: dict[str, Json] = {
            "unit": case.unit, "region": case.region, "reason": "DESIGNATED",
        }  # fmt: skip
        self._add("designate", 0, unit)

    def _handle(self) -> None:
        """Work, perhaps pause or ask for more time, and reply."""
        random, is_urgent = self._random, self._case.urgency <= 2
        times = HANDLING_TIMES[self._case.request_type]
        days = (_URGENT_DAYS if is_urgent else times.median) * SLOWNESS[int(random() * 1024)]
        if days > times.due:
            self._wait(times.due * 0.8 * DAY_SECONDS)
            self._add("extension", 0, EXTENDED)
            days -= times.due * 0.8
        if random() < _PAUSED:
            self._wait(HOUR * (1 + 6 * random()))
            self._add("pause", 0, {"reason": PAUSES[int(random() * len(PAUSES))]})
            self._wait(DAY_SECONDS * (1 + 4 * random()))
            self._add("resume", 0, NOTHING)
        if is_urgent:
            self._now += int(days * DAY_SECONDS)
        else:
            self._wait(days * DAY_SECONDS)
        self._events.append((self._now, "reply", BY_UNIT))

    def _follow(self) -> None:
        """Ask the requester; do it once more where they are not satisfied, then close."""
        random = self._random
        self._wait(DAY_SECONDS * (0.3 + 1.5 * random()))
        outcome = self._outcome()
        self._add("follow_up", 0, {"reason": outcome})
        if outcome == "DISSATISFIED" and random() < _REDONE:
            self._wait(HOUR * random())
            self._add("redo", 0, AGAIN)
            self._handle()
            self._wait(DAY_SECONDS * (0.3 + random()))
            self._add("follow_up", 0, {"reason": self._outcome()})
        self._wait(HOUR * (1 + 20 * random()))
        self._add("close", 0, NOTHING)

    def _outcome(self) -> str:
        if self._random() < _UNREACHABLE:
            return "UNREACHABLE"
        dissatisfied = 0 if self._case.request_type == "PRAISE" else _DISSATISFIED
        feeling = self._random() - dissatisfied * (1 + 0.5 * self._rejects)
        if feeling < 0:
            return "DISSATISFIED"
        return "NEUTRAL" if feeling < _NEUTRAL else "SATISFIED"

    def _add(self, kind: str, after: float, body: dict[str, Json]) -> None:
        self._now += int(after)
        self._events.append((self._now, kind, body))

    def _wait(self, seconds: float) -> None:
        """Let time pass until somebody is in the office."""
        self._now = self._moments.at_work(self._now + int(seconds))
