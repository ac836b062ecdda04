"""Keep the queue level with the event groups: an order is ranked by how many tell of its event.

A large enough group has its whole weight already, so that of a storm only what has just come in is
ranked again: a call costs a bounded number of places, however many came before. Orders that
somebody is changing at this moment are left for the next round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from sqlalchemy import Connection

from triage.store.database import Database
from triage.store.event_sizes import open_members, size_of, sizes
from triage.store.orders import claim_free
from triage.store.queue import Ranks, re_rank
from triage.workorder.order import WorkOrder
from triage.workorder.ranking import LARGE_GROUP

AT_ONCE = 50
"""Events that are looked at together."""
PLACES = 500
"""Orders that are ranked in one transaction: nothing is taken in while one lasts."""


@dataclass(slots=True)
class Regrouped:
    """Events that gained or lost orders: event → the orders that came to it since."""

    came: dict[str, set[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.came)

    def note(self, event_id: str, order_ids: Set[str] = frozenset()) -> None:
        """Note that an event is another than before, and who came to it."""
        if event_id:
            self.came.setdefault(event_id, set()).update(order_ids)

    def taken(self, most: int) -> dict[str, set[str]]:
        """Return some events, which are forgotten here."""
        return {event: self.came.pop(event) for event in list(self.came)[:most]}


def rank_again(
    database: Database, ranks: Callable[[WorkOrder, int], Ranks], regrouped: Regrouped
) -> None:
    """Give the orders of all regrouped events their places; the missed are noted for next time.

    Raises
    ------
    StoreUnavailable
        Some of it was written; whoever takes up the events again ranks them again.
    """
    missed = Regrouped()
    while regrouped:
        events = regrouped.taken(AT_ONCE)
        with database.read() as connection:
            wanted = {event: _concerned(connection, event, came) for event, came in events.items()}
        for some in _parts(wanted):
            with database.write() as connection:
                free = _ranked(connection, ranks, sorted(some))
            for order_id in some.keys() - free:
                missed.note(some[order_id], {order_id})
    regrouped.came = missed.came


def _parts(wanted: Mapping[str, Set[str]]) -> Iterator[dict[str, str]]:
    """Give order → event, `PLACES` orders at a time."""
    event_of = {one: event for event, some in wanted.items() for one in some}
    ids = sorted(event_of)
    for start in range(0, len(ids), PLACES):
        yield {one: event_of[one] for one in ids[start : start + PLACES]}


def _ranked(
    connection: Connection, ranks: Callable[[WorkOrder, int], Ranks], ids: Sequence[str]
) -> set[str]:
    """Rank orders; return those that nobody else is changing."""
    orders = claim_free(connection, ids)
    told = sizes(connection, [one.id for one in orders], most=LARGE_GROUP)
    re_rank(connection, {one.id: ranks(one, told.get(one.id, 1)) for one in orders}, orders)
    return {one.id for one in orders}


def _concerned(connection: Connection, event_id: str, came: Set[str]) -> set[str]:
    """Return who is to be ranked: who came, and all where the group had not its whole weight."""
    most = LARGE_GROUP + len(came)
    if size_of(connection, event_id, most) - len(came) >= LARGE_GROUP:
        return set(came)
    return {*came, *open_members(connection, event_id, most)}
