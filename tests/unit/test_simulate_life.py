"""Lives of simulated orders: moves that the work order's table allows, in time, of every kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest

from triage.catalogue import Catalogue
from triage.simulate import CityPlan, SimulatedRequest, simulate_city
from triage.simulate.days import is_off
from triage.workorder.moves import move_table
from triage.workorder.states import State

WITHOUT_MOVE = {"intake", "extension"}
PLAN = CityPlan(days=2, per_day=2500)


@pytest.fixture(scope="module")
def requests() -> list[SimulatedRequest]:
    return list(simulate_city(PLAN))


def test_every_life_follows_the_table_of_moves_to_its_end(
    requests: list[SimulatedRequest],
) -> None:
    table = {(move.source, move.kind.value): move for move in move_table().moves}
    for one in requests:
        state = State.RECEIVED
        for event in one.life:
            if event.kind in WITHOUT_MOVE:
                continue
            move = table.get((state, event.kind))
            assert move is not None, (one.id, state, event.kind)
            if move.reasons:
                assert event.body["reason"] in move.reasons
            state = move.to
        assert state is State.CLOSED


def test_a_life_begins_with_the_request_and_time_only_goes_on(
    requests: list[SimulatedRequest],
) -> None:
    for one in requests:
        times = [datetime.fromisoformat(event.at) for event in one.life]
        assert one.life[0].at == one.received_at
        assert times == sorted(times)


def test_everything_that_can_happen_happens(requests: list[SimulatedRequest]) -> None:
    kinds = Counter(event.kind for one in requests for event in one.life)
    assert {
        "intake", "suggest", "dispatch", "acknowledge", "handle", "reject", "reassign", "object",
        "designate", "pause", "resume", "extension", "reply", "follow_up", "redo", "close",
    } == set(kinds)  # fmt: skip
    reasons = {e.body["reason"] for one in requests for e in one.life if e.kind == "reject"}
    assert reasons == set(Catalogue.load().reject_reasons)
    outcomes = {e.body["reason"] for one in requests for e in one.life if e.kind == "follow_up"}
    assert outcomes == {"SATISFIED", "NEUTRAL", "DISSATISFIED", "UNREACHABLE"}


def test_a_unit_that_is_not_competent_rejects_and_the_right_one_replies(
    requests: list[SimulatedRequest],
) -> None:
    wrong = [
        (one, event.body["unit"])
        for one in requests
        for event in one.life
        if event.kind == "reject" and event.body["reason"] == "WRONG_DUTY"
    ]
    assert wrong
    assert [one.id for one, unit in wrong if unit == one.truth.unit] == []


def test_nothing_is_rejected_for_duty_where_agents_make_no_mistakes() -> None:
    for one in simulate_city(replace(PLAN, days=1, noise=0)):
        assert "WRONG_DUTY" not in [event.body.get("reason") for event in one.life]


def test_follow_ups_are_made_in_office_hours(requests: list[SimulatedRequest]) -> None:
    for one in requests:
        for event in one.life:
            if event.kind == "follow_up":
                at = datetime.fromisoformat(event.at)
                assert 9 <= at.hour < 18
                assert not is_off(at.date())


def test_only_the_dissatisfied_are_handled_once_more(requests: list[SimulatedRequest]) -> None:
    for one in requests:
        for position, event in enumerate(one.life):
            if event.kind == "redo":
                assert one.life[position - 1].body["reason"] == "DISSATISFIED"
