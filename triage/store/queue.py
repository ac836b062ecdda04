"""Places in the queue, with their past: a page asked for as of an earlier event stays the same.

Rank keys come from `triage.workorder.ranking`; they do not age, so an index keeps their order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from triage.store.order_units import is_helped_by, is_led_by
from triage.store.tables import ledger_head, queue_entry, queue_floor
from triage.workorder.order import WorkOrder

_STAND_OTHERWISE = update(queue_entry).where(
    queue_entry.c.order_id == bindparam("_id"), queue_entry.c.from_seq == bindparam("_from")
)
_LEAVE = update(queue_entry).where(
    queue_entry.c.order_id == bindparam("_id"), queue_entry.c.to_seq.is_(None)
)


@dataclass(frozen=True, slots=True)
class Ranks:
    """The rank keys of an order in normal and in emergency mode; higher comes first."""

    normal: float
    emergency: float


@dataclass(frozen=True, slots=True)
class Seat:
    """An order's place: orders come by rank, highest first, then by id."""

    order_id: str
    rank: float


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of the queue: "" takes all; `regions` are codes, none takes all.

    `units` are the lines of who asks: what those see now, none takes all.
    """

    lead: str = ""
    level: str = ""
    regions: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """An order as it is since event `seq`, with its rank keys."""

    order: WorkOrder
    ranks: Ranks
    seq: int


def place(connection: Connection, placed: Sequence[Placed]) -> None:
    """Put open orders, each named once, where they belong, or take ended ones out.

    A place that begins with this very event, because it was foreseen (`re_rank`), is written anew.
    """
    entry = queue_entry.c
    ids = [one.order.id for one in placed]
    standing = connection.execute(
        select(queue_entry).where(entry.order_id.in_(ids), entry.to_seq.is_(None))
    )
    now = {row.order_id: row for row in standing}
    left, come, anew = (list[dict[str, object]]() for _ in range(3))
    for one in placed:
        row, stands = _row(one), now.get(one.order.id)
        if stands is not None:
            if one.order.is_open and all(getattr(stands, name) == row[name] for name in row):
                continue
            if one.order.is_open and stands.from_seq == one.seq:
                anew.append({"_id": one.order.id, "_from": one.seq, **row})
                continue
            left.append({"_id": one.order.id, "to_seq": one.seq})
        if one.order.is_open:
            come.append({"order_id": one.order.id, "from_seq": one.seq, "to_seq": None, **row})
    if left:
        connection.execute(_LEAVE, left)
    if come:
        connection.execute(insert(queue_entry), come)
    if anew:
        connection.execute(_STAND_OTHERWISE, anew)


def re_rank(
    connection: Connection, ranks: Mapping[str, Ranks], orders: Sequence[WorkOrder]
) -> None:
    """Put open orders, locked by the caller, where they belong though nothing happened to them.

    Their places begin with the event that comes next, so that pages made so far stay as they are.
    """
    head = connection.execute(select(ledger_head.c.seq).with_for_update()).scalar_one()
    place(connection, [Placed(one, ranks[one.id], int(head) + 1) for one in orders if one.is_open])


def _row(one: Placed) -> dict[str, object]:
    return {
        "rank_normal": one.ranks.normal,
        "rank_emergency": one.ranks.emergency,
        "lead": one.order.lead,
        "level": one.order.level,
        "region": one.order.region,
    }


def seats(
    connection: Connection,
    part: Slice,
    *,
    emergency: bool,
    as_of: int,
    after: Seat | None,
    limit: int,
) -> list[Seat]:
    """Return the next seats of the queue as it stood after event `as_of`."""
    column = queue_entry.c.rank_emergency if emergency else queue_entry.c.rank_normal
    wanted = _part(part)
    if after is not None:
        wanted.append(column <= after.rank)  # says no more than the next, but an index reads it
        wanted.append(or_(column < after.rank, queue_entry.c.order_id > after.order_id))
    standing = and_(queue_entry.c.to_seq.is_(None), queue_entry.c.from_seq <= as_of)
    left = and_(queue_entry.c.to_seq > as_of, queue_entry.c.from_seq <= as_of)
    found = set[Seat]()  # an order may be led by one line of the caller and helped by another
    for moment, reach in product((standing, left), _reaches(part)):
        rows = connection.execute(
            select(queue_entry.c.order_id, column.label("rank"))
            .where(moment, *wanted, *reach)
            .order_by(column.desc(), queue_entry.c.order_id)
            .limit(limit)
        )
        found |= {Seat(row.order_id, row.rank) for row in rows}
    return sorted(found, key=lambda seat: (-seat.rank, seat.order_id))[:limit]


def oldest_page(connection: Connection) -> int:
    """Return the event before which pages can no longer be made: places left then are forgotten."""
    return int(connection.execute(select(queue_floor.c.seq)).scalar_one())


def forget(connection: Connection, before: int) -> int:
    """Delete places left before event `before`; return how many. Older cursors then end."""
    connection.execute(update(queue_floor).values(seq=before))
    gone = connection.execute(delete(queue_entry).where(queue_entry.c.to_seq <= before))
    return int(gone.rowcount)


def _part(part: Slice) -> list[ColumnElement[bool]]:
    entry = queue_entry.c
    wanted: list[ColumnElement[bool]] = []
    if part.lead:
        wanted.append(entry.lead == part.lead)
    if part.level:
        wanted.append(entry.level == part.level)
    return wanted + _among(entry.region, part.regions)


def _reaches(part: Slice) -> list[list[ColumnElement[bool]]]:
    """Return how the lines of who asks come to an order, each a search that an index answers."""
    if not part.units:
        return [[]]
    entry = queue_entry.c
    led = is_led_by(entry.order_id, entry.lead, part.units)
    return [[led], [is_helped_by(entry.order_id, part.units)]]


def _among(column: ColumnElement[str], values: Sequence[str]) -> list[ColumnElement[bool]]:
    return [column.in_(values)] if values else []
