"""Back up and restore a whole database, of either kind into either kind.

Reads one moment while the service goes on; restores into an empty database, all or nothing, and
only when the ledger in the file verifies. Sealed texts stay sealed: the vault's keys are not in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, MetaData, Table, delete, insert, inspect, select

from triage.errors import TriageError
from triage.files import atomic_write
from triage.store.backup_file import (
    BackupWriter,
    DamagedBackup,
    TableHead,
    Value,
    check_backup,
    read_backup,
)
from triage.store.database import Database
from triage.store.ledger import head_of
from triage.store.migrate import (
    BASE,
    current_within,
    downgrade_within,
    make_folder,
    newest,
    require_current,
    upgrade_within,
)
from triage.store.verify import Verification, verify_within

REVISIONS = "alembic_version"
"""Alembic's own table is not backed up: restoring makes it."""
SEEDED = frozenset({"ledger_head", "queue_floor"})
"""Tables that hold rows in an empty database, because a migration put them there."""
_ROWS = 2_000


class NotEmpty(TriageError):
    """A backup is restored into an empty database only."""

    code = "database_not_empty"


def back_up(database: Database, path: Path, *, now: datetime) -> int:
    """Write a backup, readable by its owner alone, whole or not at all; return the rows in it.

    Raises
    ------
    UnusableFile, StaleSchema, StoreUnavailable
    """
    require_current(database)
    rows = 0
    with atomic_write(path, mode=0o600) as file, database.snapshot() as connection:
        writer = BackupWriter(file, newest(), now.isoformat())
        for table in _tables(connection):
            writer.table(TableHead(table.name, tuple(table.columns.keys())))
            query = select(table).order_by(*table.primary_key.columns)
            for row in connection.execution_options(yield_per=_ROWS).execute(query):
                writer.row(row)
                rows += 1
        writer.end()
    return rows


def restore(database: Database, path: Path) -> Verification:
    """Fill an empty database from a backup, upgrade and verify it; return what was verified.

    Raises
    ------
    DamagedBackup
        The file is damaged or its ledger does not verify; the database stays as it was.
    NotEmpty, StaleSchema, StoreUnavailable
    """
    revision = check_backup(path)
    make_folder(database)
    seen = Verification()
    with database.write() as connection:
        _empty(connection)
        upgrade_within(connection, revision)
        _fill(connection, path)
        upgrade_within(connection, newest())
        found = list(islice(verify_within(connection, seen=seen), 3))
        if found:
            said = "；".join(str(difference) for difference in found)
            raise DamagedBackup(
                f"备份 {path} 中的台账不能通过核验（{said}）：没有恢复任何内容；请换一份备份"
            )
    return seen


def _tables(connection: Connection) -> list[Table]:
    """Return the tables as they are in the database, referred ones before those that refer."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name != REVISIONS)
    return list(found.sorted_tables)


def _empty(connection: Connection) -> None:
    """Take the tables of an empty database away.

    Raises
    ------
    NotEmpty
    """
    if not inspect(connection).get_table_names():
        return
    full = [
        table.name
        for table in _tables(connection)
        if table.name not in SEEDED and connection.execute(select(table).limit(1)).first()
    ]
    if full or current_within(connection) is None or head_of(connection).seq:
        names = "、".join(full) or "其他软件的表"
        raise NotEmpty(f"目标数据库不是空的（{names}）：请恢复到一个新建的空库")
    downgrade_within(connection, BASE)


def _fill(connection: Connection, path: Path) -> None:
    tables = {table.name: table for table in _tables(connection)}
    for table in reversed(tables.values()):
        connection.execute(delete(table))
    for name, rows in _batches(path):
        connection.execute(insert(tables[name]), rows)


def _batches(path: Path) -> Iterator[tuple[str, list[dict[str, Value]]]]:
    head, rows = TableHead("", ()), list[dict[str, Value]]()
    for item in read_backup(path):
        if isinstance(item, TableHead) or len(rows) == _ROWS:
            if rows:
                yield head.table, rows
            rows = []
        if isinstance(item, TableHead):
            head = item
        else:
            rows.append(dict(zip(head.columns, item, strict=True)))
    if rows:
        yield head.table, rows
