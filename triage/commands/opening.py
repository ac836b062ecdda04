"""The option `--database`, and opening what it names; shared by the commands of the store."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from triage.store.database import Database
from triage.store.location import default_url
from triage.store.migrate import require_current


def add_database(parser: argparse.ArgumentParser) -> None:
    """Declare `--database`."""
    parser.add_argument(
        "--database",
        default=default_url(),
        metavar="URL",
        help="数据库地址，默认取 TRIAGE_DATABASE_URL，再默认 sqlite:///runs/triage.db",
    )


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """Give a database in whatever state, closed afterwards.

    Raises
    ------
    UnusableFile
    """
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def opened_current(url: str) -> Iterator[Database]:
    """Give a database that has the tables of this software, closed afterwards.

    Raises
    ------
    UnusableFile, StaleSchema, StoreUnavailable
    """
    with opened(url) as database:
        require_current(database)
        yield database
