from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.event import listen

from triage.errors import UnusableFile
from triage.store.backup import NotEmpty, back_up, restore
from triage.store.backup_file import DamagedBackup, check_backup
from triage.store.cipher import CipherName
from triage.store.database import Database, StaleSchema
from triage.store.key_file import create_key, read_keys
from triage.store.ledger import append, head_of
from triage.store.migrate import current, downgrade, is_current, newest, upgrade
from triage.store.orders import Books, find, record
from triage.store.queue import Ranks
from triage.store.tables import ledger, metadata, work_order
from triage.store.vault import Field, Reading, Vault
from triage.store.verify import verify
from triage.workorder.events import Event, Kind
from triage.workorder.order import WorkOrder

NOW = datetime(2026, 3, 9, tzinfo=UTC)
BOOKS = Books(
    ranks=lambda order, told: Ranks(1.0, 1.0),
    task=lambda order: None,
    letter=lambda before, after, events: None,
)
Fill = Callable[..., list[WorkOrder]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "backup.jsonl.gz"


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Database]:
    """Give an empty embedded database in a folder not yet made."""
    database = Database(f"sqlite:///{tmp_path}/new/triage.db")
    yield database
    database.close()


@pytest.fixture
def backed_up(database: Database, path: Path, fill_database: Fill) -> Database:
    fill_database(database, 8)
    back_up(database, path, now=NOW)
    return database


def upgraded(path: Path) -> Database:
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    return database


def rows_of(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.read() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(select(table))), key=str)
            for name, table in metadata.tables.items()
        }


def rewritten(path: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Write the backup again with other lines and a checksum that is right for them."""
    lines = change(gzip.decompress(path.read_bytes()).splitlines(keepends=True)[:-1])
    end = {"sha256": hashlib.sha256(b"".join(lines)).hexdigest()}
    path.write_bytes(gzip.compress(b"".join([*lines, json.dumps(end).encode()])))


def test_a_backup_restores_every_row_into_an_embedded_database(
    backed_up: Database, embedded: Database, path: Path
) -> None:
    seen = restore(embedded, path)
    assert (seen.events, seen.orders) == (34, 8)
    assert rows_of(embedded) == rows_of(backed_up)
    assert is_current(embedded)


def test_a_backup_of_an_embedded_database_restores_into_every_kind(
    database: Database, path: Path, fill_database: Fill
) -> None:
    source = upgraded(path.parent / "source.db")
    fill_database(source, 8)
    back_up(source, path, now=NOW)
    restore(database, path)
    assert rows_of(database) == rows_of(source)
    assert list(verify(database)) == []
    source.close()


def test_work_goes_on_after_restoring(
    database: Database, database_url: str, path: Path, fill_database: Fill
) -> None:
    fill_database(database, 2)
    back_up(database, path, now=NOW)
    restored = Database(database_url)
    restore(restored, path)
    with restored.write() as connection:
        order = find(connection, "W0001")
        remind = Event("W0001", Kind.REMIND, NOW, "u1", {})
        assert record(connection, order, [remind], BOOKS).reminders == 1
    assert list(verify(restored)) == []
    restored.close()


def test_a_backup_is_readable_by_its_owner_only_and_holds_no_original(
    database: Database, path: Path, fill_database: Fill, tmp_path: Path, embedded: Database
) -> None:
    fill_database(database, 1)
    create_key(tmp_path / "keys.json", CipherName.AES, now=NOW)
    safe = Vault(read_keys(tmp_path / "keys.json"))
    with database.write() as connection:
        safe.seal(connection, "W0001", {Field.PHONE: "13800138000"}, NOW)
    back_up(database, path, now=NOW)
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"13800138000" not in gzip.decompress(path.read_bytes())
    restore(embedded, path)
    opened = safe.open_sealed(
        embedded, "W0001", frozenset({Field.PHONE}), Reading("u1", "核对", NOW)
    )
    assert opened == {Field.PHONE: "13800138000"}


def test_a_backup_holds_one_moment_though_events_come_in(
    database: Database, path: Path, fill_database: Fill, embedded: Database
) -> None:
    fill_database(database, 4)
    other = Database(database.url.render_as_string(hide_password=False))
    came: list[int] = []

    def mode_changes(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.startswith("SELECT work_order") and not came:  # the ledger is read already
            with other.write() as writer:
                came.append(append(writer, [Event("", Kind.MODE, NOW, "u1", {})]))

    listen(database.engine, "before_cursor_execute", mode_changes)
    back_up(database, path, now=NOW)
    other.close()
    assert came == [18]
    assert restore(embedded, path).events == 17  # head and ledger are of the same moment


@pytest.mark.parametrize("keep", [0, 10, 100, -12, -1])
def test_a_backup_cut_short_is_refused(
    backed_up: Database, embedded: Database, path: Path, keep: int
) -> None:
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DamagedBackup, match=r"没有恢复任何内容|不是本软件的备份"):
        restore(embedded, path)
    assert not Path(str(embedded.url.database)).exists()


def test_a_backup_with_one_bit_turned_is_refused(
    backed_up: Database, embedded: Database, path: Path
) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedBackup, match="没有恢复任何内容"):
        restore(embedded, path)


def test_a_backup_without_its_last_lines_is_refused(
    backed_up: Database, embedded: Database, path: Path
) -> None:
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    path.write_bytes(gzip.compress(b"".join(lines[:-3])))
    with pytest.raises(DamagedBackup, match="校验和不符"):
        restore(embedded, path)


def test_something_behind_the_end_is_refused(
    backed_up: Database, embedded: Database, path: Path
) -> None:
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()) + b"[1]\n"))
    with pytest.raises(DamagedBackup, match="校验和不符"):
        restore(embedded, path)


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", gzip.compress(b'{"format": "other"}\n')],
    ids=["empty", "text", "another-format"],
)
def test_another_file_is_refused(embedded: Database, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(DamagedBackup):
        restore(embedded, path)
    with pytest.raises(DamagedBackup):
        check_backup(path.parent / "none.gz")


def test_a_backup_whose_ledger_does_not_verify_leaves_the_database_as_it_was(
    database: Database, path: Path, fill_database: Fill
) -> None:
    source = upgraded(path.parent / "source.db")
    fill_database(source, 4)
    with source.write() as connection:
        connection.execute(update(ledger).where(ledger.c.seq == 5).values(actor="u2"))
    back_up(source, path, now=NOW)
    source.close()
    with pytest.raises(DamagedBackup, match="seq 5 工单 W0002，hash"):
        restore(database, path)
    with database.read() as connection:
        assert head_of(connection).seq == 0
        assert connection.execute(select(func.count()).select_from(work_order)).scalar() == 0
    assert is_current(database)


def test_a_database_with_orders_is_not_restored_into(backed_up: Database, path: Path) -> None:
    before = rows_of(backed_up)
    with pytest.raises(NotEmpty, match="空库"):
        restore(backed_up, path)
    assert rows_of(backed_up) == before


def test_a_database_of_another_software_is_not_restored_into(
    backed_up: Database, database_url: str, path: Path
) -> None:
    other = Database(database_url)
    with other.write() as connection:
        connection.execute(text("CREATE TABLE theirs (x INTEGER)"))
    with pytest.raises(NotEmpty, match="其他软件的表"):
        restore(other, path)
    assert current(other) is None
    other.close()


def test_a_backup_of_newer_software_is_refused(
    backed_up: Database, embedded: Database, path: Path
) -> None:
    rewritten(path, lambda lines: [lines[0].replace(newest().encode(), b"9999"), *lines[1:]])
    assert check_backup(path) == "9999"
    with pytest.raises(StaleSchema, match="9999"):
        restore(embedded, path)
    assert current(embedded) is None


def test_a_database_of_older_software_is_upgraded_before_it_is_backed_up(
    database: Database, path: Path
) -> None:
    downgrade(database, "base")
    with pytest.raises(StaleSchema, match="triage database upgrade"):
        back_up(database, path, now=NOW)
    assert not path.exists()


def test_a_place_that_cannot_be_written_to_is_named(database: Database, tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="目录"):
        back_up(database, tmp_path, now=NOW)
