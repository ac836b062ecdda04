from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text

import triage.store
from triage.store.database import Database, StaleSchema, StoreUnavailable
from triage.store.ledger import GENESIS, Head, head_of
from triage.store.migrate import (
    current,
    downgrade,
    is_current,
    newest,
    require_current,
    upgrade,
)
from triage.store.tables import metadata, work_order
from triage.workorder.order import WorkOrder

for _module in pkgutil.iter_modules(triage.store.__path__):  # each may add tables to `metadata`
    if _module.name != "migrations":
        importlib.import_module(f"triage.store.{_module.name}")

MIGRATIONS = ScriptDirectory(str(Path(triage.store.__path__[0]) / "migrations"))


def indexes(connection: Connection) -> set[str]:
    """Return how the database itself says that its indexes are made."""
    if connection.dialect.name == "sqlite":
        query = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    else:
        query = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
    found = {" ".join(str(row[0]).split()) for row in connection.execute(text(query))}
    return {one for one in found if "alembic_version" not in one}


def test_migrations_make_the_tables_that_the_code_declares(database: Database) -> None:
    with database.read() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    others = [one for one in differences if "index" not in str(one[0])]  # compared below
    assert others == []


def test_migrations_make_the_indexes_that_the_code_declares(database: Database) -> None:
    with database.read() as connection:
        made = indexes(connection)
    downgrade(database, "base")
    with database.write() as connection:
        metadata.create_all(connection)
    with database.read() as connection:
        assert indexes(connection) == made


def test_migrations_name_their_constraints_as_the_code_does(database: Database) -> None:
    def names() -> set[str | None]:
        with database.read() as connection:
            view = inspect(connection)
            return {
                name
                for table in metadata.tables
                for name in (
                    view.get_pk_constraint(table)["name"],
                    *(key["name"] for key in view.get_foreign_keys(table)),
                    *(key["name"] for key in view.get_unique_constraints(table)),
                )
            }

    made = names()
    downgrade(database, "base")
    with database.write() as connection:
        metadata.create_all(connection)
    assert None not in made
    assert names() == made


def test_no_table_counts_its_rows_by_itself() -> None:
    """A backup restored would begin again at 1: see docs/store.md."""
    assert [
        name for name, one in metadata.tables.items() if one.autoincrement_column is not None
    ] == []


def test_a_new_database_is_upgraded_and_its_ledger_is_empty(database_url: str) -> None:
    database = Database(database_url)
    assert upgrade(database) == newest()
    assert current(database) == newest()
    assert is_current(database)
    with database.read() as connection:
        assert head_of(connection) == Head(0, GENESIS)
    assert upgrade(database) == newest()
    database.close()


def test_a_filled_database_goes_down_one_by_one_and_up_again(
    database: Database, fill_database: Callable[..., list[WorkOrder]]
) -> None:
    fill_database(database)
    for script in MIGRATIONS.walk_revisions():
        assert current(database) == script.revision
        if script.down_revision is None:
            break
        downgrade(database, str(script.down_revision))
    with database.read() as connection:
        assert len(connection.execute(select(work_order.c.id)).all()) == 8
    upgrade(database)
    assert is_current(database)
    downgrade(database, "base")
    assert current(database) is None
    upgrade(database)
    with database.read() as connection:
        assert connection.execute(select(work_order.c.id)).all() == []


def test_migrations_are_numbered_in_one_line() -> None:
    numbers = [script.revision for script in MIGRATIONS.walk_revisions()]
    assert numbers == [f"{number:04d}" for number in range(len(numbers), 0, -1)]


def test_a_database_newer_than_the_software_is_refused(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StaleSchema, match="9999"):
        upgrade(database)
    with pytest.raises(StaleSchema, match="triage database upgrade"):
        require_current(database)


def test_an_unknown_revision_is_refused_and_nothing_changes(database: Database) -> None:
    with pytest.raises(StaleSchema, match="0000x"):
        downgrade(database, "0000x")
    assert is_current(database)


def test_a_database_without_tables_says_how_to_make_them(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(StaleSchema, match="triage database upgrade"), database.read() as connection:
        head_of(connection)
    database.close()


def test_the_folder_of_an_embedded_database_is_made_by_upgrading_only(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/a/b/triage.db")
    with pytest.raises(StoreUnavailable, match="triage database upgrade"):
        current(database)
    upgrade(database)
    assert is_current(database)
    database.close()
