from __future__ import annotations

import pytest

from triage.errors import InvalidRequest
from triage.whatif import Case, NewUnit, Scenario, Storm, compare, replay, simulate
from triage.whatif.simulation import agents_needed, record_of


def month(n: int = 400, *, unit: str = "URBAN_MGMT", took: float = 10.0) -> list[Case]:
    """Return one order an hour, all by telephone, each taking `took` hours of 24 due."""
    return [Case(f"c{i}", float(i), unit, took, 24.0, True) for i in range(n)]


def test_a_month_as_it_was_is_late_as_it_was() -> None:
    cases = month(300) + [Case(f"x{i}", i + 0.5, "ECOLOGY", 40.0, 24.0, False) for i in range(100)]
    cases.sort(key=lambda case: case.at)
    (found,) = compare(cases, [Scenario()], seeds=3)
    assert found.overdue.mean == pytest.approx(0.25)  # every order of ECOLOGY, none of the other
    assert found.worst[0][0] == "ECOLOGY"
    assert found.worst[0][1].mean == pytest.approx(1.0)


def test_half_the_deadline_makes_more_late() -> None:
    one, other = compare(month(), [Scenario(), Scenario(deadline=0.25)], seeds=2)
    assert (one.overdue.mean, other.overdue.mean) == (0.0, 1.0)


def test_a_storm_makes_callers_wait_and_orders_late() -> None:
    cases = month()
    agents = agents_needed(cases, 6.0)
    calm = Scenario(agents=agents)
    storm = Scenario(agents=agents, storm=Storm(100, 2, 500, "URBAN_MGMT"))
    merged = Scenario(agents=agents, storm=Storm(100, 2, 500, "URBAN_MGMT", merged=0.95))
    one, two, three = compare(cases, [calm, storm, merged], seeds=3)
    assert one.given_up.mean < 0.2 < two.given_up.mean
    assert one.overdue.mean < three.overdue.mean < two.overdue.mean  # merging helps


def test_a_new_unit_takes_orders_from_the_one_that_drowns() -> None:
    cases = month()
    drowned = Scenario(unit_desks=0.5)
    helped = Scenario(unit_desks=0.5, new_unit=NewUnit("NEW", "URBAN_MGMT", 0.6, 20))
    one, two = compare(cases, [drowned, helped], seeds=3)
    assert two.overdue.mean < one.overdue.mean


def test_more_agents_wait_less() -> None:
    cases = [Case(f"c{i}", i / 30, "U", 1.0, 24.0, True) for i in range(1_500)]
    few, many = compare(
        cases, [Scenario(agents=(3.0,) * 24), Scenario(agents=(8.0,) * 24)], seeds=3
    )
    assert many.wait_minutes.mean < few.wait_minutes.mean


def test_the_same_seed_lives_the_same_month() -> None:
    cases = month(100)
    record = record_of(cases)
    one, other = (simulate(cases, record, Scenario(), 5) for _ in range(2))
    assert (one.waits, one.hours) == (other.waits, other.hours)


def test_replaying_says_how_far_off_it_was() -> None:
    found = replay(month(200), month(200, took=12.0), Scenario(), seeds=2)
    assert found["overdue_was"] == 0.0
    assert found["median_hours_was"] == 12.0
    assert found["median_hours_error_share"] == pytest.approx(10 / 12 - 1, abs=1e-3)


def test_a_period_without_answers_is_refused() -> None:
    with pytest.raises(InvalidRequest) as refused:
        compare([Case("a", 0.0, "U", None, 24.0, False)], [Scenario()], seeds=2)
    assert refused.value.code == "whatif_empty"


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Scenario(deadline=float("nan")), "deadline"),
        (lambda: Scenario(agents=(1.0,) * 23), "agents"),
        (lambda: Storm(0, 1, 0, "U"), "storm.calls"),
        (lambda: NewUnit("N", "U", 1.5, 1), "new_unit.share"),
    ],
)
def test_a_scenario_that_cannot_be_names_its_field(make, field: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    with pytest.raises(InvalidRequest) as refused:
        make()
    assert refused.value.field == field
