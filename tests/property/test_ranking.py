"""Nobody starves: whatever comes in afterwards, an order surfaces within `surfaces_within`."""

from __future__ import annotations

import heapq
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.workorder.events import Event, Kind
from triage.workorder.order import WorkOrder
from triage.workorder.policy_file import load_policy
from triage.workorder.projection import fold
from triage.workorder.ranking import Weights, parts, rank_key, score, surfaces_within

pytestmark = pytest.mark.slow

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
LONGEST = timedelta(days=60)
"""No deadline in these tests is longer."""
_YEARS = 1_000
"""Days."""
HAIR = timedelta(minutes=1)
"""Keys count from 2020 in floating point: a minute is far more than they round by."""
MODEL = fold([
    Event("A", Kind.INTAKE, START, "agent", {
        "query_code": "Q", "received_at": START.isoformat(), "due_at": START.isoformat(),
    })
])  # fmt: skip

points = st.floats(0, 100)
weights_drawn = st.builds(
    Weights,
    urgency=points, deadline=st.floats(0.05, 10), group_size=points,
    vulnerability=points, waiting=st.floats(0.05, 10), repeat=points,
)  # fmt: skip


def order(number: int, received: datetime, span: timedelta, **facts: object) -> WorkOrder:
    changed = replace(MODEL, id=f"W{number:06d}", received_at=received, due_at=received + span)
    return replace(changed, **facts)  # type: ignore[arg-type]  # drawn below


def facts() -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({
        "urgency": st.integers(0, 4),
        "flags": st.sampled_from([(), ("VULN",)]),
        "absorbed": st.integers(0, 80).map(lambda count: ("W",) * count),
        "repeats": st.integers(0, 9),
    })  # fmt: skip


spans = st.timedeltas(timedelta(0), LONGEST)
least: dict[str, object] = {"urgency": 4}
most: dict[str, object] = {"urgency": 0, "flags": ("VULN",), "absorbed": ("W",) * 60, "repeats": 9}


@given(weights_drawn, facts(), facts(), spans, spans)
def test_what_comes_after_the_bound_never_stands_before(
    weights: Weights,
    mine: dict[str, object],
    theirs: dict[str, object],
    my_span: timedelta,
    their_span: timedelta,
) -> None:
    later = START + surfaces_within(weights, LONGEST) + HAIR
    waits, newcomer = order(1, START, my_span, **mine), order(2, later, their_span, **theirs)
    assert rank_key(waits, weights) >= rank_key(newcomer, weights)


@given(weights_drawn, facts(), facts(), spans, spans, st.timedeltas(timedelta(0), 10 * LONGEST))
def test_the_order_of_two_never_turns_by_itself(
    weights: Weights,
    mine: dict[str, object],
    theirs: dict[str, object],
    my_span: timedelta,
    their_span: timedelta,
    passed: timedelta,
) -> None:
    one, other = order(1, START, my_span, **mine), order(2, START, their_span, **theirs)
    gap = rank_key(one, weights) - rank_key(other, weights)
    now = START + passed
    later = score(parts(one, weights, now)) - score(parts(other, weights, now))
    assert abs(gap - later) < 1e-6


def days_until_served(weights: Weights, capacity: int, backlog: int) -> float:
    """Serve the first of the queue, `capacity` a day; every day as many of the worst come in.

    The least pressing order of all, with the longest deadline, waits behind a backlog; infinite
    where it waits for years.
    """
    waits = order(0, START, LONGEST, **least)
    queue = [(-rank_key(waits, weights), waits.id)]
    number = 1
    for day in range(_YEARS):
        for _ in range(capacity + (backlog if day == 0 else 0)):
            came = order(number, START + timedelta(days=day), timedelta(0), **most)
            heapq.heappush(queue, (-rank_key(came, weights), came.id))
            number += 1
        for _ in range(capacity):
            if heapq.heappop(queue)[1] == waits.id:
                return day
    return math.inf


@pytest.mark.slow
@given(
    st.builds(
        Weights,
        urgency=st.floats(0, 40), deadline=st.floats(0.5, 5), group_size=st.floats(0, 20),
        vulnerability=st.floats(0, 20), waiting=st.floats(0.5, 5), repeat=st.floats(0, 20),
    ),
    st.integers(1, 4),
    st.integers(0, 20),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_the_least_pressing_order_surfaces_in_a_queue_that_never_empties(
    weights: Weights, capacity: int, backlog: int
) -> None:
    bound = surfaces_within(weights, LONGEST) / timedelta(days=1)
    # What came within the bound may be served first: no more than the backlog behind it.
    assert days_until_served(weights, capacity, backlog) <= bound + backlog / capacity + 2


def test_under_the_shipped_weights_everything_surfaces() -> None:
    for mode, weights in load_policy().queue.weights.items():
        bound = surfaces_within(weights, LONGEST)
        assert timedelta(0) < bound, mode
        assert days_until_served(weights, 3, 10) <= bound / timedelta(days=1) + 10 / 3 + 2


def test_a_queue_that_ages_nobody_would_starve() -> None:
    """The simulation can fail: almost without ageing, the bound is far beyond a year."""
    weights = Weights(40, 0.001, 20, 20, 0.001, 20)
    assert surfaces_within(weights, LONGEST) > timedelta(days=365)
    assert days_until_served(weights, 1, 0) > 365
