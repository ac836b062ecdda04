from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from triage.desk.actor import Actor
from triage.desk.guards import MoveRefused
from triage.desk.listing import Wanted, find_orders
from triage.desk.mode import current_mode, declare
from triage.desk.moves import Wish
from triage.desk.queueing import Page, queue_page
from triage.request import Ranked, Urgency
from triage.store.queue import Slice, forget
from triage.workorder.ranking import score

if TYPE_CHECKING:
    from desks import Desk

CHIEF = Actor("chief", frozenset({"administrator"}))
DISPATCH = Wish("DISPATCHED", unit="URBAN_MGMT")


def page(desk: Desk, cursor: str | None = None, limit: int = 50, **part: object) -> Page:
    wanted = Slice(**part)  # type: ignore[arg-type]
    return queue_page(desk.office, wanted, CHIEF, cursor=cursor, limit=limit)


def ids(found: Page) -> list[str]:
    return [item.order.id for item in found.items]


def taken_as(desk: Desk, level: int, *flags: str) -> str:
    assert desk.said is not None
    said = replace(
        desk.said, urgency=Urgency(level, 0.9), flags=tuple(Ranked(one, 0.9) for one in flags)
    )
    before, desk.said = desk.said, said
    order_id = desk.take().order_id
    desk.said = before
    return order_id


def test_the_most_pressing_comes_first_and_says_why(desk: Desk) -> None:
    low, urgent = taken_as(desk, 4), taken_as(desk, 1)
    vulnerable = taken_as(desk, 4, "VULN")
    found = page(desk)
    assert ids(found) == [urgent, vulnerable, low]
    first = found.items[0]
    assert [part.name for part in first.reasons] == [
        "urgency", "deadline", "group_size", "vulnerability", "waiting", "repeat",
    ]  # fmt: skip
    assert first.score == score(first.reasons)
    assert first.reasons[0].reason == "紧急程度 1 级"


def test_who_waits_longer_comes_first_among_equals(desk: Desk) -> None:
    first = desk.take().order_id
    desk.wait(hours=1)
    second = desk.take().order_id
    assert ids(page(desk)) == [first, second]


def test_the_order_of_two_does_not_turn_with_time(desk: Desk) -> None:
    for level in (4, 2, 3, 1, 4):
        taken_as(desk, level)
        desk.wait(hours=7)
    before = ids(page(desk))
    desk.wait(days=400)
    assert ids(page(desk)) == before


def test_a_changed_order_is_ranked_again_at_once(desk: Desk) -> None:
    first = desk.take().order_id
    desk.wait(minutes=1)
    second = desk.take().order_id
    third = desk.take().order_id
    desk.go(third, Wish("MERGED", into=second))
    assert ids(page(desk)) == [second, first]


def test_ended_orders_leave_the_queue_and_come_back_when_parted(desk: Desk) -> None:
    main, other = desk.take().order_id, desk.take().order_id
    desk.go(other, Wish("MERGED", into=main))
    assert ids(page(desk)) == [main]
    desk.go(other, Wish("SUGGESTED", reason="不是同一件事"))
    assert set(ids(page(desk))) == {main, other}


def test_pages_neither_skip_nor_repeat_while_the_queue_moves(desk: Desk) -> None:
    orders = [desk.take().order_id for _ in range(9)]
    first = page(desk, limit=3)
    seen = ids(first)
    # what was seen changes place, what was not seen leaves, new ones come to the top
    desk.go(seen[0], DISPATCH)
    taken_as(desk, 0)
    unseen = [one for one in orders if one not in seen]
    desk.go(unseen[0], Wish("MERGED", into=unseen[1]))
    cursor = first.next_cursor
    while cursor:
        more = page(desk, cursor, limit=3)
        seen += ids(more)
        cursor = more.next_cursor
    assert sorted(seen) == sorted(orders)


def test_a_cursor_whose_past_is_forgotten_says_so(desk: Desk) -> None:
    for _ in range(3):
        desk.take()
    first = page(desk, limit=1)
    with desk.office.database.write() as connection:
        forget(connection, 10_000)
    with pytest.raises(MoveRefused) as refused:
        page(desk, first.next_cursor)
    assert refused.value.code == "cursor_expired"


@pytest.mark.parametrize("cursor", ["x", "AAAA", "W10", "WzEsMl0", "机"])
def test_a_cursor_made_up_is_refused(desk: Desk, cursor: str) -> None:
    with pytest.raises(MoveRefused) as refused:
        page(desk, cursor)
    assert refused.value.code == "cursor_invalid"


def test_parts_of_the_queue_hold_what_they_say(desk: Desk) -> None:
    here = desk.go(desk.take().order_id, DISPATCH)
    desk.go(desk.take().order_id, Wish("DISPATCHED", unit="ECOLOGY"))
    assert ids(page(desk, lead="URBAN_MGMT")) == [here.id]
    assert ids(page(desk, lead="URBAN_MGMT", level="city")) == []
    assert len(ids(page(desk, regions=(here.region,)))) == 2
    assert ids(page(desk, regions=("500112",))) == []


def test_a_handler_sees_the_queue_of_the_own_unit_and_region(desk: Desk) -> None:
    mine = desk.go(desk.take().order_id, DISPATCH)
    desk.take()
    handler = Actor("h", frozenset({"handler"}), frozenset({"URBAN_MGMT"}), frozenset({"500103"}))
    elsewhere = replace(handler, regions=frozenset({"500112"}))
    for actor, expected in ((handler, [mine.id]), (elsewhere, [])):
        found = queue_page(desk.office, Slice(), actor, cursor=None, limit=9)
        assert ids(found) == expected


def test_emergency_mode_weighs_otherwise_and_ends_by_itself(desk: Desk) -> None:
    assert current_mode(desk.office).name == "NORMAL"
    declared = declare(desk.office, "EMERGENCY", reason="暴雨红色预警", actor=CHIEF)
    assert declared.until is not None
    assert page(desk).mode == "EMERGENCY"
    assert desk.taken().mode == "EMERGENCY"
    desk.now = declared.until
    assert page(desk).mode == "NORMAL"
    assert desk.taken().mode == "NORMAL"


@pytest.mark.parametrize(("mode", "reason"), [("PANIC", "x"), ("EMERGENCY", " ")])
def test_a_mode_needs_a_name_and_a_reason(desk: Desk, mode: str, reason: str) -> None:
    with pytest.raises(MoveRefused):
        declare(desk.office, mode, reason=reason, actor=CHIEF)
    assert current_mode(desk.office).name == "NORMAL"


def test_orders_are_found_newest_first_page_by_page(desk: Desk) -> None:
    orders = []
    for _ in range(5):
        orders.append(desk.take().order_id)
        desk.wait(minutes=1)
    seen: list[str] = []
    cursor = None
    while True:
        found = find_orders(desk.office, Wanted(), CHIEF, cursor=cursor, limit=2)
        seen += [order.id for order in found.orders]
        desk.take()
        cursor = found.next_cursor
        if cursor is None:
            break
    assert seen == orders[::-1]


def test_orders_are_found_by_state_and_time(desk: Desk) -> None:
    early = desk.go(desk.take().order_id, DISPATCH)
    desk.wait(hours=1)
    late = desk.take().order_id

    def found(**wanted: object) -> list[str]:
        what = Wanted(**wanted)  # type: ignore[arg-type]
        page = find_orders(desk.office, what, CHIEF, cursor=None, limit=9)
        return [order.id for order in page.orders]

    assert found(state="DISPATCHED") == [early.id]
    assert found(since=desk.now) == [late]
    assert found(until=desk.now) == [early.id]
    with pytest.raises(MoveRefused) as refused:
        found(state="DONE")
    assert refused.value.code == "state_unknown"
