"""Orders of a period long past: open ones are as old as the answers on record are late."""

from __future__ import annotations

import math

import numpy as np
import pytest

from triage.whatif import Case, Period, Scenario, compare, replay
from triage.whatif.cases import as_known
from triage.whatif.record import known_at, pools_of

MEAN, NEVER = 100.0, 0.2
HOURS, KNOWN, DUE = 720.0, 2_000.0, 300.0


def lived(n: int = 3_000) -> list[Case]:
    """Return orders of 720 hours, as known at hour 2,000: a fifth never ends, others take 100."""
    rng = np.random.default_rng(11)
    at, took = np.sort(rng.random(n)) * HOURS, rng.exponential(MEAN, n)
    took[rng.random(n) < NEVER] = 1e6
    cases = [
        Case(f"c{i}", float(a), "U", float(t), DUE, False)
        for i, (a, t) in enumerate(zip(at, took, strict=True))
    ]
    return as_known(cases, KNOWN)


def test_long_times_are_as_likely_as_they_were() -> None:
    cases = lived()
    assert any(case.took is None for case in cases)
    times = pools_of(cases, KNOWN).record().times("U", DUE)
    longer = 1.0 - times.up_to[np.searchsorted(times.values, 600.0, side="right") - 1]
    assert longer == pytest.approx(NEVER + (1 - NEVER) * math.exp(-600 / MEAN), abs=0.02)


def test_as_it_was_is_as_late_as_it_was_though_known_for_long() -> None:
    cases = lived()
    late = np.mean([case.took is None or case.took >= DUE for case in cases])
    (found,) = compare(cases, Period(HOURS, KNOWN), [Scenario()], seeds=4)
    assert found.overdue.mean == pytest.approx(late, abs=0.015)


def test_the_median_of_a_replayed_month_counts_what_is_open_to_this_day() -> None:
    # Of ten orders four take 5 hours, two between 300 and 700, four are open at hour 1,000: half of
    # all take 500 or less. Censored at the period's end it would be 367.
    before = [Case(f"b{i}", i - 300.0, "U", 10.0, 24.0, False) for i in range(300)]
    kinds = [5.0, 5.0, 5.0, 5.0, None, None, None, None]
    during = [
        Case(f"d{i}", i / 5, "U", kinds[i % 10] if i % 10 < 8 else 300.0 + i * 0.4, 24.0, False)
        for i in range(1_000)
    ]
    found = replay([*before, *during], Period(200.0, known=1_000.0), Scenario(), seeds=2)
    assert found["median_hours_was"] == pytest.approx(500.0, abs=5)


def test_a_simulated_city_is_known_to_its_last_answer() -> None:
    cases = [Case("a", 0.0, "U", 90.0, 24.0, False), Case("b", 10.0, "U", None, 24.0, False)]
    assert (known_at(cases, math.inf), known_at(cases, 50.0)) == (90.0, 50.0)
    assert known_at([], math.inf) == 0.0
