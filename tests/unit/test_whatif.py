from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from triage.errors import InvalidRequest
from triage.whatif import Case, NewUnit, Outcome, Period, Scenario, Storm, compare, replay
from triage.whatif.agents import agents_needed
from triage.whatif.cases import as_known
from triage.whatif.record import pools_of, times_of
from triage.whatif.simulation import simulate
from triage.whatif.telling import replay_lines


def month(n: int = 400, *, unit: str = "URBAN_MGMT", took: float = 10.0) -> list[Case]:
    """Return one order an hour, all by telephone, each taking `took` hours of 24 due."""
    return [Case(f"c{i}", float(i), unit, took, 24.0, True) for i in range(n)]


def outcomes(cases: Sequence[Case], *scenarios: Scenario, seeds: int = 3) -> list[Outcome]:
    return compare(cases, Period(600.0), scenarios, seeds=seeds)


def test_a_month_as_it_was_is_late_as_it_was() -> None:
    cases = month(300) + [Case(f"x{i}", i + 0.5, "ECOLOGY", 40.0, 24.0, False) for i in range(100)]
    cases.sort(key=lambda case: case.at)
    (found,) = outcomes(cases, Scenario())
    assert found.overdue.mean == pytest.approx(0.25)  # every order of ECOLOGY, none of the other
    assert found.worst[0][0] == "ECOLOGY"
    assert found.worst[0][1].mean == pytest.approx(1.0)


def test_half_the_deadline_makes_more_late() -> None:
    one, other = outcomes(month(), Scenario(), Scenario(deadline=0.25))
    assert (one.overdue.mean, other.overdue.mean) == (0.0, 1.0)


def test_a_storm_makes_callers_wait_and_orders_late() -> None:
    cases = month()
    agents, _ = agents_needed(cases, Period(400.0), 6.0)
    calm = Scenario(agents=agents)
    storm = Scenario(agents=agents, storm=Storm(100, 2, 500, "URBAN_MGMT"))
    merged = Scenario(agents=agents, storm=Storm(100, 2, 500, "URBAN_MGMT", merged=0.95))
    one, two, three = outcomes(cases, calm, storm, merged)
    assert one.given_up.mean < 0.2 < two.given_up.mean
    assert one.overdue.mean < three.overdue.mean < two.overdue.mean  # merging helps
    assert (one.orders, two.orders, two.calls) == (400, 900, 900)
    assert two.orders > three.orders > one.orders


def test_a_new_unit_takes_orders_from_the_one_that_drowns() -> None:
    drowned = Scenario(unit_desks=0.5)
    helped = Scenario(unit_desks=0.5, new_unit=NewUnit("NEW", "URBAN_MGMT", 0.6, 20))
    one, two = outcomes(month(), drowned, helped)
    assert two.overdue.mean < one.overdue.mean


def test_more_agents_wait_less_and_days_of_rest_have_their_own() -> None:
    cases = [Case(f"c{i}", i / 30, "U", 1.0, 24.0, True) for i in range(1_500)]  # 50 hours
    few, many = Scenario(agents=(3.0,) * 24), Scenario(agents=(8.0,) * 24)
    mixed = Scenario(agents=(8.0,) * 24, rest_agents=(3.0,) * 24)
    one, two = outcomes(cases, few, many)
    assert two.wait_minutes.mean < one.wait_minutes.mean
    (rest,) = compare(cases, Period(50.0, rest_days=frozenset({1})), [mixed], seeds=3)
    assert two.wait_minutes.mean < rest.wait_minutes.mean < one.wait_minutes.mean


def test_agents_are_needed_by_the_hour_and_the_kind_of_day() -> None:
    # 80 calls of 6 minutes in the hour from 9 on the first day: 8 hours of talk ÷ 0.85 → 10 agents.
    calls = [Case(f"c{i}", 9.5, "U", 1.0, 24.0, True) for i in range(80)]
    work, rest = agents_needed(calls, Period(48.0, rest_days=frozenset({1})), 6.0)
    assert (work[9], work[10], rest[9]) == (10.0, 1.0, 1.0)


def test_the_same_seed_lives_the_same_month() -> None:
    cases = month(100)
    record = pools_of(cases, math.inf).record()
    one, other = (simulate(cases, Period(100.0), record, Scenario(), 5) for _ in range(2))
    assert (one.waits, one.done) == (other.waits, other.done)


def test_what_lies_on_the_desks_when_the_period_begins_delays_what_comes() -> None:
    record = pools_of([Case(f"r{i}", i * 10.0, "U", 10.0, 24.0, False) for i in range(9)], math.inf)
    new = [Case("new", 0.0, "U", None, 24.0, False)]
    before = [Case(f"old{i}", -1.0, "U", None, 24.0, False) for i in range(20)]
    alone, after = (
        simulate(cases, Period(24.0), record.record(), Scenario(), 1)
        for cases in (new, before + new)
    )
    assert [one.hours for one in alone.done] == [10.0]
    assert len(after.done) == 1  # those before the period are lived through, not counted
    assert after.done[0].hours > 20.0


def test_calls_that_are_no_orders_are_answered_and_parts_are_no_calls() -> None:
    cases = month(50)
    cases.append(Case("merged", 49.0, "URBAN_MGMT", None, 24.0, True, is_order=False))
    cases.append(Case("part", 49.5, "URBAN_MGMT", 10.0, 24.0, False))
    (found,) = outcomes(cases, Scenario())
    assert (found.calls, found.orders) == (51, 51)


# Kaplan and Meier by hand: 6 orders, ends at 2, 4, 6, still open at 3, 5, 7.
# S(2) = 5/6, S(4) = 5/6 · 3/4 = 0.625, S(6) = 0.625 · 1/2 = 0.3125; the rest ends at 7.
BY_HAND = [(2.0, True), (3.0, False), (4.0, True), (5.0, False), (6.0, True), (7.0, False)]


def test_open_orders_count_as_longer_than_they_are_old() -> None:
    found = times_of(BY_HAND)
    assert found.values.tolist() == [2.0, 4.0, 6.0, 7.0]
    assert found.up_to.tolist() == pytest.approx([1 / 6, 0.375, 0.6875, 1.0])
    assert found.median == 6.0
    drawn = [found.draw(np.random.default_rng(seed)) for seed in range(2_000)]
    assert np.mean([one == 7.0 for one in drawn]) == pytest.approx(0.3125, abs=0.04)


def test_the_estimate_is_that_of_the_library() -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(3)
    hours, ended = rng.exponential(10, 200).round(1), rng.random(200) < 0.7
    wanted = stats.ecdf(stats.CensoredData(uncensored=hours[ended], right=hours[~ended])).cdf
    found = times_of(list(zip(hours.tolist(), ended.tolist(), strict=True)))
    ours = dict(zip(found.values.tolist(), found.up_to.tolist(), strict=True))
    for value, share in zip(wanted.quantiles, wanted.probabilities, strict=True):
        if value in ours and value != found.values[-1]:
            assert ours[value] == pytest.approx(share)


def test_a_replay_knows_only_what_was_known_before() -> None:
    cases = [Case("a", -50.0, "U", 10.0, 24.0, False), Case("b", -5.0, "U", 10.0, 24.0, False)]
    cases.append(Case("c", 5.0, "U", 1.0, 24.0, False))
    assert [(one.id, one.took) for one in as_known(cases, 0.0)] == [("a", 10.0), ("b", None)]


def test_replaying_says_how_far_off_it_was() -> None:
    before = [Case(f"b{i}", i - 300.0, "U", 10.0, 24.0, True) for i in range(300)]
    during = [Case(f"d{i}", float(i), "U", 12.0, 24.0, True) for i in range(200)]
    found = replay([*before, *during], Period(200.0), Scenario(), seeds=2)
    assert (found["overdue_was"], found["time_is_up"]) == (0.0, 200)
    assert found["median_hours_was"] == 12.0
    assert found["median_hours_error_share"] == pytest.approx(10 / 12 - 1, abs=1e-3)
    assert "实际 0.0%，推演 0.0%" in replay_lines(found, {"U": "城管"})[1]


def test_open_orders_whose_time_is_up_are_late_and_others_are_left_out() -> None:
    before = [Case(f"b{i}", i - 300.0, "U", 10.0, 24.0, True) for i in range(300)]
    late = [Case(f"l{i}", float(i), "U", None, 24.0, True) for i in range(50)]  # never answered
    new = [Case(f"n{i}", 150.0 + i, "U", None, 24.0, True) for i in range(10)]
    found = replay([*before, *late, *new], Period(160.0, known=160.0), Scenario(), seeds=2)
    assert (found["orders"], found["time_is_up"], found["open"]) == (60, 50, 60)
    assert found["overdue_was"] == 1.0
    units = found["units"]
    assert isinstance(units, dict)
    assert (units["compared"], units["within_interval"]) == (1, 0)


def test_intervals_hold_what_a_short_record_leaves_open() -> None:
    # 3 of 30 took too long. Over bootstrapped records the share strays as √(0.1·0.9/30) ≈ 0.055;
    # drawn from one record it would stray as √(0.1·0.9/600) ≈ 0.012.
    record = [
        Case(f"b{i}", i - 100.0, "U", 40.0 if i % 10 == 0 else 5.0, 24.0, False) for i in range(30)
    ]
    coming = [Case(f"d{i}", i / 2, "U", None, 24.0, False) for i in range(600)]
    (found,) = compare([*record, *coming], Period(300.0, known=0.5), [Scenario()], seeds=60)
    assert found.overdue.high - found.overdue.low > 0.1


def test_a_period_without_answers_is_refused() -> None:
    for case in (Case("a", 0.0, "U", None, 24.0, False), Case("a", -9.0, "U", None, 24.0, False)):
        with pytest.raises(InvalidRequest) as refused:
            outcomes([case], Scenario())
        assert refused.value.code == "whatif_empty"
    with pytest.raises(InvalidRequest) as refused:
        replay([Case("b", -9.0, "U", 1.0, 24.0, False)], Period(9.0), Scenario(), seeds=2)
    assert (refused.value.code, refused.value.field) == ("whatif_empty", "until")


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Scenario(deadline=float("nan")), "deadline"),
        (lambda: Scenario(deadline=0.0), "deadline"),
        (lambda: Scenario(agents=(1.0,) * 23), "agents"),
        (lambda: Scenario(agents=(-1.0,) * 24), "agents"),
        (lambda: Scenario(rest_agents=(-1.0,) * 24), "agents"),
        (lambda: Scenario(agents=(3.0,) * 23 + (2.9,)), "agents"),
        (lambda: Scenario(rest_agents=(0.5,) * 24), "agents"),
        (lambda: Scenario(agents=(math.inf,) * 24), "agents"),
        (lambda: Storm(0, 1, 0, "U"), "storm.calls"),
        (lambda: NewUnit("N", "U", 1.5, 1), "new_unit.share"),
        (lambda: NewUnit("N", "U", 0.5, -2), "new_unit.desks"),
    ],
)
def test_a_scenario_that_cannot_be_names_its_field(make: Callable[[], object], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        make()
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("scenario", "field"),
    [
        (Scenario(storm=Storm(0, 1, 5, "NOBODY")), "storm.unit"),
        (Scenario(storm=Storm(600, 1, 5, "URBAN_MGMT")), "storm.at"),
        (Scenario(new_unit=NewUnit("NEW", "NOBODY", 0.5, 3)), "new_unit.takes_from"),
        (Scenario(new_unit=NewUnit("URBAN_MGMT", "URBAN_MGMT", 0.5, 3)), "new_unit.code"),
    ],
)
def test_units_and_times_that_are_not_there_are_named(scenario: Scenario, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        outcomes(month(), scenario)
    assert (refused.value.code, refused.value.field) == ("whatif_invalid", field)
