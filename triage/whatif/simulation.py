"""One run: callers wait for an agent, orders for a desk of their unit (SimPy, discrete events).

A unit works on as many orders at once as it did at its busiest on record, and two standard
deviations more: in a month as it was hardly anybody waits for it, in a storm they do. How long an
order takes once begun is drawn from what its unit's took; hours of rest are within those times.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy

from triage.whatif.cases import Case
from triage.whatif.scenario import Scenario

OTHERS = "*"
"""Whose times stand in for a unit with fewer than `_FEW` orders on record."""
_TERMS = (3 * 24.0, 6 * 24.0, 12 * 24.0, 18 * 24.0)
"""Hours that part clocks: consultations, calls for help, complaints, what may take longer. What has
a short clock is a simple matter: drawn without it, four times as many orders would be late."""
_ANY = -1
_FEW = 5
_OCCUPANCY = 0.85
_MARGIN = 2.0
"""Standard deviations (of a Poisson count) above the most that a unit had at once: one period's
busiest moment is not the most that it can do."""
_CALL_SPREAD = 0.5
"""Log-scale spread of call lengths."""

Process = Generator[simpy.Event, Any, None]


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of units: hours their orders took, and how many they had at once."""

    took: Mapping[tuple[str, int], tuple[float, ...]]
    desks: Mapping[str, int]

    def times(self, unit: str, due: float) -> tuple[float, ...]:
        """Return the times to draw from: of the unit's orders with a clock like this one's.

        Where those are few, of all units' with such a clock; else of all orders.
        """
        term = _term(due)
        for key in ((unit, term), (OTHERS, term)):
            found = self.took.get(key, ())
            if len(found) >= _FEW:
                return found
        return self.took[OTHERS, _ANY]


@dataclass(slots=True)
class Run:
    """What came of one run; waits in minutes, of calls that were answered."""

    waits: list[float] = field(default_factory=list)
    given_up: int = 0
    orders: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    overdue: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    hours: list[float] = field(default_factory=list)


def record_of(cases: Sequence[Case]) -> Record:
    """Return what a period says of its units; one still open took until the period's end.

    Raises
    ------
    ValueError
        Not one order was answered: nothing can be drawn from.
    """
    took: dict[tuple[str, int], list[float]] = defaultdict(list)
    steps: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for case in cases:
        if case.took is not None:
            term = _term(case.due)
            for key in ((case.unit, term), (OTHERS, term), (OTHERS, _ANY)):
                took[key].append(case.took)
            steps[case.unit] += [(case.at, 1), (case.at + case.took, -1)]
    if not took[OTHERS, _ANY]:
        raise ValueError("no order was answered")
    desks = {unit: _most_at_once(found) for unit, found in steps.items()}
    return Record({key: tuple(found) for key, found in took.items()}, desks)


def simulate(cases: Sequence[Case], record: Record, scenario: Scenario, seed: int) -> Run:
    """Live through the cases once.

    Parameters
    ----------
    cases : in the order of time; their own times are not used, only when they came and whose
    """
    rng = np.random.default_rng(seed)
    env, run = simpy.Environment(), Run()
    floor = _Floor(env, record, scenario, rng, run)
    env.process(_arrivals(env, _with_storm(cases, scenario, rng), floor))
    env.run()
    return run


def _arrivals(env: simpy.Environment, cases: Sequence[Case], floor: _Floor) -> Process:
    for case in cases:
        yield env.timeout(max(case.at - env.now, 0.0))
        if case.by_phone:
            env.process(floor.call())
        if case.unit or not case.id.startswith("storm-"):
            env.process(floor.order(case))


class _Floor:
    """The agents and the units' desks; time is in hours."""

    def __init__(
        self,
        env: simpy.Environment,
        record: Record,
        scenario: Scenario,
        rng: np.random.Generator,
        run: Run,
    ) -> None:
        self._env, self._record, self._scenario = env, record, scenario
        self._rng, self._run = rng, run
        self._busy, self._waiting = 0, list[simpy.Event]()
        self._agents = scenario.agents
        self._desks: dict[str, simpy.Resource] = {}
        if self._agents:
            env.process(self._shifts())

    def call(self) -> Process:
        """One call: answered at once, after a wait, or given up."""
        env, scenario = self._env, self._scenario
        begun = env.now
        if self._agents and self._busy >= self._on_duty():
            turn = env.event()
            self._waiting.append(turn)
            patience = env.timeout(float(self._rng.exponential(scenario.patience_minutes / 60)))
            yield turn | patience
            if not turn.triggered:
                self._waiting.remove(turn)
                self._run.given_up += 1
                return
        else:
            self._busy += 1
        self._run.waits.append((env.now - begun) * 60)
        mean = math.log(scenario.call_minutes) - _CALL_SPREAD**2 / 2
        yield env.timeout(float(self._rng.lognormal(mean, _CALL_SPREAD)) / 60)
        self._busy -= 1
        self._serve()

    def order(self, case: Case) -> Process:
        """One order: waits for a desk, is worked on, is late or not."""
        unit = self._unit_of(case)
        times = self._record.times(case.unit, case.due)
        took = times[int(self._rng.integers(len(times)))]
        with self._desk(unit).request() as desk:
            yield desk
            yield self._env.timeout(took)
        hours = self._env.now - case.at
        self._run.orders[unit] += 1
        self._run.overdue[unit] += hours >= case.due * self._scenario.deadline
        self._run.hours.append(hours)

    def _unit_of(self, case: Case) -> str:
        new = self._scenario.new_unit
        if new is not None and case.unit == new.takes_from and self._rng.random() < new.share:
            return new.code
        return case.unit

    def _desk(self, unit: str) -> simpy.Resource:
        if unit not in self._desks:
            new = self._scenario.new_unit
            most = self._record.desks.get(unit, 1) * self._scenario.unit_desks
            desks = new.desks if new is not None and unit == new.code else max(1, round(most))
            self._desks[unit] = simpy.Resource(self._env, capacity=desks)
        return self._desks[unit]

    def _on_duty(self) -> int:
        return int(self._agents[int(self._env.now) % 24])

    def _serve(self) -> None:
        while self._waiting and self._busy < self._on_duty():
            self._busy += 1
            self._waiting.pop(0).succeed()

    def _shifts(self) -> Process:
        """Let those who come on duty at each full hour take calls that wait; ends with the rest."""
        while self._waiting or self._env.peek() < math.inf:
            yield self._env.timeout(1.0 - self._env.now % 1.0)
            self._serve()


def agents_needed(cases: Sequence[Case], call_minutes: float) -> tuple[float, ...]:
    """Return the agents by hour of the day that the mean of the calls takes, (24,)."""
    days = max(1, math.ceil(max((case.at for case in cases), default=0.0) / 24))
    calls = np.zeros(24)
    for case in cases:
        calls[int(case.at) % 24] += case.by_phone
    needed = np.ceil(calls / days * call_minutes / 60 / _OCCUPANCY)
    return tuple(float(max(one, 1.0)) for one in needed)


def _with_storm(
    cases: Sequence[Case], scenario: Scenario, rng: np.random.Generator
) -> Sequence[Case]:
    storm = scenario.storm
    if storm is None:
        return cases
    due = float(np.median([case.due for case in cases])) if cases else 24.0
    at = np.sort(storm.at + rng.random(storm.calls) * storm.hours)
    merged = rng.random(storm.calls) < storm.merged
    more = [
        Case(f"storm-{n}", float(one), "" if merged[n] else storm.unit, None, due, True)
        for n, one in enumerate(at)
    ]
    return sorted([*cases, *more], key=lambda case: case.at)


def _term(due: float) -> int:
    return sum(due > edge for edge in _TERMS)


def _most_at_once(steps: Sequence[tuple[float, int]]) -> int:
    most = now = 0
    for _, step in sorted(steps):
        now += step
        most = max(most, now)
    return math.ceil(most + _MARGIN * math.sqrt(most)) or 1
