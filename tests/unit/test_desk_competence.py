"""不得分派给基层: what needs a power never goes to a township, through whichever door it comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from triage.desk import amend
from triage.desk.actor import Actor
from triage.desk.disputes import Decision, rule_on
from triage.desk.guards import MoveRefused
from triage.desk.moves import Wish
from triage.desk.routing import RuleDraft, add_rule
from triage.request import DutyClause, Unit
from triage.workorder.routing_rules import Scope
from triage.workorder.states import State

if TYPE_CHECKING:
    from desks import Desk

BOSS = Actor("boss", frozenset({"supervisor"}))
CLAUSE = DutyClause(
    code="D1",
    clause="油烟执法由城管",
    basis="法",
    status="verified",
    effective_from=None,
    effective_to=None,
    level="DISTRICT",
    power="ENFORCEMENT",
    holder="URBAN_MGMT",
    holder_name="城市管理",
    lead="URBAN_MGMT",
    support=("TOWNSHIP",),
    excluded=("TOWNSHIP",),
    is_default=False,
    decided=False,
    note="",
)


@pytest.fixture(params=["ENFORCEMENT", "LICENSING"])
def powerful(desk: Desk, request: pytest.FixtureRequest) -> Desk:
    """Return a desk where every request needs a power."""
    desk.said = replace(desk.said, duty=replace(CLAUSE, power=str(request.param)))  # type: ignore[type-var]
    return desk


def refused(desk: Desk, order_id: str, *wishes: Wish, actor: Actor | None = None) -> str:
    with pytest.raises(MoveRefused) as refusal:
        desk.go(order_id, *wishes) if actor is None else desk.go(order_id, *wishes, actor=actor)
    return refusal.value.code


def test_a_dispatch_to_a_township_names_who_holds_the_power(powerful: Desk) -> None:
    order = powerful.taken()
    with pytest.raises(MoveRefused, match="城市管理") as refusal:
        powerful.go(order.id, Wish("DISPATCHED", unit="TOWNSHIP"))
    assert (refusal.value.code, refusal.value.field) == ("unit_lacks_power", "unit")
    assert powerful.order(order.id).state is State.SUGGESTED


def test_a_township_may_support_what_it_may_not_lead(powerful: Desk) -> None:
    order = powerful.taken()
    wish = Wish("DISPATCHED", unit="URBAN_MGMT", support=("TOWNSHIP",))
    assert powerful.go(order.id, wish).support == ("TOWNSHIP",)


def test_no_reassignment_ruling_or_designation_reaches_a_township(powerful: Desk) -> None:
    order = powerful.taken()
    sent = Wish("DISPATCHED", unit="URBAN_MGMT")
    back = Wish("REJECTED", reason="WRONG_DUTY", basis="不属我局")
    again = Wish("DISPATCHED", unit="TOWNSHIP", reason="WRONG_DUTY")
    assert refused(powerful, order.id, sent, again) == "unit_lacks_power"
    assert refused(powerful, order.id, back, again) == "unit_lacks_power"
    powerful.go(order.id, sent, back, sent, back, Wish("OBJECTED"))
    for designate in (False, True):
        decision = Decision("TOWNSHIP", "依据", designate=designate)
        with pytest.raises(MoveRefused) as refusal:
            rule_on(powerful.office, order.id, decision, BOSS)
        assert refusal.value.code == "unit_lacks_power"
    assert powerful.order(order.id).state is State.OBJECTED


def test_an_override_cannot_make_a_township_lead(powerful: Desk) -> None:
    order = powerful.taken()
    chief = Actor("c", frozenset({"administrator"}))
    with pytest.raises(MoveRefused) as refusal:
        amend.override(
            powerful.office, order.id, {"lead": "TOWNSHIP"}, reason="", version=None, actor=chief
        )
    assert refusal.value.code == "unit_lacks_power"


def test_an_override_may_make_a_township_support(powerful: Desk) -> None:
    order = powerful.taken()
    chief = Actor("c", frozenset({"administrator"}))
    changed = amend.override(
        powerful.office, order.id, {"support": ["TOWNSHIP"]}, reason="", version=None, actor=chief
    )
    assert changed.support == ("TOWNSHIP",)


def test_a_rule_for_a_township_is_not_followed(powerful: Desk) -> None:
    draft = RuleDraft("TOWNSHIP", Scope("SR03"), date(2026, 12, 31), "纪要")
    codes = powerful.office.codes
    with powerful.office.database.write() as connection:
        add_rule(connection, draft, codes, now=powerful.now, actor=BOSS)
    assert powerful.taken().lead == "URBAN_MGMT"


def test_without_a_power_a_township_may_lead_and_a_rule_send_to_it(desk: Desk) -> None:
    order = desk.taken()
    assert desk.go(order.id, Wish("DISPATCHED", unit="TOWNSHIP")).lead == "TOWNSHIP"
    draft = RuleDraft("TOWNSHIP", Scope("SR03"), date(2026, 12, 31), "纪要")
    with desk.office.database.write() as connection:
        add_rule(connection, draft, desk.office.codes, now=desk.now, actor=BOSS)
    assert desk.taken().lead == "TOWNSHIP"


def test_an_accused_unit_neither_leads_nor_supports(desk: Desk) -> None:
    discipline = Unit("DISCIPLINE", "纪检监察", 0.9)
    desk.said = replace(desk.said, accused=("ECOLOGY",), units=(discipline,), support=())  # type: ignore[type-var]
    order = desk.taken()
    assert refused(desk, order.id, Wish("DISPATCHED", unit="ECOLOGY")) == "unit_accused"
    wish = Wish("DISPATCHED", unit="DISCIPLINE", support=("ECOLOGY",))
    assert refused(desk, order.id, wish) == "unit_accused"


def test_an_unknown_unit_is_refused_as_lead_and_as_support(desk: Desk) -> None:
    order = desk.taken()
    assert refused(desk, order.id, Wish("DISPATCHED", unit="NOPE")) == "unit_unknown"
    wish = Wish("DISPATCHED", unit="URBAN_MGMT", support=("NOPE",))
    assert refused(desk, order.id, wish) == "unit_unknown"
