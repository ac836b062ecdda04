"""What a unit's lists hold: all that it sees, nothing else, page by page, with its role."""

from __future__ import annotations

import base64
from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from triage.desk.actor import Actor
from triage.desk.amend import override
from triage.desk.listing import Wanted, find_orders
from triage.desk.moves import Wish
from triage.desk.queueing import queue_page
from triage.desk.view import order_json
from triage.store.migrate import downgrade, upgrade
from triage.store.order_units import rows_of
from triage.store.queue import Slice
from triage.store.tables import order_unit

if TYPE_CHECKING:
    from desks import Desk

CHIEF = Actor("chief", frozenset({"administrator"}))
MINE, OTHERS = "URBAN_MGMT", "MARKET"
HANDLER = Actor("h", frozenset({"handler"}), units=frozenset({MINE}))
REJECT = Wish("REJECTED", reason="WRONG_DUTY", basis="不是我们的职责")
Pages = Callable[["Desk", Actor, str | None], tuple[list[str], str | None]]


def listed(desk: Desk, actor: Actor, cursor: str | None) -> tuple[list[str], str | None]:
    found = find_orders(desk.office, Wanted(), actor, cursor=cursor, limit=2)
    return [order.id for order in found.orders], found.next_cursor


def queued(desk: Desk, actor: Actor, cursor: str | None) -> tuple[list[str], str | None]:
    found = queue_page(desk.office, Slice(), actor, cursor=cursor, limit=2)
    return [item.order.id for item in found.items], found.next_cursor


def all_pages(desk: Desk, actor: Actor, pages: Pages) -> tuple[list[list[str]], str]:
    """Return the pages, and what their cursors say in plain text."""
    found, said, cursor = list[list[str]](), "", None
    while True:
        ids, cursor = pages(desk, actor, cursor)
        found.append(ids)
        if cursor is None:
            return found, said
        said += base64.urlsafe_b64decode(cursor + "==").decode()


def sent(desk: Desk, unit: str, *support: str) -> str:
    order = desk.taken()
    desk.wait(minutes=1)
    return desk.go(order.id, Wish("DISPATCHED", unit=unit, support=support)).id


@pytest.mark.parametrize("pages", [listed, queued])
def test_pages_are_full_and_no_cursor_tells_an_order_out_of_reach(desk: Desk, pages: Pages) -> None:
    mine, others = list[str](), list[str]()
    for _ in range(3):  # four orders out of reach before each of mine: a page holds two
        others += [sent(desk, OTHERS) for _ in range(3)]
        others.append(desk.take().order_id)  # only suggested to this unit: not sent yet
        mine.append(sent(desk, MINE))
    others += [sent(desk, OTHERS) for _ in range(3)]
    found, said = all_pages(desk, HANDLER, pages)
    assert [len(page) for page in found] == [2, 1]
    assert sorted(chain.from_iterable(found)) == sorted(mine)
    assert said
    assert not any(order_id in said for order_id in others)


def test_who_supports_and_who_leads_until_a_ruling_find_the_order_with_their_role(
    desk: Desk,
) -> None:
    led = sent(desk, MINE)
    supported = sent(desk, OTHERS, MINE)
    disputed = sent(desk, MINE)
    desk.go(disputed, REJECT, Wish("DISPATCHED", unit=OTHERS), REJECT, Wish("OBJECTED"))
    gone = sent(desk, MINE)
    desk.go(gone, Wish("DISPATCHED", unit=OTHERS, reason="职能调整"))
    roles = {
        item.order.id: order_json(item.order, HANDLER)["unit_role"]
        for item in queue_page(desk.office, Slice(), HANDLER, cursor=None, limit=9).items
    }
    assert roles == {led: "LEAD", supported: "SUPPORT", disputed: "INTERIM"}
    assert order_json(desk.order(led), CHIEF)["unit_role"] == ""


def test_one_accused_unit_of_the_caller_hides_the_report_from_all_lists(desk: Desk) -> None:
    both = Actor("h2", frozenset({"handler"}), units=frozenset({MINE, "ECOLOGY"}))
    order_id = sent(desk, "ECOLOGY")
    assert [listed(desk, both, None)[0], queued(desk, both, None)[0]] == [[order_id], [order_id]]
    override(
        desk.office, order_id, {"request_type": "REPORT", "accused": [MINE]},
        reason="", version=None, actor=CHIEF,
    )  # fmt: skip
    assert [listed(desk, both, None)[0], queued(desk, both, None)[0]] == [[], []]
    ecology = Actor("h3", frozenset({"handler"}), units=frozenset({"ECOLOGY"}))
    assert queued(desk, ecology, None)[0] == [order_id]


def test_an_ended_order_leaves_the_queue_and_stays_in_the_list(desk: Desk) -> None:
    order_id = sent(desk, MINE)
    reply = Wish("REPLIED", note="油烟问题已要求商家整改完毕，现场复查合格", reason="CONFIRMED")
    desk.go(order_id, Wish("HANDLING"), reply, Wish("FOLLOWED_UP", reason="SATISFIED"))
    assert queued(desk, HANDLER, None)[0] == [order_id]
    desk.go(order_id, Wish("CLOSED"))
    assert queued(desk, HANDLER, None)[0] == []
    assert listed(desk, HANDLER, None)[0] == [order_id]


def test_the_rows_follow_the_rule_and_a_migration_makes_the_same(desk: Desk) -> None:
    ids = [sent(desk, MINE), sent(desk, OTHERS, MINE), sent(desk, MINE), desk.take().order_id]
    desk.go(ids[2], REJECT, Wish("DISPATCHED", unit=OTHERS), REJECT, Wish("OBJECTED"))
    override(
        desk.office, ids[0], {"request_type": "REPORT", "accused": ["ECOLOGY"]},
        reason="", version=None, actor=CHIEF,
    )  # fmt: skip
    desk.go(ids[1], Wish("MERGED", into=ids[3]))
    expected = {tuple(row.values()) for one in ids for row in rows_of(desk.order(one))}
    assert len(expected) == 6  # two each of the first three, none of what was only suggested

    def rows() -> set[tuple[object, ...]]:
        with desk.office.database.read() as connection:
            return {tuple(row) for row in connection.execute(select(order_unit))}

    assert rows() == expected
    downgrade(desk.office.database, "0008")
    upgrade(desk.office.database)
    assert rows() == expected
