"""One run: callers wait for an agent, orders for a desk of their unit (SimPy, discrete events).

A unit works on as many orders at once as it did at its busiest on record, and two standard
deviations more: in a month as it was hardly anybody waits for it, in a storm they do. How long an
order takes once begun is drawn from what its unit's took; hours of rest are within those times.
Orders of the days before the period lie on the desks when it begins, and are not counted.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import simpy

from triage.whatif.cases import Case, Period
from triage.whatif.record import UNLIMITED, Record
from triage.whatif.scenario import Scenario

_CALL_SPREAD = 0.5
"""Log-scale spread of call lengths."""

Process = Generator[simpy.Event, Any, None]


class Done(NamedTuple):
    """An order that was answered: by whom, after how many hours, whether that was late.

    `is_decided`: its time was up when the record ends, so that the record says too whether it was.
    """

    unit: str
    hours: float
    is_late: bool
    is_decided: bool


@dataclass(slots=True)
class Run:
    """What came of one run; waits in minutes, of calls that were answered."""

    waits: list[float] = field(default_factory=list)
    given_up: int = 0
    done: list[Done] = field(default_factory=list)


def simulate(
    cases: Sequence[Case], period: Period, record: Record, scenario: Scenario, seed: int
) -> Run:
    """Live through the cases once.

    Parameters
    ----------
    cases : in the order of time; their own times are not used, only when they came and whose
    """
    rng = np.random.default_rng(seed)
    begins = min((case.at for case in cases), default=0.0)
    env, run = simpy.Environment(initial_time=min(begins, 0.0)), Run()
    floor = _Floor(env, record, scenario, rng, run, period)
    env.process(_arrivals(env, _with_storm(cases, scenario, rng), floor))
    env.run()
    return run


def _arrivals(env: simpy.Environment, cases: Sequence[Case], floor: _Floor) -> Process:
    for case in cases:
        if case.at > env.now:
            yield env.timeout(case.at - env.now)
        if case.by_phone and case.at >= 0:
            env.process(floor.call())
        if case.is_order:
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
        period: Period,
    ) -> None:
        self._env, self._record, self._scenario = env, record, scenario
        self._rng, self._run, self._period = rng, run, period
        self._busy, self._waiting = 0, list[simpy.Event]()
        self._agents = scenario.agents
        self._rest_agents = scenario.rest_agents or scenario.agents
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
        took = self._record.times(case.unit, case.due).draw(self._rng)
        with self._desk(unit).request() as desk:
            yield desk
            yield self._env.timeout(took)
        if case.at < 0:
            return
        hours, due = self._env.now - case.at, case.due * self._scenario.deadline
        is_decided = case.at + due <= self._period.known
        self._run.done.append(Done(unit, hours, hours >= due, is_decided))

    def _unit_of(self, case: Case) -> str:
        new = self._scenario.new_unit
        if new is None or case.unit != new.takes_from or case.at < 0:
            return case.unit
        return new.code if self._rng.random() < new.share else case.unit

    def _desk(self, unit: str) -> simpy.Resource:
        if unit not in self._desks:
            self._desks[unit] = simpy.Resource(self._env, capacity=self._capacity(unit))
        return self._desks[unit]

    def _capacity(self, unit: str) -> int:
        new = self._scenario.new_unit
        if new is not None and unit == new.code:
            return new.desks
        if unit not in self._record.desks:
            return UNLIMITED
        return max(1, round(self._record.desks[unit] * self._scenario.unit_desks))

    def _on_duty(self) -> int:
        now = self._env.now
        agents = self._rest_agents if self._period.is_rest(now) else self._agents
        return int(agents[int(now) % 24])

    def _serve(self) -> None:
        while self._waiting and self._busy < self._on_duty():
            self._busy += 1
            self._waiting.pop(0).succeed()

    def _shifts(self) -> Process:
        """Let those who come on duty at each full hour take calls that wait; ends with the rest."""
        while self._waiting or self._env.peek() < math.inf:
            yield self._env.timeout(1.0 - self._env.now % 1.0)
            self._serve()


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
        Case(f"storm-{n}", float(one), storm.unit, None, due, True, is_order=not merged[n])
        for n, one in enumerate(at)
    ]
    return sorted([*cases, *more], key=lambda case: case.at)
