"""A deed under an Idempotency-Key is done once, by whichever of two who send it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from triage.desk.actor import Actor
from triage.desk.amend import extend
from triage.desk.guards import MoveRefused
from triage.desk.intake import KeyReused
from triage.desk.spawning import PartWish, split
from triage.store.ledger import events_of
from triage.workorder.events import Kind
from triage.workorder.order import WorkOrder

if TYPE_CHECKING:
    from desks import Desk

CHIEF = Actor("chief", frozenset({"administrator"}))
OTHER = Actor("other", frozenset({"administrator"}))
PARTS = [PartWish("路灯坏了"), PartWish("井盖丢了")]


def divided(desk: Desk, order_id: str, key: str = "", parts: list[PartWish] = PARTS) -> list[str]:
    made = split(desk.office, order_id, parts, version=None, actor=CHIEF, key=key)
    return [order.id for order in made]


def extended(desk: Desk, order_id: str, key: str, days: int = 3, by: Actor = CHIEF) -> WorkOrder:
    return extend(desk.office, order_id, days, reason="等待材料", version=None, actor=by, key=key)


def count(desk: Desk, order_id: str, kind: Kind) -> int:
    with desk.office.database.read() as connection:
        return sum(entry.event.kind is kind for entry in events_of(connection, order_id))


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
