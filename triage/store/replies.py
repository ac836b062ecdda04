"""Prints of replies that went out, so that a template sent to many is seen. No text is kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from triage.store.tables import reply_print


def sent_before(connection: Connection, order_id: str, digest: bytes) -> int:
    """Return how many other orders got a reply with this print."""
    columns = reply_print.c
    query = select(func.count(func.distinct(columns.order_id))).where(
        columns.digest == digest, columns.order_id != order_id
    )
    return int(connection.execute(query).scalar_one())


def keep_print(connection: Connection, order_id: str, digest: bytes, at: datetime) -> None:
    """Keep the print of a reply within the caller's transaction; the order must be locked."""
    columns = reply_print.c
    same = select(columns.at).where(columns.order_id == order_id, columns.digest == digest)
    if connection.execute(same).first() is None:
        connection.execute(insert(reply_print).values(order_id=order_id, digest=digest, at=at))
