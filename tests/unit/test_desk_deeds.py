from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from triage.desk import amend
from triage.desk.actor import Actor, NotAllowed
from triage.desk.demonstration import NotEmpty, live
from triage.desk.guards import MoveRefused
from triage.desk.moves import Wish
from triage.desk.public import progress_of
from triage.desk.replying import release
from triage.desk.reveal import reveal
from triage.desk.spawning import PartWish, reopen, split
from triage.desk.view import order_json, progress_json, timeline_json
from triage.request import Json
from triage.store.ledger import events_of
from triage.store.orders import UnknownOrder
from triage.store.vault import Field, PurposeMissing
from triage.store.verify import verify
from triage.workorder.events import Kind
from triage.workorder.states import State

if TYPE_CHECKING:
    from desks import Desk

CHIEF = Actor("chief", frozenset({"administrator"}))
HANDLER = Actor("h", frozenset({"handler"}), frozenset({"URBAN_MGMT"}))
DISPATCH = Wish("DISPATCHED", unit="URBAN_MGMT")
REPLY = Wish("REPLIED", note="经查，楼下烧烤店油烟净化器未开，已责令整改，要求查处的事项已立案")
PHONE = "13800000000"
PERSON: dict[str, Json] = {"requester": {"name": "欧阳小满", "phone": PHONE}}


def last_event(desk: Desk, order_id: str) -> tuple[Kind, object]:
    with desk.office.database.read() as connection:
        event = events_of(connection, order_id)[-1].event
    return event.kind, event.body.get("purpose")


def test_the_unit_that_holds_an_order_may_reveal_the_contact(desk: Desk) -> None:
    order = desk.taken(**PERSON)
    with pytest.raises(NotAllowed):
        reveal(desk.office, order.id, frozenset({Field.PHONE}), purpose="上门维修", actor=HANDLER)
    desk.go(order.id, DISPATCH)
    found = reveal(
        desk.office, order.id, frozenset({Field.PHONE}), purpose="上门维修", actor=HANDLER
    )
    assert found == {Field.PHONE: PHONE}
    assert last_event(desk, order.id) == (Kind.READ, "上门维修")


def test_the_right_to_reveal_goes_with_the_order(desk: Desk) -> None:
    order = desk.go(desk.taken(**PERSON).id, DISPATCH)
    desk.go(order.id, Wish("DISPATCHED", unit="MARKET", reason="职能调整"))
    with pytest.raises(NotAllowed):
        reveal(desk.office, order.id, frozenset({Field.PHONE}), purpose="上门维修", actor=HANDLER)


def test_of_a_report_no_unit_sees_an_original(desk: Desk) -> None:
    order = desk.taken(**PERSON)
    amend.override(
        desk.office, order.id, {"request_type": "REPORT"}, reason="", version=None, actor=CHIEF
    )
    desk.go(order.id, DISPATCH)
    for field in Field:
        with pytest.raises(NotAllowed, match="举报"):
            reveal(desk.office, order.id, frozenset({field}), purpose="了解情况", actor=HANDLER)
    assert (
        PHONE
        in reveal(
            desk.office, order.id, frozenset({Field.PHONE}), purpose="代为联系", actor=CHIEF
        ).values()
    )


def test_nothing_is_revealed_without_a_purpose(desk: Desk) -> None:
    order = desk.taken(**PERSON)
    with pytest.raises(PurposeMissing):
        reveal(desk.office, order.id, frozenset({Field.PHONE}), purpose="  ", actor=CHIEF)
    assert last_event(desk, order.id)[0] is Kind.SUGGEST


def test_reading_makes_nobody_stale(desk: Desk) -> None:
    order = desk.taken(**PERSON)
    reveal(desk.office, order.id, frozenset({Field.NAME}), purpose="回访", actor=CHIEF)
    assert desk.go(order.id, Wish("DISPATCHED", unit="URBAN_MGMT", version=order.version))


def test_units_see_neither_who_asks_nor_who_read(desk: Desk) -> None:
    order = desk.go(desk.taken(**PERSON).id, DISPATCH)
    reveal(desk.office, order.id, frozenset({Field.NAME}), purpose="回访", actor=CHIEF)
    with desk.office.database.read() as connection:
        entries = events_of(connection, order.id)
    shown = str(timeline_json(entries, HANDLER)) + str(order_json(order, HANDLER))
    assert order.query_code not in shown
    assert order.requester not in shown
    assert "read" not in [one["kind"] for one in timeline_json(entries, HANDLER)]  # type: ignore[index, call-overload]
    assert order.query_code in str(order_json(order, CHIEF))


def test_an_override_keeps_what_was_said_before(desk: Desk) -> None:
    order = desk.taken()
    changed = amend.override(
        desk.office,
        order.id,
        {"lead": "ECOLOGY", "urgency": 2},
        reason="商用房油烟",
        version=order.version,
        actor=CHIEF,
    )
    assert (changed.lead, changed.suggested, changed.urgency) == ("ECOLOGY", "URBAN_MGMT", 2)
    # level 2 has 24 hours (policy.toml), counted from the intake: nothing was dispatched yet
    assert changed.due_at == order.started_at + timedelta(hours=24)
    with desk.office.database.read() as connection:
        body = events_of(connection, order.id)[-1].event.body
    assert body["before"] == {"lead": "URBAN_MGMT", "urgency": 3}


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({}, "override_empty"),
        ({"state": "CLOSED"}, "override_field"),
        ({"lead": "X"}, "unit_unknown"),
        ({"request_type": "举报"}, "label_unknown"),
        ({"topic": "张三 13800000000"}, "label_unknown"),
        ({"flags": ["LATE"]}, "label_unknown"),
        ({"accused": ["X"]}, "label_unknown"),
    ],
)
def test_an_override_of_what_may_not_be_changed_is_refused(
    desk: Desk, wanted: dict[str, Json], code: str
) -> None:
    order = desk.taken()
    with pytest.raises(MoveRefused) as refused:
        amend.override(desk.office, order.id, wanted, reason="", version=None, actor=CHIEF)
    assert refused.value.code == code
    assert desk.order(order.id) == order


def test_a_dispatched_order_changes_units_by_reassignment_only(desk: Desk) -> None:
    order = desk.go(desk.taken().id, DISPATCH)
    for wanted in ({"lead": "ECOLOGY"}, {"support": ["ECOLOGY"]}):
        with pytest.raises(MoveRefused) as refused:
            amend.override(desk.office, order.id, wanted, reason="", version=None, actor=CHIEF)  # type: ignore[arg-type]
        assert refused.value.code == "override_dispatched"
    assert desk.order(order.id) == order


def test_a_person_names_whom_a_report_accuses(desk: Desk) -> None:
    order = desk.taken()
    wanted: dict[str, Json] = {"request_type": "REPORT", "accused": ["URBAN_MGMT"]}
    amend.override(desk.office, order.id, wanted, reason="", version=None, actor=CHIEF)
    with pytest.raises(MoveRefused) as refused:
        desk.go(order.id, DISPATCH)
    assert refused.value.code == "unit_accused"
    other = desk.taken()
    with pytest.raises(MoveRefused) as refused:
        desk.go(order.id, Wish("MERGED", into=other.id))
    assert refused.value.code == "merge_accused"


def test_who_supports_looks_and_does_not_act(desk: Desk) -> None:
    order = desk.go(desk.taken().id, Wish("DISPATCHED", unit="ECOLOGY", support=("URBAN_MGMT",)))
    assert HANDLER.reaches(order)
    with pytest.raises(NotAllowed, match="主办单位"):
        desk.go(order.id, Wish("ACKNOWLEDGED"), actor=HANDLER)


def test_a_raise_after_dispatch_hurries_and_a_fall_does_not_slow(desk: Desk) -> None:
    order = desk.go(desk.taken().id, DISPATCH)
    desk.wait(days=1)

    def level(value: int) -> datetime:
        return amend.override(
            desk.office, order.id, {"urgency": value}, reason="", version=None, actor=CHIEF
        ).due_at

    hurried = level(1)
    assert hurried == desk.now + timedelta(hours=2)
    assert level(4) == hurried


def test_an_extension_needs_the_approver_and_has_a_limit(desk: Desk) -> None:
    order = desk.go(desk.taken().id, DISPATCH, Wish("HANDLING"))

    def extend(days: int, actor: Actor) -> datetime:
        return amend.extend(
            desk.office, order.id, days, reason="待检测", version=None, actor=actor
        ).due_at

    with pytest.raises(NotAllowed, match="supervisor"):
        extend(5, HANDLER)
    supervisor = Actor("s", frozenset({"supervisor"}))
    # Wednesday 11 March and five working days: Wednesday 18 March
    assert extend(5, supervisor) == order.due_at + timedelta(days=7)
    extend(5, supervisor)
    with pytest.raises(MoveRefused) as refused:
        extend(5, supervisor)
    assert refused.value.code == "extension_refused"


def test_an_order_with_parts_ends_after_all_of_them(desk: Desk) -> None:
    order = desk.taken("路灯坏了。另外井盖丢了")
    lamps, lids = split(
        desk.office,
        order.id,
        [PartWish("路灯坏了"), PartWish("井盖丢了", lead="WATER_CO")],
        version=order.version,
        actor=CHIEF,
    )
    assert (lamps.part_of, lamps.lead, lids.lead) == (order.id, "URBAN_MGMT", "WATER_CO")
    desk.go(order.id, DISPATCH, Wish("HANDLING"))
    with pytest.raises(MoveRefused) as refused:
        desk.go(order.id, REPLY)
    assert refused.value.code == "parts_open"
    waive = Wish("CLOSED", reason="WAIVED", basis="已当面答复")
    for part in (lamps, lids):
        desk.go(part.id, Wish("REPLIED", note=REPLY.note, reason="CONFIRMED"), waive)
    assert desk.go(order.id, REPLY).state is State.REPLIED


@pytest.mark.parametrize("parts", [[], [PartWish("一")], [PartWish("一")] * 11])
def test_a_split_has_two_to_ten_parts(desk: Desk, parts: list[PartWish]) -> None:
    with pytest.raises(MoveRefused) as refused:
        split(desk.office, desk.taken().id, parts, version=None, actor=CHIEF)
    assert refused.value.code == "split_number"


def test_a_part_is_read_with_the_originals_of_the_whole(desk: Desk) -> None:
    order = desk.taken(**PERSON)
    part, _ = split(
        desk.office, order.id, [PartWish("一"), PartWish("二")], version=None, actor=CHIEF
    )
    found = reveal(desk.office, part.id, frozenset({Field.NAME}), purpose="回访", actor=CHIEF)
    assert found == {Field.NAME: "欧阳小满"}
    with pytest.raises(MoveRefused) as refused:
        split(desk.office, order.id, [PartWish("一"), PartWish("二")], version=None, actor=CHIEF)
    assert refused.value.code == "already_split"


def test_only_a_closed_order_is_opened_again(desk: Desk) -> None:
    order = desk.taken()
    with pytest.raises(MoveRefused) as refused:
        reopen(desk.office, order.id, reason="又坏了", actor=CHIEF)
    assert refused.value.code == "not_closed"
    desk.go(
        order.id, DISPATCH, Wish("HANDLING"), REPLY, Wish("CLOSED", reason="WAIVED", basis="无")
    )
    child = reopen(desk.office, order.id, reason="又坏了", actor=CHIEF)
    assert (child.parent_id, desk.order(order.id).children) == (order.id, (child.id,))
    with pytest.raises(MoveRefused) as refused:
        reopen(desk.office, order.id, reason="又坏了", actor=CHIEF)
    assert refused.value.code == "already_reopened"


def test_a_held_reply_is_released_by_a_person(desk: Desk) -> None:
    order = desk.go(desk.taken().id, DISPATCH, Wish("HANDLING"), Wish("REPLIED", note="已处理"))
    assert "SHORT" in order.reply_flags
    assert release(desk.office, order.id, version=order.version, actor=CHIEF).reply_flags == ()
    with pytest.raises(MoveRefused) as refused:
        release(desk.office, order.id, version=None, actor=CHIEF)
    assert refused.value.code == "nothing_held"


def test_who_was_followed_up_has_heard_the_reply(desk: Desk) -> None:
    order = desk.go(desk.taken().id, DISPATCH, Wish("HANDLING"), Wish("REPLIED", note="已处理"))
    assert order.reply_flags
    assert desk.go(order.id, Wish("FOLLOWED_UP", reason="SATISFIED")).reply_flags == ()


def test_a_citizen_sees_how_far_it_is_and_nothing_else(desk: Desk) -> None:
    order = desk.go(desk.taken(district="渝中区", **PERSON).id, DISPATCH)
    shown = progress_json(progress_of(desk.office, order.query_code.lower(), PHONE[-4:]))
    assert shown["progress"] == "已转承办单位"
    assert shown["body"] == "重庆市渝中区城市管理局"
    assert "油烟" not in str(shown)
    for code, digits in ((order.query_code, "1111"), (order.query_code, ""), ("AAAA", "0000")):
        with pytest.raises(UnknownOrder):
            progress_of(desk.office, code, digits)


def test_a_merged_order_shows_the_progress_of_its_main(desk: Desk) -> None:
    main, other = desk.taken(), desk.taken(**PERSON)
    desk.go(other.id, Wish("MERGED", into=main.id))
    assert progress_of(desk.office, other.query_code, PHONE[-4:]).id == main.id


@pytest.mark.slow
def test_a_simulated_city_lives_at_the_desk_and_its_ledger_holds(desk: Desk) -> None:
    lived = live(desk.office, per_day=6)
    assert lived.requests > 40
    assert lived.deeds > 3 * lived.requests
    assert lived.refused < 0.05 * lived.deeds
    assert list(verify(desk.office.database, ())) == []
    with pytest.raises(NotEmpty):
        live(desk.office, per_day=6)
