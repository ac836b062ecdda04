from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from triage.desk.actor import Actor, NotAllowed
from triage.desk.amend import override
from triage.desk.dispute_view import case_json, dispute_json
from triage.desk.disputes import Decision, Dispute, dispute_of, dispute_page, rule_on
from triage.desk.guards import MoveRefused
from triage.desk.moves import Wish
from triage.desk.reading import order_of
from triage.desk.view import order_json
from triage.request import Area, Json, Place
from triage.store.disputes import UnknownDispute
from triage.store.ledger import events_of
from triage.store.orders import StaleOrder, UnknownOrder
from triage.store.routing_rules import all_rules
from triage.store.verify import verify
from triage.workorder.events import Kind
from triage.workorder.moves import IncompleteMove
from triage.workorder.routing_rules import Scope
from triage.workorder.rule_check import RuleRefused
from triage.workorder.states import State

if TYPE_CHECKING:
    from desks import Desk

CHIEF = Actor("chief", frozenset({"administrator"}))
BOSS = Actor("boss", frozenset({"supervisor"}))
YUZHONG = Area("settled", "2026-03-02", (Place("500103", "渝中区"),))


def rejected(unit: str, basis: str = "不属我局职责") -> tuple[Wish, ...]:
    return (
        Wish("DISPATCHED", unit=unit),
        Wish("REJECTED", reason="WRONG_DUTY", basis=basis),
    )


def disputed(desk: Desk, *units: str, text: str = "楼下烧烤店油烟太大") -> str:
    """Return an order that these units sent back, and that went to the dispute desk."""
    order_id = desk.taken(text).id
    for unit in units or ("URBAN_MGMT", "ECOLOGY"):
        desk.go(order_id, *rejected(unit))
    desk.go(order_id, Wish("OBJECTED"))
    return order_id


def ruled(desk: Desk, order_id: str, unit: str = "URBAN_MGMT", **more: object) -> Dispute:
    decision = Decision(unit, "依据：权责清单第12项", **more)  # type: ignore[arg-type]
    return rule_on(desk.office, order_id, decision, BOSS)


def test_an_objection_opens_a_case_with_its_ruling_due(desk: Desk) -> None:
    order_id = disputed(desk)
    found = dispute_of(desk.office, order_id, BOSS)
    assert (found.state, found.case.number, found.case.opened_by) == ("open", 1, "chief")
    # the policy gives 2 working days: Monday 2 March, so until the end of Wednesday in Shanghai
    assert found.case.ruling_due == datetime(2026, 3, 4, 16, tzinfo=UTC)
    assert found.case.parties == ("URBAN_MGMT", "ECOLOGY")
    assert found.case.object == "油烟"


def test_a_case_shows_candidates_clause_and_who_rejected_why(desk: Desk) -> None:
    order_id = disputed(desk)
    shown: dict[str, Any] = {
        **dispute_json(dispute_of(desk.office, order_id, BOSS), desk.office.units)
    }
    candidates = {one["code"]: one for one in shown["candidates"]}
    assert candidates["URBAN_MGMT"]["confidence"] == 0.8
    rejection = shown["rejections"][0]
    assert rejection["unit"]["code"] == "URBAN_MGMT"
    assert (rejection["reason"], rejection["basis"]) == ("WRONG_DUTY", "不属我局职责")


def test_the_first_receiver_leads_and_keeps_the_clock_until_a_ruling(desk: Desk) -> None:
    order_id = disputed(desk)
    before = desk.order(order_id)
    first = Actor("h", frozenset({"handler"}), frozenset({"URBAN_MGMT"}))
    assert order_of(desk.office, order_id, first).state is State.OBJECTED  # who leads sees it
    assert order_json(before, first)["interim_lead"] == "URBAN_MGMT"
    shown = case_json(dispute_of(desk.office, order_id, first), desk.office.units)
    assert shown["interim_lead"] == {"code": "URBAN_MGMT", "name": "城市管理（含综合执法）"}
    assert shown["due_at"] == before.due_at.isoformat()
    after = ruled(desk, order_id, "MARKET")
    assert after.order.due_at == before.due_at
    assert case_json(after, desk.office.units)["interim_lead"] is None
    with pytest.raises(NotAllowed):
        order_of(desk.office, order_id, replace(first, units=frozenset({"URBAN_MGMT"})))


def test_a_ruling_dispatches_and_stands_in_case_and_ledger(desk: Desk) -> None:
    order_id = disputed(desk)
    found = ruled(desk, order_id, support=("ECOLOGY",))
    assert (found.state, found.order.state, found.order.lead) == (
        "ruled",
        "DISPATCHED",
        "URBAN_MGMT",
    )
    assert found.order.support == ("ECOLOGY",)
    shown = dispute_json(found, desk.office.units)["ruling"]
    assert shown == {
        "kind": "adjudicate",
        "unit": {"code": "URBAN_MGMT", "name": "城市管理（含综合执法）"},
        "support": [{"code": "ECOLOGY", "name": "生态环境"}],
        "basis": "依据：权责清单第12项",
        "by": "boss",
        "at": desk.now.isoformat(),
        "becomes_rule": None,
    }
    with desk.office.database.read() as connection:
        kinds = [one.event.kind for one in events_of(connection, order_id)]
    assert Kind.OBJECT in kinds
    assert Kind.ADJUDICATE in kinds
    assert list(verify(desk.office.database)) == []


def test_a_ruling_by_the_ordinary_transition_closes_the_case_too(desk: Desk) -> None:
    order_id = disputed(desk)
    desk.go(order_id, Wish("DISPATCHED", unit="ECOLOGY", basis="会商意见"), actor=BOSS)
    found = dispute_of(desk.office, order_id, BOSS)
    assert (found.state, found.case.unit, found.case.ruled_by) == ("ruled", "ECOLOGY", "boss")


def test_an_order_objected_to_again_has_a_second_case(desk: Desk) -> None:
    order_id = disputed(desk)
    ruled(desk, order_id)
    desk.go(order_id, Wish("REJECTED", reason="WRONG_AREA", basis="不在我区"), Wish("OBJECTED"))
    found = dispute_of(desk.office, order_id, BOSS)
    assert (found.state, found.case.number) == ("open", 2)
    page = dispute_page(desk.office, "", BOSS, cursor=None, limit=10)
    assert [(one.case.number, one.state) for one in page.items] == [(1, "ruled"), (2, "open")]


def test_designation_needs_three_dispatches_and_cannot_be_rejected(desk: Desk) -> None:
    early = disputed(desk)
    with pytest.raises(MoveRefused) as refusal:
        ruled(desk, early, designate=True)
    assert refusal.value.code == "designation_too_early"
    assert dispute_of(desk.office, early, BOSS).state == "open"
    order_id = disputed(desk, "URBAN_MGMT", "ECOLOGY", "MARKET")
    found = ruled(desk, order_id, designate=True)
    assert (found.case.kind, found.order.deemed_accepted) == ("designate", True)
    with pytest.raises(MoveRefused, match="先办后议"):
        desk.go(order_id, Wish("REJECTED", reason="WRONG_DUTY", basis="还是不属我局"))


def test_an_overdue_case_shows_as_expired_and_can_still_be_ruled_on(desk: Desk) -> None:
    order_id = disputed(desk)
    desk.wait(days=4)
    assert dispute_of(desk.office, order_id, BOSS).state == "expired"
    assert dispute_page(desk.office, "open", BOSS, cursor=None, limit=10).items == ()
    late = dispute_page(desk.office, "expired", BOSS, cursor=None, limit=10)
    assert [one.case.order_id for one in late.items] == [order_id]
    assert ruled(desk, order_id).state == "ruled"
    assert dispute_page(desk.office, "expired", BOSS, cursor=None, limit=10).items == ()


def test_a_case_is_expired_from_the_moment_its_ruling_is_due(desk: Desk) -> None:
    order_id = disputed(desk)
    desk.now = dispute_of(desk.office, order_id, BOSS).case.ruling_due
    assert dispute_of(desk.office, order_id, BOSS).state == "expired"
    assert len(dispute_page(desk.office, "expired", BOSS, cursor=None, limit=10).items) == 1
    assert dispute_page(desk.office, "open", BOSS, cursor=None, limit=10).items == ()


def test_pages_show_every_case_once_by_due_ruling(desk: Desk) -> None:
    expected = []
    for _ in range(5):
        expected.append(disputed(desk))
        desk.wait(days=1)
    seen, cursor = [], None
    while True:
        page = dispute_page(desk.office, "", BOSS, cursor=cursor, limit=2)
        seen += [one.case.order_id for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == sorted(expected)
    dues = [dispute_of(desk.office, one, BOSS).case.ruling_due for one in seen]
    assert dues == sorted(dues)


def test_a_page_is_full_though_others_cases_lie_between(desk: Desk) -> None:
    desk.said = replace(desk.said, area=YUZHONG)  # type: ignore[type-var]
    here = [disputed(desk) for _ in range(2)]
    desk.said = replace(desk.said, area=None)  # type: ignore[type-var]
    disputed(desk)
    local = Actor("l", frozenset({"supervisor"}), regions=frozenset({"500103"}))
    page = dispute_page(desk.office, "", local, cursor=None, limit=2)
    assert sorted(one.case.order_id for one in page.items) == sorted(here)
    assert page.next_cursor is None


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "W10", "WyJhIiwgIngiLCAxXQ"])
def test_a_cursor_that_nobody_gave_is_refused(desk: Desk, cursor: str) -> None:
    with pytest.raises(MoveRefused) as refusal:
        dispute_page(desk.office, "", BOSS, cursor=cursor, limit=2)
    assert refusal.value.code == "cursor_invalid"


def test_an_unknown_state_is_refused(desk: Desk) -> None:
    with pytest.raises(MoveRefused) as refusal:
        dispute_page(desk.office, "closed", BOSS, cursor=None, limit=2)
    assert refusal.value.code == "dispute_state_unknown"


def test_a_case_is_ruled_on_once(desk: Desk) -> None:
    order_id = disputed(desk)
    ruled(desk, order_id)
    with pytest.raises(MoveRefused) as refusal:
        ruled(desk, order_id, "ECOLOGY")
    assert refusal.value.code == "dispute_closed"
    assert desk.order(order_id).lead == "URBAN_MGMT"


def test_who_saw_an_older_version_does_not_rule(desk: Desk) -> None:
    order_id = disputed(desk)
    with pytest.raises(StaleOrder):
        ruled(desk, order_id, version=1)
    assert dispute_of(desk.office, order_id, BOSS).state == "open"


def test_orders_without_a_dispute_and_unknown_orders_are_told_apart(desk: Desk) -> None:
    with pytest.raises(UnknownDispute):
        dispute_of(desk.office, desk.taken().id, BOSS)
    with pytest.raises(UnknownOrder):
        dispute_of(desk.office, "20260302-00000000", BOSS)
    with pytest.raises(UnknownDispute):
        ruled(desk, desk.taken("路灯不亮").id)


def test_a_ruling_without_a_basis_or_by_a_dispatcher_is_refused(desk: Desk) -> None:
    order_id = disputed(desk)
    with pytest.raises(IncompleteMove):
        rule_on(desk.office, order_id, Decision("ECOLOGY", ""), BOSS)
    dispatcher = Actor("d", frozenset({"dispatcher"}))
    elsewhere = Actor("s", frozenset({"supervisor"}), regions=frozenset({"500106"}))
    for actor in (dispatcher, elsewhere):
        with pytest.raises(NotAllowed):
            rule_on(desk.office, order_id, Decision("ECOLOGY", "依据"), actor)


def test_a_basis_is_masked_before_it_is_kept(desk: Desk) -> None:
    order_id = disputed(desk)
    decision = Decision("ECOLOGY", "经办人电话13800000000确认")
    assert "13800000000" not in rule_on(desk.office, order_id, decision, BOSS).case.basis


def test_a_ruling_becomes_a_rule_in_the_same_transaction(desk: Desk) -> None:
    order_id = disputed(desk)
    found = ruled(desk, order_id, becomes_rule=(Scope("SR03"), date(2026, 12, 31)))
    with desk.office.database.read() as connection:
        (rule,) = all_rules(connection)
    assert found.case.rule_id == rule.id
    assert (rule.unit, rule.scope, rule.order_id) == ("URBAN_MGMT", Scope("SR03"), order_id)
    assert rule.expires_on == date(2026, 12, 31)


def test_where_the_rule_may_not_stand_nothing_is_ruled(desk: Desk) -> None:
    order_id = disputed(desk)
    with pytest.raises(RuleRefused):
        ruled(desk, order_id, becomes_rule=(Scope(), date(2026, 12, 31)))
    assert dispute_of(desk.office, order_id, BOSS).state == "open"
    assert desk.order(order_id).state is State.OBJECTED


def test_earlier_rulings_of_the_topic_are_precedents(desk: Desk) -> None:
    first, other, third = disputed(desk), disputed(desk), disputed(desk)
    assert dispute_of(desk.office, third, BOSS).precedents == ()
    ruled(desk, first, "ECOLOGY")
    desk.wait(hours=1)
    ruled(desk, other)
    desk.go(other, Wish("REJECTED", reason="WRONG_DUTY", basis="不服裁定"), Wish("OBJECTED"))
    found = dispute_of(desk.office, third, BOSS).precedents
    assert [(one.precedent.order_id, one.precedent.unit) for one in found] == [
        (first, "ECOLOGY"),
        (other, "URBAN_MGMT"),  # newer, but it did not last
    ]
    assert "同类对象：油烟" in found[0].reasons
    own = dispute_of(desk.office, first, BOSS).precedents
    assert first not in [one.precedent.order_id for one in own]


def test_precedents_out_of_reach_and_of_reports_are_not_shown(desk: Desk) -> None:
    first, third = disputed(desk), disputed(desk)
    ruled(desk, first, "ECOLOGY")
    handler = Actor("h", frozenset({"handler"}), frozenset({"URBAN_MGMT"}))
    assert handler.reaches(desk.order(third))
    assert dispute_of(desk.office, third, handler).precedents == ()
    assert len(dispute_of(desk.office, third, BOSS).precedents) == 1
    wanted: dict[str, Json] = {"request_type": "REPORT"}
    override(desk.office, first, wanted, reason="", version=None, actor=CHIEF)
    assert dispute_of(desk.office, third, BOSS).precedents == ()


def test_an_accused_first_receiver_does_not_lead_meanwhile(desk: Desk) -> None:
    order_id = disputed(desk)
    order = replace(desk.order(order_id), accused=("URBAN_MGMT",))
    assert order_json(order, BOSS)["interim_lead"] == ""
