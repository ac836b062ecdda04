"""Rulings as precedents: the city's own, and those that came with packs of others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import orjson
from sqlalchemy import Connection, Row, and_, insert, or_, select

from triage.store.dispute_tables import dispute, shared_precedent
from triage.store.disputes import RULED
from triage.workorder.disputes import Precedent

_CONSIDERED = 500
"""The newest rulings of a topic that are ranked as precedents."""


def precedents(connection: Connection, topic: str, *, but: str = "") -> list[Precedent]:
    """Return the newest rulings of a topic, own and adopted; none of order `but`."""
    if not topic:
        return []
    later = dispute.alias()
    again = select(later.c.number).where(
        later.c.order_id == dispute.c.order_id, later.c.number > dispute.c.number
    )
    own = (
        select(dispute, again.exists().label("is_overturned"))
        .where(dispute.c.topic == topic, dispute.c.state == RULED, dispute.c.order_id != but)
        .order_by(dispute.c.ruled_at.desc())
        .limit(_CONSIDERED)
    )
    shared = (
        select(shared_precedent)
        .where(shared_precedent.c.topic == topic)
        .order_by(shared_precedent.c.ruled_at.desc())
        .limit(_CONSIDERED)
    )
    found = [
        _precedent(row, row.order_id, "", row.is_overturned) for row in connection.execute(own)
    ]
    found += [_precedent(row, "", row.publisher, False) for row in connection.execute(shared)]
    return found


def rulings_since(connection: Connection, since: datetime, region: str = "") -> list[Precedent]:
    """Return the rulings that stand since a time, oldest first: what a pack may carry."""
    later = dispute.alias()
    again = select(later.c.number).where(
        later.c.order_id == dispute.c.order_id, later.c.number > dispute.c.number
    )
    wanted = and_(dispute.c.state == RULED, dispute.c.ruled_at >= since, ~again.exists())
    if region:
        wanted = and_(wanted, or_(dispute.c.region == region, dispute.c.region == ""))
    rows = connection.execute(
        select(dispute).where(wanted).order_by(dispute.c.ruled_at, dispute.c.order_id)
    )
    return [_precedent(row, row.order_id, "", False) for row in rows]


def share(connection: Connection, pack: str, found: Sequence[Precedent]) -> None:
    """Write precedents that came with a pack."""
    for number, one in enumerate(found, 1):
        connection.execute(
            insert(shared_precedent).values(
                pack=pack,
                number=number,
                publisher=one.publisher,
                topic=one.topic,
                region=one.region,
                object=one.object,
                parties=orjson.dumps(one.parties).decode(),
                unit=one.unit,
                basis=one.basis,
                ruled_at=one.ruled_at,
            )
        )


def has_pack(connection: Connection, pack: str) -> bool:
    """Say whether precedents of a pack are here."""
    query = select(shared_precedent.c.number).where(shared_precedent.c.pack == pack).limit(1)
    return connection.execute(query).first() is not None


def _precedent(
    row: Row[*tuple[object, ...]], order_id: str, publisher: str, is_overturned: bool
) -> Precedent:
    parties = tuple(orjson.loads(row.parties))
    return Precedent(
        order_id,
        row.topic,
        row.region,
        row.object,
        parties,
        row.unit,
        row.basis,
        row.ruled_at,
        publisher,
        bool(is_overturned),
    )
