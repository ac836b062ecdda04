"""What becomes a report by a person's override is read again for whom it accuses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from triage.desk import amend
from triage.desk.actor import Actor, NotAllowed
from triage.desk.guards import MoveRefused
from triage.desk.listing import Wanted, find_orders
from triage.desk.moves import Wish
from triage.desk.reading import order_of, timeline_of
from triage.request import Json, Prediction, Ranked, Unit
from triage.store.ledger import events_of
from triage.workorder.order import WorkOrder

if TYPE_CHECKING:
    from desks import Desk

CHIEF = Actor("chief", frozenset({"administrator"}))
HANDLER = Actor("h", frozenset({"handler"}), units=frozenset({"URBAN_MGMT"}))
ACCUSING = "城管局执法人员收钱包庇楼下烧烤店，油烟天天往楼上飘"


def told(desk: Desk, order: WorkOrder, **wanted: Json) -> WorkOrder:
    return amend.override(desk.office, order.id, wanted, reason="是举报", version=None, actor=CHIEF)


def test_whom_the_text_accuses_is_found_when_it_becomes_a_report(desk: Desk) -> None:
    order = desk.taken(ACCUSING)
    assert order.accused == ()  # the model took it for a request for help
    changed = told(desk, order, request_type="REPORT")
    assert changed.accused == ("URBAN_MGMT",)
    assert (changed.lead, changed.support) == ("DISCIPLINE", ("ECOLOGY",))
    with desk.office.database.read() as connection:
        body = events_of(connection, order.id)[-1].event.body
    assert body["before"] == {"request_type": "HELP", "accused": [], "lead": "URBAN_MGMT"}


def test_the_accused_unit_is_not_sent_the_report(desk: Desk) -> None:
    order = told(desk, desk.taken(ACCUSING), request_type="REPORT")
    for wish in (
        Wish("DISPATCHED", unit="URBAN_MGMT"),
        Wish("DISPATCHED", unit="DISCIPLINE", support=("URBAN_MGMT",)),
    ):
        with pytest.raises(MoveRefused) as refused:
            desk.go(order.id, wish)
        assert refused.value.code == "unit_accused"


def test_the_accused_unit_that_has_it_already_sees_it_no_more(desk: Desk) -> None:
    order = desk.go(desk.taken(ACCUSING).id, Wish("DISPATCHED", unit="URBAN_MGMT"))
    assert order_of(desk.office, order.id, HANDLER) == order
    told(desk, order, request_type="REPORT")
    for read in (order_of, timeline_of):
        with pytest.raises(NotAllowed):
            read(desk.office, order.id, HANDLER)
    assert find_orders(desk.office, Wanted(), HANDLER, cursor=None, limit=9).orders == ()


def test_an_override_cannot_name_the_accused_unit_in_the_same_breath(desk: Desk) -> None:
    order = desk.taken(ACCUSING)
    for wanted in ({"lead": "URBAN_MGMT"}, {"support": ["URBAN_MGMT"]}):
        with pytest.raises(MoveRefused) as refused:
            told(desk, order, request_type="REPORT", **wanted)
        assert refused.value.code == "unit_accused"
    assert desk.order(order.id) == order


def test_whom_a_person_names_is_taken_as_said(desk: Desk) -> None:
    order = told(desk, desk.taken(ACCUSING), request_type="REPORT", accused=["ECOLOGY"])
    assert order.accused == ("ECOLOGY",)
    cleared = told(desk, order, accused=[], lead="ECOLOGY")
    assert (cleared.accused, cleared.lead) == ((), "ECOLOGY")


def test_a_report_of_a_neighbour_accuses_no_unit(desk: Desk) -> None:
    order = told(desk, desk.taken("举报楼上住户深夜装修扰民"), request_type="REPORT")
    assert (order.accused, order.lead) == ((), "URBAN_MGMT")


def test_where_discipline_itself_is_accused_nobody_is_suggested(desk: Desk) -> None:
    assert isinstance(desk.said, Prediction)
    unit = Unit("DISCIPLINE", "纪检监察", 0.9)
    desk.said = replace(desk.said, units=(unit,), support=(Ranked("ECOLOGY", 0.6),))
    order = desk.taken("纪委工作人员收了红包，压着举报材料不办")
    changed = told(desk, order, request_type="REPORT")
    assert (changed.accused, changed.lead) == (("DISCIPLINE",), "")


def test_an_accused_that_a_person_names_is_no_longer_suggested(desk: Desk) -> None:
    accused: list[Json] = ["URBAN_MGMT", "ECOLOGY"]
    order = told(desk, desk.taken(ACCUSING), request_type="REPORT", accused=accused)
    assert order.accused == ("URBAN_MGMT", "ECOLOGY")
    assert (order.lead, order.support) == ("DISCIPLINE", ())


def test_a_report_that_accuses_others_later_suggests_them_no_longer(desk: Desk) -> None:
    order = told(desk, desk.taken("举报楼上住户深夜装修扰民"), request_type="REPORT")
    assert order.lead == "URBAN_MGMT"
    order = told(desk, order, accused=["URBAN_MGMT"])
    assert (order.accused, order.lead, order.support) == (
        ("URBAN_MGMT",),
        "DISCIPLINE",
        ("ECOLOGY",),
    )
