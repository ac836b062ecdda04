from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import select

from triage.store.database import Database
from triage.store.failures import FailureBook, failure

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


def book(database: Database) -> FailureBook:
    numbers = count()
    return FailureBook(database, b"key", lambda: f"{next(numbers):032x}")


def test_failures_of_one_subject_are_counted_over_the_window(database: Database) -> None:
    failures = book(database)
    for minutes in (0, 5, 10):
        failures.add("10.0.0.1", NOW + timedelta(minutes=minutes))
    failures.add("10.0.0.2", NOW)
    assert failures.since("10.0.0.1", NOW) == [
        NOW + timedelta(minutes=5),
        NOW + timedelta(minutes=10),
    ]


def test_no_address_is_written(database: Database) -> None:
    book(database).add("10.0.0.1", NOW)
    with database.read() as connection:
        assert all(
            "10.0" not in one for one in connection.execute(select(failure.c.subject)).scalars()
        )


def test_old_failures_are_forgotten(database: Database) -> None:
    failures = book(database)
    failures.add("10.0.0.1", NOW)
    failures.add("10.0.0.2", NOW + timedelta(days=2))
    assert failures.since("10.0.0.1", NOW - timedelta(days=1)) == []
