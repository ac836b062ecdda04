"""Runs over seeds as figures with intervals, two scenarios side by side, and a month replayed.

Replayed means: units are known from the days before only, and what comes out is compared with what
came to pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from triage.errors import InvalidRequest
from triage.request import Json
from triage.whatif.cases import Case
from triage.whatif.scenario import Scenario
from triage.whatif.simulation import Record, Run, record_of, simulate

WORST = 5
"""Units named: those with the largest share of overdue orders, of `LEAST` orders or more."""
LEAST = 20
LONG_WAIT_MINUTES = 1.0


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over seeds: its mean, and the 2.5 and 97.5 % points."""

    mean: float
    low: float
    high: float

    def to_json(self) -> dict[str, Json]:
        """Return it rounded."""
        return {"mean": _round(self.mean), "low": _round(self.low), "high": _round(self.high)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a scenario leads to. `worst` are (unit, overdue share over seeds)."""

    name: str
    seeds: int
    calls: int
    orders: int
    wait_minutes: Spread
    long_waits: Spread
    given_up: Spread
    overdue: Spread
    hours: Spread
    worst: tuple[tuple[str, Spread], ...]

    def to_json(self) -> dict[str, Json]:
        """Return it for a report."""
        return {
            "scenario": self.name,
            "seeds": self.seeds,
            "calls": self.calls,
            "orders": self.orders,
            "mean_wait_minutes": self.wait_minutes.to_json(),
            "waits_over_1_minute": self.long_waits.to_json(),
            "given_up": self.given_up.to_json(),
            "overdue": self.overdue.to_json(),
            "median_hours": self.hours.to_json(),
            "worst_units": [{"unit": unit, **spread.to_json()} for unit, spread in self.worst],
        }


def compare(
    cases: Sequence[Case],
    scenarios: Sequence[Scenario],
    *,
    seeds: int,
    record: Record | None = None,
) -> list[Outcome]:
    """Return what each scenario leads to, on the same seeds.

    Raises
    ------
    InvalidRequest
        whatif_empty: no order of the period was answered.
    """
    known = record or _record(cases)
    found = []
    for scenario in scenarios:
        runs = [simulate(cases, known, scenario, seed) for seed in range(1, seeds + 1)]
        found.append(_outcome(cases, scenario, runs))
    return found


def replay(
    before: Sequence[Case], month: Sequence[Case], scenario: Scenario, *, seeds: int
) -> dict[str, Json]:
    """Return a month as simulated from the days before it, beside the month as it was.

    Orders still open count as overdue where their time is up at the month's end in both.
    """
    (said,) = compare(month, [scenario], seeds=seeds, record=_record(before))
    answered = [case for case in month if case.took is not None]
    overdue = sum(case.took is not None and case.took >= case.due for case in answered)
    share = overdue / max(len(answered), 1)
    hours = float(np.median([case.took for case in answered if case.took is not None] or [0.0]))
    return {
        "orders": len(month),
        "answered": len(answered),
        "overdue_was": _round(share),
        "overdue_simulated": said.overdue.to_json(),
        "overdue_error": _round(said.overdue.mean - share),
        "median_hours_was": _round(hours),
        "median_hours_simulated": said.hours.to_json(),
        "median_hours_error_share": _round(said.hours.mean / hours - 1.0) if hours else None,
        "units": _unit_errors(said, answered),
    }


def _unit_errors(said: Outcome, answered: Sequence[Case]) -> list[Json]:
    rows: list[Json] = []
    for unit, spread in said.worst:
        own = [case for case in answered if case.unit == unit]
        was = sum(case.took is not None and case.took >= case.due for case in own)
        share = was / max(len(own), 1)
        rows.append({"unit": unit, "overdue_was": _round(share), **spread.to_json()})
    return rows


def _record(cases: Sequence[Case]) -> Record:
    try:
        return record_of(cases)
    except ValueError as error:
        raise InvalidRequest(
            "whatif_empty", "这段时间没有一件办结的工单，无从推演；请换一段时间", field="first"
        ) from error


def _outcome(cases: Sequence[Case], scenario: Scenario, runs: Sequence[Run]) -> Outcome:
    def over(of: Sequence[float]) -> Spread:
        low, high = np.quantile(of, [0.025, 0.975])
        return Spread(float(np.mean(of)), float(low), float(high))

    calls = [len(run.waits) + run.given_up for run in runs]
    orders = [sum(run.orders.values()) for run in runs]
    waits = [np.array(run.waits or [0.0]) for run in runs]
    late = [sum(run.overdue.values()) / max(sum(run.orders.values()), 1) for run in runs]
    return Outcome(
        name=scenario.name,
        seeds=len(runs),
        calls=round(float(np.mean(calls))),
        orders=round(float(np.mean(orders))),
        wait_minutes=over([float(one.mean()) for one in waits]),
        long_waits=over([float((one > LONG_WAIT_MINUTES).mean()) for one in waits]),
        given_up=over([run.given_up / max(n, 1) for run, n in zip(runs, calls, strict=True)]),
        overdue=over(late),
        hours=over([float(np.median(run.hours or [0.0])) for run in runs]),
        worst=_worst(runs),
    )


def _worst(runs: Sequence[Run]) -> tuple[tuple[str, Spread], ...]:
    units = sorted({unit for run in runs for unit in run.orders if unit})
    found = []
    for unit in units:
        n = np.array([run.orders.get(unit, 0) for run in runs])
        if n.mean() >= LEAST:
            share = np.array([run.overdue.get(unit, 0) for run in runs]) / np.maximum(n, 1)
            low, high = np.quantile(share, [0.025, 0.975])
            found.append((unit, Spread(float(share.mean()), float(low), float(high))))
    found.sort(key=lambda pair: (-pair[1].mean, pair[0]))
    return tuple(found[:WORST])


def _round(value: float) -> float:
    return round(float(value), 4)
