"""Runs over seeds as figures with intervals, and scenarios side by side on the same seeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from triage.request import Json
from triage.whatif.cases import Case, Period
from triage.whatif.record import Pools, pools_of
from triage.whatif.scenario import Scenario, check_fits
from triage.whatif.simulation import Run, simulate

WORST = 5
"""Units named: those with the largest share of overdue orders, of `LEAST` orders or more."""
LEAST = 20
LONG_WAIT_MINUTES = 1.0
WARM_UP_HOURS = 30 * 24.0
"""Orders received so long before the period are lived through too: what is open when it begins."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over seeds: its mean, and the 2.5 and 97.5 % points."""

    mean: float
    low: float
    high: float

    def to_json(self) -> dict[str, Json]:
        """Return it rounded."""
        return {"mean": _round(self.mean), "low": _round(self.low), "high": _round(self.high)}


def spread(of: Sequence[float]) -> Spread:
    """Return the spread of figures, one a seed."""
    low, high = np.quantile(of, [0.025, 0.975])
    return Spread(float(np.mean(of)), float(low), float(high))


@dataclass(frozen=True, slots=True)
class Tally:
    """One run in figures; `units` holds (orders, overdue ones) by unit."""

    calls: int
    mean_wait: float
    long_waits: float
    given_up: float
    overdue: float
    hours: float
    units: dict[str, tuple[int, int]]


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
            "worst_units": [{"unit": unit, **one.to_json()} for unit, one in self.worst],
        }


def compare(
    cases: Sequence[Case],
    period: Period,
    scenarios: Sequence[Scenario],
    *,
    seeds: int,
    progress: Callable[[int], object] = lambda _: None,
) -> list[Outcome]:
    """Return what each scenario leads to, on the same seeds; `progress` hears of each run.

    Raises
    ------
    InvalidRequest
        whatif_empty: no order was answered. whatif_invalid: a unit or a time that is not there.
    """
    for scenario in scenarios:
        check_fits(scenario, cases, period)
    pools = pools_of(cases, period.known)
    return [
        outcome_of(scenario.name, tallies(cases, period, pools, scenario, seeds, progress))
        for scenario in scenarios
    ]


def tallies(
    cases: Sequence[Case],
    period: Period,
    pools: Pools,
    scenario: Scenario,
    seeds: int,
    progress: Callable[[int], object] = lambda _: None,
    *,
    decided_only: bool = False,
) -> list[Tally]:
    """Return the runs of seeds 1 to `seeds` in figures, each on a record drawn anew."""
    late = [case for case in cases if case.at >= -WARM_UP_HOURS]
    found = []
    for seed in range(1, seeds + 1):
        record = pools.record(np.random.default_rng([seed, 0]))
        found.append(_tally(simulate(late, period, record, scenario, seed), decided_only))
        progress(1)
    return found


def outcome_of(name: str, runs: Sequence[Tally]) -> Outcome:
    """Return runs as figures with intervals."""
    return Outcome(
        name=name,
        seeds=len(runs),
        calls=round(float(np.mean([run.calls for run in runs]))),
        orders=round(float(np.mean([sum(n for n, _ in run.units.values()) for run in runs]))),
        wait_minutes=spread([run.mean_wait for run in runs]),
        long_waits=spread([run.long_waits for run in runs]),
        given_up=spread([run.given_up for run in runs]),
        overdue=spread([run.overdue for run in runs]),
        hours=spread([run.hours for run in runs]),
        worst=tuple(by_unit(runs).items())[:WORST],
    )


def by_unit(runs: Sequence[Tally]) -> dict[str, Spread]:
    """Return the overdue share of units with `LEAST` orders or more, the largest first."""
    found = {}
    for unit in sorted({unit for run in runs for unit in run.units if unit}):
        n = np.array([run.units.get(unit, (0, 0))[0] for run in runs])
        late = np.array([run.units.get(unit, (0, 0))[1] for run in runs])
        if n.mean() >= LEAST:
            found[unit] = spread((late / np.maximum(n, 1)).tolist())
    return dict(sorted(found.items(), key=lambda item: (-item[1].mean, item[0])))


def _tally(run: Run, decided_only: bool) -> Tally:
    units: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for one in run.done:
        if one.is_decided or not decided_only:
            n, late = units[one.unit]
            units[one.unit] = (n + 1, late + one.is_late)
    waits = np.array(run.waits or [0.0])
    calls = len(run.waits) + run.given_up
    orders, late = (sum(pair[side] for pair in units.values()) for side in (0, 1))
    return Tally(
        calls,
        float(waits.mean()),
        float((waits > LONG_WAIT_MINUTES).mean()),
        run.given_up / max(calls, 1),
        late / max(orders, 1),
        float(np.median([one.hours for one in run.done] or [0.0])),
        dict(units),
    )


def _round(value: float) -> float:
    return round(float(value), 4)
