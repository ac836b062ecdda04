"""A deed under an Idempotency-Key is done once, by whichever of two who send it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from triage.desk.actor import Actor, NotAllowed
from triage.desk.amend import extend, override
from triage.desk.guards import MoveRefused
from triage.desk.intake import KeyReused
from triage.desk.moves import Wish
from triage.desk.spawning import PartWish, split
from triage.store.database import Database
from triage.store.ledger import events_of
from triage.store.orders import StaleOrder, claim
from triage.workorder.events import Kind
from triage.workorder.order import WorkOrder

if TYPE_CHECKING:
    from desks import Desk

CHIEF = Actor("chief", frozenset({"administrator"}))
OTHER = Actor("other", frozenset({"administrator"}))
ACCUSING = "城管局执法人员收钱包庇楼下烧烤店，油烟天天往楼上飘"
PARTS = [PartWish("路灯坏了"), PartWish("井盖丢了")]


def divided(desk: Desk, order_id: str, key: str = "", parts: list[PartWish] = PARTS) -> list[str]:
    made = split(desk.office, order_id, parts, version=None, actor=CHIEF, key=key)
    return [order.id for order in made]


def extended(desk: Desk, order_id: str, key: str, days: int = 3, by: Actor = CHIEF) -> WorkOrder:
    return extend(desk.office, order_id, days, reason="等待材料", version=None, actor=by, key=key)


def count(desk: Desk, order_id: str, kind: Kind) -> int:
    with desk.office.database.read() as connection:
        return sum(entry.event.kind is kind for entry in events_of(connection, order_id))


def waiting(database: Database) -> int:
    """Return how many transactions of this database wait for a lock."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with database.read() as connection:
        return int(connection.execute(query).scalar_one())


def test_a_split_sent_again_returns_the_same_parts(desk: Desk) -> None:
    order_id = desk.taken("路灯坏了。另外井盖丢了").id
    first = divided(desk, order_id, "k1")
    assert divided(desk, order_id, "k1") == first
    assert desk.order(order_id).parts == tuple(first)
    with pytest.raises(MoveRefused) as refused:
        divided(desk, order_id)
    assert refused.value.code == "already_split"


def test_an_extension_sent_again_is_granted_once_and_without_a_key_twice(desk: Desk) -> None:
    order_id = desk.taken().id
    first = extended(desk, order_id, "k1")
    assert extended(desk, order_id, "k1") == first
    assert first.extensions == (3,)
    assert extended(desk, order_id, "").extensions == (3, 3)
    assert count(desk, order_id, Kind.EXTENSION) == 2


def test_a_key_for_something_else_is_refused_and_changes_nothing(desk: Desk) -> None:
    one, two = desk.taken().id, desk.taken().id
    extended(desk, one, "k1")
    for deed in (
        lambda: extended(desk, one, "k1", days=4),
        lambda: extended(desk, two, "k1"),
        lambda: divided(desk, one, "k1"),
    ):
        with pytest.raises(KeyReused, match="换一个新的"):
            deed()
    assert desk.order(two).extensions == ()
    assert desk.order(one).parts == ()


def test_a_key_is_the_caller_s_own(desk: Desk) -> None:
    order_id = desk.taken().id
    extended(desk, order_id, "k1")
    assert extended(desk, order_id, "k1", by=OTHER).extensions == (3, 3)


def test_a_refused_deed_leaves_its_key_free(desk: Desk) -> None:
    order_id = desk.taken().id
    with pytest.raises(MoveRefused):
        extended(desk, order_id, "k1", days=99)
    assert extended(desk, order_id, "k1").extensions == (3,)


def test_two_who_send_the_same_at_once_get_one_deed(desk: Desk) -> None:
    order_id = desk.taken().id
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda _: extended(desk, order_id, "k1").extensions, range(2)))
    assert found == [(3,), (3,)]
    assert count(desk, order_id, Kind.EXTENSION) == 1


def test_four_who_saw_the_same_version_and_send_the_same_at_once_get_one_answer(
    desk: Desk,
) -> None:
    order, database = desk.taken(), desk.office.database

    def sent(_: int) -> WorkOrder:
        return extend(
            desk.office,
            order.id,
            3,
            reason="等待材料",
            version=order.version,
            actor=CHIEF,
            key="k1",
        )

    with ThreadPoolExecutor(4) as threads:
        with database.write() as connection:
            claim(connection, order.id, None)
            asked = [threads.submit(sent, number) for number in range(4)]
            while not database.is_embedded and waiting(database) < 4:
                assert not any(one.done() for one in asked)
        found = [one.result() for one in asked]
    assert found == [desk.order(order.id)] * 4
    assert found[0].extensions == (3,)
    assert count(desk, order.id, Kind.EXTENSION) == 1


def test_a_deed_refused_while_another_does_it_is_refused_without_a_key(desk: Desk) -> None:
    order = desk.taken()
    extended(desk, order.id, "k1")
    with pytest.raises(StaleOrder):
        extend(desk.office, order.id, 3, reason="", version=order.version, actor=CHIEF)


def test_who_reaches_the_order_no_more_is_not_told_again_what_came_of_it(desk: Desk) -> None:
    order = desk.go(desk.taken(ACCUSING).id, Wish("DISPATCHED", unit="URBAN_MGMT"))
    by = replace(CHIEF, id="one", units=frozenset({"URBAN_MGMT"}))
    first = extended(desk, order.id, "k1", by=by)
    assert extended(desk, order.id, "k1", by=by) == first
    override(
        desk.office, order.id, {"request_type": "REPORT"}, reason="", version=None, actor=CHIEF
    )
    with pytest.raises(NotAllowed):
        extended(desk, order.id, "k1", by=by)
