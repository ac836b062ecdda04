"""Times in the store: whole microseconds since 1970 UTC, alike on every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, Table, type_coerce
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware datetime in Python, a big integer in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return microseconds; a naive time is a programmer's mistake."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return the aware UTC time."""
        return None if value is None else moment(value)


def moment(value: int) -> datetime:
    """Return the aware UTC time of whole microseconds since 1970 UTC."""
    return _EPOCH + timedelta(microseconds=value)


def microseconds(at: datetime) -> int:
    """Return whole microseconds since 1970 UTC of an aware time."""
    if at.tzinfo is None:
        raise ValueError(f"{at}: the time must be aware")
    return (at - _EPOCH) // _MICROSECOND


def as_stored(table: Table) -> list[ColumnElement[Any]]:
    """Return the columns of a table with times left as numbers, whatever numbers they are."""
    return [
        type_coerce(column, BigInteger).label(column.name)
        if isinstance(column.type, Instant)
        else column
        for column in table.c
    ]
