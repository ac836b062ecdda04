"""The dispatcher's queue, a page at a time: each order with its score and the reason of each part.

A cursor names the event after which the first page was made: the pages that follow show the queue
as it stood then, so nothing is skipped or shown twice while it moves; orders show as they are now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from triage.desk.actor import Actor
from triage.desk.cursors import packed, unpacked
from triage.desk.guards import MoveRefused
from triage.desk.mode import EMERGENCY, NORMAL, mode_at
from triage.desk.office import Office
from triage.store.event_sizes import Within, sizes
from triage.store.ledger import head_of
from triage.store.orders import find_all
from triage.store.queue import Seat, Slice, oldest_page, seats
from triage.workorder.order import WorkOrder
from triage.workorder.ranking import Part, parts, score

DEFAULT_LIMIT, MOST = 50, 200
_MOST_EVENTS = 2**63


@dataclass(frozen=True, slots=True)
class Ranked:
    """An order in the queue: its score now, and what it is made of."""

    order: WorkOrder
    score: float
    reasons: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `next_cursor` is None on the last."""

    items: tuple[Ranked, ...]
    next_cursor: str | None
    mode: str


@dataclass(frozen=True, slots=True)
class _Cursor:
    as_of: int
    mode: str
    seat: Seat | None


def queue_page(
    office: Office, wanted: Slice, actor: Actor, *, cursor: str | None, limit: int
) -> Page:
    """Return one page of the open orders that the caller reaches, most pressing first.

    Raises
    ------
    MoveRefused
        cursor_invalid, cursor_expired.
    StoreUnavailable
    """
    now = office.now()
    part = _within(wanted, actor)
    with office.database.snapshot() as connection:
        at = unpacked(cursor, _cursor) if cursor else _start(connection, office)
        if at.as_of < oldest_page(connection):
            raise MoveRefused("cursor_expired", "翻页间隔太久：请从第一页重新开始", field="cursor")
        found = seats(
            connection,
            part,
            emergency=at.mode == EMERGENCY,
            as_of=at.as_of,
            after=at.seat,
            limit=limit + 1,
        )
        ids = [seat.order_id for seat in found[:limit]]
        orders, told = find_all(connection, ids), sizes(connection, ids)
        seen = _seen(connection, ids, actor)
    weights = office.weights(at.mode)
    items = []
    for seat in found[:limit]:
        order = orders[seat.order_id]
        if actor.reaches(order):
            of_event, known = told.get(order.id, 1), seen.get(order.id)
            reasons = parts(order, weights, now, told=of_event, seen=known)
            items.append(Ranked(order, score(reasons), reasons))
    more = _packed(at, found[limit - 1]) if len(found) > limit else None
    return Page(tuple(items), more, at.mode)


def _within(wanted: Slice, actor: Actor) -> Slice:
    """Return the part that is wanted and that the caller holds for."""
    return Slice(
        wanted.lead,
        wanted.level,
        _common(wanted.regions, actor.regions),
        tuple(sorted(actor.units)),
    )


def _seen(connection: Connection, ids: Sequence[str], actor: Actor) -> dict[str, int]:
    """Return by order how many of its event the caller sees; {} who sees all of them."""
    if not (actor.units or actor.regions):
        return {}
    return dict.fromkeys(ids, 1) | sizes(connection, ids, within=Within(actor.regions, actor.units))


def _common(wanted: Sequence[str], held: frozenset[str]) -> tuple[str, ...]:
    if not held:
        return tuple(wanted)
    return tuple(sorted(held & set(wanted) if wanted else held)) or ("-",)


def _start(connection: Connection, office: Office) -> _Cursor:
    mode = mode_at(connection, office.now()).name
    return _Cursor(head_of(connection).seq, mode, None)


def _packed(at: _Cursor, seat: Seat) -> str:
    return packed(at.as_of, at.mode, seat.rank, seat.order_id)


def _cursor(as_of: int, mode: str, rank: float, order_id: str) -> _Cursor:
    if mode not in (NORMAL, EMERGENCY) or not 0 <= as_of < _MOST_EVENTS:
        raise ValueError(mode)
    return _Cursor(int(as_of), str(mode), Seat(str(order_id), float(rank)))
