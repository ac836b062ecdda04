from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from triage.desk.actor import Actor, NotAllowed
from triage.desk.guards import MoveRefused
from triage.desk.moves import Wish
from triage.store.ledger import events_of
from triage.store.orders import StaleOrder, UnknownOrder
from triage.workorder.due_moments import is_deemed_accepted
from triage.workorder.events import Kind
from triage.workorder.moves import IllegalMove, IncompleteMove, move_table
from triage.workorder.order import WorkOrder
from triage.workorder.projection import _MOVES_TO, fold
from triage.workorder.states import State

if TYPE_CHECKING:
    from desks import Desk

DISPATCH = Wish("DISPATCHED", unit="URBAN_MGMT")
REPLY = Wish("REPLIED", note="经查，楼下烧烤店油烟净化器未开，已责令整改，要求查处的事项已立案")
HANDLER = Actor("h", frozenset({"handler"}), units=frozenset({"URBAN_MGMT"}))
DISPATCHER = Actor("d", frozenset({"dispatcher"}))


def kinds(desk: Desk, order: WorkOrder) -> list[Kind]:
    with desk.office.database.read() as connection:
        return [entry.event.kind for entry in events_of(connection, order.id)]


def test_an_order_goes_from_intake_to_the_citizens_answer(desk: Desk) -> None:
    order = desk.taken(district="渝中区")
    order = desk.go(order.id, DISPATCH, Wish("ACKNOWLEDGED"), Wish("HANDLING"), REPLY)
    assert (order.state, order.lead, order.body) == (
        State.REPLIED, "URBAN_MGMT", "重庆市渝中区城市管理局",
    )  # fmt: skip
    order = desk.go(order.id, Wish("FOLLOWED_UP", reason="SATISFIED"), Wish("CLOSED"))
    assert order.state is State.CLOSED
    assert order.closed_at == desk.now
    assert order.children == ()


def test_the_ledger_folds_into_the_order_as_it_stands(desk: Desk) -> None:
    order = desk.go(desk.taken().id, DISPATCH, Wish("HANDLING"), Wish("PAUSED", reason="NO_ACCESS"))
    with desk.office.database.read() as connection:
        assert fold(entry.event for entry in events_of(connection, order.id)) == order


def test_the_table_and_the_projection_agree_on_where_a_move_leads() -> None:
    assert all(_MOVES_TO[move.kind] is move.to for move in move_table().moves)
    assert {move.source for move in move_table().moves} == set(State) - {State.CLOSED}


def test_an_illegal_move_says_which_are_allowed(desk: Desk) -> None:
    order = desk.taken()
    with pytest.raises(IllegalMove) as refused:
        desk.go(order.id, Wish("CLOSED"))
    assert refused.value.allowed == (State.DISPATCHED, State.REPLIED, State.MERGED)
    assert desk.order(order.id) == order


@pytest.mark.parametrize(
    ("before", "wish", "field"),
    [
        ((), Wish("DISPATCHED"), "unit"),
        ((DISPATCH,), Wish("REJECTED", reason="WRONG_DUTY"), "basis"),
        ((DISPATCH,), Wish("REJECTED", reason="NO_MOOD", basis="x"), "reason"),
        ((DISPATCH, Wish("HANDLING")), Wish("PAUSED", reason="HOLIDAY"), "reason"),
        ((DISPATCH, Wish("HANDLING"), REPLY), Wish("FOLLOWED_UP"), "reason"),
        ((DISPATCH, Wish("HANDLING"), REPLY), Wish("CLOSED", reason="WAIVED"), "basis"),
        ((DISPATCH,), Wish("DISPATCHED", unit="ECOLOGY"), "reason"),
    ],
)
def test_a_move_without_what_it_needs_names_the_field(
    desk: Desk, before: tuple[Wish, ...], wish: Wish, field: str
) -> None:
    order = desk.go(desk.taken().id, *before) if before else desk.taken()
    with pytest.raises(IncompleteMove) as refused:
        desk.go(order.id, wish)
    assert refused.value.field == field
    assert desk.order(order.id) == order


def test_nothing_closes_without_a_follow_up_or_a_waiver(desk: Desk) -> None:
    order = desk.go(desk.taken().id, DISPATCH, Wish("HANDLING"), REPLY)
    with pytest.raises(IncompleteMove):
        desk.go(order.id, Wish("CLOSED"))
    closed = desk.go(order.id, Wish("CLOSED", reason="WAIVED", basis="诉求人书面表示不需回访"))
    assert closed.waiver == "诉求人书面表示不需回访"


def test_two_dispatchers_one_wins_and_the_other_is_told(desk: Desk) -> None:
    order = desk.taken()

    def dispatch(unit: str) -> str:
        try:
            desk.go(order.id, Wish("DISPATCHED", unit=unit, version=order.version))
        except StaleOrder as stale:
            return f"told {stale.order.state}"
        return "won"

    units = ("URBAN_MGMT", "ECOLOGY")
    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(dispatch, units)) == ["told DISPATCHED", "won"]
    assert desk.order(order.id).dispatches == 1


def test_a_unit_may_reject_within_its_window_and_not_after(desk: Desk) -> None:
    reject = Wish("REJECTED", reason="WRONG_DUTY", basis="权责清单第 3 项")
    early, late = desk.taken().id, desk.taken().id
    desk.go(early, DISPATCH, reject)
    assert desk.order(early).last_reject == "WRONG_DUTY"
    order = desk.go(late, DISPATCH)
    # one working day after Monday: until the end of Tuesday
    assert order.reject_until == desk.now + timedelta(hours=39)
    last = desk.taken().id
    desk.go(last, DISPATCH)
    desk.wait(hours=38, minutes=59, seconds=59)
    assert desk.go(last, reject).state is State.REJECTED
    desk.wait(seconds=1)
    assert is_deemed_accepted(desk.now, desk.now)  # the same moment for the clerk and for the unit
    with pytest.raises(MoveRefused) as refused:
        desk.go(late, reject)
    assert refused.value.code == "reject_too_late"


def test_a_unit_is_designated_only_after_three_dispatches(desk: Desk) -> None:
    reject = Wish("REJECTED", reason="WRONG_DUTY", basis="不是我们的职责")
    designate = Wish("DISPATCHED", unit="ECOLOGY", reason="DESIGNATED")
    order = desk.go(desk.taken().id, DISPATCH, reject, Wish("OBJECTED"))
    with pytest.raises(MoveRefused) as refused:
        desk.go(order.id, designate)
    assert refused.value.code == "designation_too_early"
    rule = Wish("DISPATCHED", unit="ECOLOGY", basis="会商纪要")
    again = Wish("DISPATCHED", unit="MARKET", reason="")
    order = desk.go(order.id, rule, reject, again, reject, Wish("OBJECTED"), designate)
    assert (order.dispatches, order.deemed_accepted) == (4, True)
    assert order.first_receiver == "URBAN_MGMT"
    with pytest.raises(MoveRefused, match="先办后议"):
        desk.go(order.id, reject)


def test_the_clock_runs_through_transfers(desk: Desk) -> None:
    order = desk.go(desk.taken().id, DISPATCH)
    desk.wait(hours=20)
    reject = Wish("REJECTED", reason="WRONG_DUTY", basis="不是我们的职责")
    moved = desk.go(order.id, reject, Wish("DISPATCHED", unit="ECOLOGY"))
    assert moved.due_at == order.due_at


def test_a_pause_moves_the_deadline_by_the_working_days_it_lasted(desk: Desk) -> None:
    order = desk.go(desk.taken().id, DISPATCH, Wish("HANDLING"))
    desk.go(order.id, Wish("PAUSED", reason="NO_ACCESS"))
    desk.wait(days=2)
    resumed = desk.go(order.id, Wish("HANDLING"))
    # Monday 09:00 to Wednesday 09:00: the clock stood when Tuesday and Wednesday began
    assert resumed.due_at - order.due_at == timedelta(days=2)


def test_a_report_is_never_sent_to_whom_it_accuses(desk: Desk) -> None:
    assert desk.said is not None
    desk.said = replace(desk.said, accused=("URBAN_MGMT",))
    order = desk.taken()
    for wish in (DISPATCH, Wish("DISPATCHED", unit="DISCIPLINE", support=("URBAN_MGMT",))):
        with pytest.raises(MoveRefused) as refused:
            desk.go(order.id, wish)
        assert refused.value.code == "unit_accused"
    assert desk.go(order.id, Wish("DISPATCHED", unit="DISCIPLINE")).lead == "DISCIPLINE"


def test_a_report_reaches_nobody_whom_it_accuses(desk: Desk) -> None:
    order = desk.go(desk.taken().id, DISPATCH)
    assert HANDLER.reaches(order)
    assert not HANDLER.reaches(replace(order, accused=("URBAN_MGMT",)))


def test_a_unit_reaches_what_was_sent_to_it_and_nothing_else(desk: Desk) -> None:
    order = desk.taken()
    with pytest.raises(NotAllowed):
        desk.go(order.id, DISPATCH, actor=HANDLER)
    desk.go(order.id, DISPATCH, actor=DISPATCHER)
    desk.go(order.id, Wish("ACKNOWLEDGED"), actor=HANDLER)
    away = desk.go(order.id, Wish("DISPATCHED", unit="MARKET", reason="职能调整"), actor=DISPATCHER)
    assert not HANDLER.reaches(away)


def test_a_role_makes_only_its_own_moves(desk: Desk) -> None:
    order = desk.go(desk.taken().id, DISPATCH)
    with pytest.raises(NotAllowed, match="签收"):
        desk.go(order.id, Wish("ACKNOWLEDGED"), actor=DISPATCHER)


@pytest.mark.parametrize("unit", ["NOPE", ""])
def test_an_unknown_unit_is_refused(desk: Desk, unit: str) -> None:
    with pytest.raises((MoveRefused, IncompleteMove)) as refused:
        desk.go(desk.taken().id, Wish("DISPATCHED", unit=unit))
    assert refused.value.field == "unit"


def test_an_unknown_order_is_refused(desk: Desk) -> None:
    with pytest.raises(UnknownOrder):
        desk.go("20260302-00000000", DISPATCH)


def test_orders_merge_and_part_again(desk: Desk) -> None:
    main, other = desk.taken(), desk.taken()
    merged = desk.go(other.id, Wish("MERGED", into=main.id))
    assert (merged.state, merged.merged_into) == (State.MERGED, main.id)
    assert desk.order(main.id).absorbed == (other.id,)
    assert kinds(desk, main)[-1] is Kind.ABSORB
    apart = desk.go(other.id, Wish("SUGGESTED", reason="不是同一件事"))
    assert (apart.state, apart.merged_into) == (State.SUGGESTED, "")
    assert desk.order(main.id).absorbed == ()


def test_an_order_does_not_merge_into_itself_nor_into_an_ended_one(desk: Desk) -> None:
    one, two = desk.taken(), desk.taken()
    with pytest.raises(MoveRefused) as refused:
        desk.go(one.id, Wish("MERGED", into=one.id))
    assert refused.value.code == "merge_into_itself"
    desk.go(two.id, Wish("MERGED", into=one.id))
    with pytest.raises(MoveRefused) as refused:
        desk.go(desk.taken().id, Wish("MERGED", into=two.id))
    assert refused.value.code == "merge_into_ended"


def test_a_dissatisfied_follow_up_opens_a_child_when_it_is_closed(desk: Desk) -> None:
    order = desk.go(desk.taken().id, DISPATCH, Wish("HANDLING"), REPLY)
    closed = desk.go(order.id, Wish("FOLLOWED_UP", reason="DISSATISFIED"), Wish("CLOSED"))
    [child_id] = closed.children
    child = desk.order(child_id)
    assert (child.parent_id, child.state, child.lead) == (order.id, State.SUGGESTED, "URBAN_MGMT")
    assert child.repeats == order.repeats + 1


def test_a_reply_that_does_not_answer_is_held_back(desk: Desk) -> None:
    order = desk.go(desk.taken().id, DISPATCH, Wish("HANDLING"))
    held = desk.go(order.id, Wish("REPLIED", note="您好，来电收悉，感谢您对我们工作的关心与支持"))
    assert held.reply_flags == ("UNTOUCHED",)
    again = desk.go(order.id, Wish("HANDLING", reason="答非所问"), REPLY)
    assert again.reply_flags == ()


def test_a_template_sent_to_many_is_held_back(desk: Desk) -> None:
    note = "楼下烧烤店油烟，要求查处的事项，我局已于 3 月 {} 日现场检查并责令整改"
    for day in range(6):
        order = desk.go(desk.taken().id, DISPATCH, Wish("HANDLING"))
        reply = desk.go(order.id, Wish("REPLIED", note=note.format(day)))
    assert reply.reply_flags == ("TEMPLATE",)


def test_personal_data_in_a_reason_is_masked(desk: Desk) -> None:
    order = desk.go(desk.taken().id, DISPATCH, Wish("HANDLING"), REPLY)
    desk.go(order.id, Wish("HANDLING", reason="诉求人 13800000000 说没人来"))
    with desk.office.database.read() as connection:
        assert "13800000000" not in str(events_of(connection, order.id)[-1].event.body)


def test_personal_data_in_a_reply_is_masked(desk: Desk) -> None:
    order = desk.go(desk.taken().id, DISPATCH, Wish("HANDLING"))
    reply = desk.go(order.id, Wish("REPLIED", note="油烟一事已查处，请联系 13800000000 要求复查"))
    assert "13800000000" not in reply.reply
