"""A month replayed from what was known before it, beside the month as it was.

What units did later than the month's first hour is not known to the simulation; when requests came
and whose they were is. Compared are the orders whose time is up: of those the ledger knows whether
they were late, answered or not. How long callers waited the ledger does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from triage.errors import InvalidRequest
from triage.request import Json
from triage.whatif.cases import Case, Period, as_known
from triage.whatif.outcome import LEAST, WORST, Spread, by_unit, spread, tallies
from triage.whatif.record import known_at, pools_of, times_of
from triage.whatif.scenario import Scenario


def replay(
    cases: Sequence[Case],
    period: Period,
    scenario: Scenario,
    *,
    seeds: int,
    progress: Callable[[int], object] = lambda _: None,
) -> dict[str, Json]:
    """Return the month as simulated from the days before it, beside the month as it was.

    Raises
    ------
    InvalidRequest
        whatif_empty: nothing was answered before it, or no order of it has its time up yet.
    """
    pools = pools_of(as_known(cases, 0.0), 0.0)
    month = [case for case in cases if 0 <= case.at < period.hours and case.is_order]
    decided = [case for case in month if case.at + case.due <= period.known]
    if not decided:
        raise InvalidRequest(
            "whatif_empty",
            "这段时间没有一件工单到了期限，无从比较；请用 --until 换一段更早的时间",
            field="until",
        )
    runs = tallies(cases, period, pools, scenario, seeds, progress, decided_only=True)
    was, said = _share(decided), spread([run.overdue for run in runs])
    hours, told = _median(month, period), spread([run.hours for run in runs])
    return {
        "seeds": seeds,
        "orders": len(month),
        "time_is_up": len(decided),
        "open": sum(case.took is None for case in month),
        "overdue_was": _round(was),
        "overdue_simulated": said.to_json(),
        "overdue_error": _round(said.mean - was),
        "median_hours_was": _round(hours),
        "median_hours_simulated": told.to_json(),
        "median_hours_error_share": _round(told.mean / hours - 1.0) if hours else None,
        "units": _of_units(by_unit(runs), decided),
    }


def _of_units(said: dict[str, Spread], decided: Sequence[Case]) -> dict[str, Json]:
    """Return how far off the units' shares were, and the worst ones on either side."""
    own = {unit: [case for case in decided if case.unit == unit] for unit in said}
    was = {unit: _share(found) for unit, found in own.items() if len(found) >= LEAST}
    if not was:
        return {"compared": 0}
    error = np.array([abs(said[unit].mean - share) for unit, share in was.items()])
    weight = np.array([len(own[unit]) for unit in was])
    inside = sum(said[unit].low <= share <= said[unit].high for unit, share in was.items())
    worst = sorted(was, key=lambda unit: (-was[unit], unit))[:WORST]
    rows: list[Json] = [
        {"unit": unit, "orders": len(own[unit]), "was": _round(was[unit]), **said[unit].to_json()}
        for unit in worst
    ]
    named = [unit for unit in said if unit in was][:WORST]
    return {
        "compared": len(was),
        "mean_absolute_error": _round(float((error * weight).sum() / weight.sum())),
        "within_interval": inside,
        "worst_named_by_both": len(set(worst) & set(named)),
        "worst": rows,
    }


def _share(cases: Sequence[Case]) -> float:
    late = sum(case.took is None or case.took >= case.due for case in cases)
    return late / max(len(cases), 1)


def _median(cases: Sequence[Case], period: Period) -> float:
    """Return the median hours of orders of which some are still open (Kaplan and Meier)."""
    known = known_at(cases, period.known)
    pairs = [
        (max(known - case.at, 0.0) if case.took is None else case.took, case.took is not None)
        for case in cases
    ]
    return times_of(pairs).median


def _round(value: float) -> float:
    return round(float(value), 4)
