from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from triage.desk.moves import Wish
from triage.desk.reject_risk import RejectLearner, reject_risk
from triage.request import DutyClause, Json
from triage.workorder.states import State

if TYPE_CHECKING:
    from desks import Desk

SENT = Wish("DISPATCHED", unit="URBAN_MGMT")
BACK = Wish("REJECTED", reason="WRONG_DUTY", basis="不属我局")
CLAUSE = DutyClause(
    code="D1",
    clause="油烟归生态环境",
    basis="法",
    status="verified",
    effective_from=None,
    effective_to=None,
    level="DISTRICT",
    power=None,
    holder=None,
    holder_name=None,
    lead="ECOLOGY",
    support=(),
    excluded=("URBAN_MGMT",),
    is_default=False,
    decided=False,
    note="",
)


def risks(desk: Desk, order_id: str, learner: RejectLearner) -> dict[str, dict[str, Json]]:
    found = reject_risk(desk.office, learner, desk.order(order_id))
    rows = cast(list[dict[str, Json]], found)
    return {str(one["unit"]): one for one in rows}


def test_risk_grows_with_the_rejections_of_the_ledger(desk: Desk) -> None:
    learner = RejectLearner()
    for number in range(8):
        order = desk.taken(f"第{number}家烧烤店油烟")
        desk.go(order.id, SENT, *([BACK] if number < 6 else [Wish("HANDLING")]))
    order_id = desk.taken().id
    found = risks(desk, order_id, learner)
    assert list(found) == ["URBAN_MGMT", "ECOLOGY"]
    assert found["URBAN_MGMT"]["n"] == 8
    assert "退单 6 次（职能不符 6 次）" in cast(list[str], found["URBAN_MGMT"]["reasons"])[-1]
    assert found["ECOLOGY"]["n"] == 0
    assert "没有派给该单位的记录" in cast(list[str], found["ECOLOGY"]["reasons"])[-1]
    before = cast(float, found["URBAN_MGMT"]["probability"])
    assert 0.5 < before < 1
    for number in range(8):
        desk.go(desk.taken(f"又一家{number}").id, SENT, Wish("HANDLING"))
    after = risks(desk, order_id, learner)["URBAN_MGMT"]  # read on from where it stopped
    assert after["n"] == 16
    assert cast(float, after["probability"]) < before


def test_the_clause_and_this_order_s_own_rejections_are_reasons(desk: Desk) -> None:
    desk.said = replace(desk.said, duty=CLAUSE)  # type: ignore[type-var]
    order_id = desk.taken().id
    desk.go(order_id, SENT, BACK)
    found = risks(desk, order_id, RejectLearner())
    own = cast(list[str], found["URBAN_MGMT"]["reasons"])
    assert own[:2] == ["该单位已退过本单：职能不符", "派单目录 D1：油烟归生态环境；不由该单位牵头"]
    assert "由该单位牵头" in cast(list[str], found["ECOLOGY"]["reasons"])[0]


def test_what_is_with_a_unit_or_done_has_no_risk(desk: Desk) -> None:
    learner, order_id = RejectLearner(), desk.taken().id
    desk.go(order_id, SENT)
    assert risks(desk, order_id, learner) == {}
    order = desk.go(
        order_id, Wish("HANDLING"), Wish("REPLIED", note="已约谈该店并清洗烟道，请核实")
    )
    assert order.state is State.REPLIED
    assert risks(desk, order_id, learner) == {}


def test_an_order_that_nobody_judged_has_no_ranked_units(desk: Desk) -> None:
    desk.said = None
    desk.office = replace(desk.office, triages=())
    assert risks(desk, desk.taken().id, RejectLearner()) == {}


def test_an_accused_unit_is_not_offered(desk: Desk) -> None:
    desk.said = replace(desk.said, accused=("ECOLOGY",))  # type: ignore[type-var]
    assert list(risks(desk, desk.taken().id, RejectLearner())) == ["URBAN_MGMT"]


@pytest.mark.parametrize("batch", [1, 2, 1000])
def test_a_question_reads_a_bounded_batch_and_the_next_goes_on(desk: Desk, batch: int) -> None:
    for _ in range(3):
        desk.go(desk.taken().id, SENT, BACK)
    order_id, learner = desk.taken().id, RejectLearner(batch=batch)
    seen = [risks(desk, order_id, learner)["URBAN_MGMT"]["n"] for _ in range(7)]
    # six events (sent, back, sent, back, …); after k questions batch * k of them are read
    assert seen == [min(3, batch * question // 2) for question in range(1, 8)]


def test_a_fresh_process_looks_back_at_the_newest_events_only(desk: Desk) -> None:
    for _ in range(5):
        desk.go(desk.taken().id, SENT, BACK)
    order_id = desk.taken().id
    found = risks(desk, order_id, RejectLearner(remembered=9))
    assert 0 < cast(int, found["URBAN_MGMT"]["n"]) < 5
