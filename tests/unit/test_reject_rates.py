from __future__ import annotations

from datetime import UTC, datetime

import pytest

from triage.request import Json
from triage.workorder.events import Event, Kind
from triage.workorder.reject_history import RejectHistory
from triage.workorder.reject_rates import RejectRates

AT = datetime(2026, 3, 2, tzinfo=UTC)


def counted(
    rates: RejectRates, unit: str, n: int, rejects: int, topic: str = "T", at: str = "R"
) -> None:
    for number in range(n):
        rates.count(unit, topic, at)
        if number < rejects:
            rates.reject(unit, topic, at, "WRONG_DUTY")


def test_without_any_dispatch_the_risk_is_even() -> None:
    risk = RejectRates().risk("U", "T", "R")
    assert (risk.probability, risk.n, risk.reasons) == (0.5, 0, ())


def test_one_unit_of_one_topic_is_worked_out_by_hand() -> None:
    rates = RejectRates(strength=10)
    counted(rates, "U", 20, 5)
    # overall (5 + 0.5) / (20 + 1) = 0.2619; every margin is the same 20 dispatches:
    # unit = topic = (5 + 10 * 0.2619) / 30 = 0.2540, their mean is that again,
    # unit and topic (5 + 10 * 0.2540) / 30 = 0.2513, with the region (5 + 2.513) / 30 = 0.2504
    risk = rates.risk("U", "T", "R")
    assert risk.probability == pytest.approx(0.25044, abs=1e-5)
    assert (risk.n, risk.rejects, risk.reasons) == (20, 5, (("WRONG_DUTY", 5),))


def test_few_dispatches_move_the_risk_less_than_many() -> None:
    few, many = RejectRates(), RejectRates()
    for rates, n in ((few, 1), (many, 100)):
        counted(rates, "OTHER", 500, 50)
        counted(rates, "U", n, n)
    low, high = (rates.risk("U", "T", "R").probability for rates in (few, many))
    assert 0.1 < low < 0.3 < 0.8 < high < 1


def test_a_unit_new_to_a_topic_has_the_rate_between_its_own_and_the_topic_s() -> None:
    rates = RejectRates()
    counted(rates, "CALM", 500, 5, topic="T1")
    counted(rates, "ANGRY", 500, 250, topic="T2")
    calm, angry = (rates.risk(unit, "T1", "").probability for unit in ("CALM", "ANGRY"))
    assert calm < angry < rates.risk("ANGRY", "T2", "").probability


def test_a_place_with_a_quarrel_of_its_own_is_known() -> None:
    rates = RejectRates()
    counted(rates, "U", 200, 10, at="HERE")
    counted(rates, "U", 200, 150, at="THERE")
    here, there = (rates.risk("U", "T", place).probability for place in ("HERE", "THERE"))
    assert here < 0.15 < 0.6 < there


def test_an_order_without_topic_or_region_is_asked_of_the_unit_alone() -> None:
    rates = RejectRates()
    counted(rates, "U", 100, 40, topic="", at="")
    counted(rates, "V", 100, 0, topic="", at="")
    assert rates.risk("U", "", "").probability > 0.3
    assert rates.risk("U", "", "").n == 100


def fed(*events: tuple[Kind, dict[str, Json]], order_id: str = "W1") -> RejectRates:
    history = RejectHistory(RejectRates())
    for kind, body in events:
        history.feed(Event(order_id, kind, AT, "u", body))
    return history.rates


SENT: tuple[Kind, dict[str, Json]] = (Kind.DISPATCH, {"unit": "U", "topic": "T", "region": "R"})
ELSEWHERE: tuple[Kind, dict[str, Json]] = (
    Kind.REASSIGN,
    {"unit": "V", "topic": "T", "region": "R"},
)
REFUSED: tuple[Kind, dict[str, Json]] = (Kind.REJECT, {"reason": "WRONG_DUTY"})


@pytest.mark.parametrize(
    ("events", "n", "rejects"),
    [
        ([SENT], 0, 0),  # nothing has come of it yet
        ([SENT, (Kind.ACKNOWLEDGE, {})], 0, 0),  # it may still be rejected
        ([SENT, (Kind.HANDLE, {})], 1, 0),
        ([SENT, (Kind.DEEMED_ACCEPTED, {}), (Kind.HANDLE, {}), (Kind.REPLY, {})], 1, 0),
        ([SENT, REFUSED], 1, 1),
        ([SENT, (Kind.HANDLE, {}), REFUSED], 1, 1),  # begun, then rejected: one dispatch
        ([SENT, ELSEWHERE, (Kind.HANDLE, {})], 0, 0),  # taken away by the hotline
        ([SENT, (Kind.MERGE, {}), REFUSED], 0, 0),
        ([(Kind.DESIGNATE, {"unit": "U"}), (Kind.HANDLE, {})], 0, 0),  # it could not reject
        ([REFUSED], 0, 0),  # sent before the ledger was read
        ([(Kind.DISPATCH, {}), REFUSED], 0, 0),  # retention took the body away
    ],
)
def test_a_dispatch_counts_once_it_is_settled(
    events: list[tuple[Kind, dict[str, Json]]], n: int, rejects: int
) -> None:
    risk = fed(*events).risk("U", "T", "R")
    assert (risk.n, risk.rejects) == (n, rejects)


def test_a_second_rejection_of_an_order_is_the_second_unit_s() -> None:
    rates = fed(SENT, REFUSED, ELSEWHERE, REFUSED)
    assert [rates.risk(unit, "T", "R").rejects for unit in ("U", "V")] == [1, 1]
