"""Bring a database to the tables that this software needs, or back; one transaction each.

Alembic does the work (`migrations/`). Two that upgrade at once wait for each other.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text

from triage.errors import UnusableFile
from triage.store.database import Database, StaleSchema

BASE = "base"
"""The revision of a database without tables."""
_LOCK = 712_345
"""Any number: whoever migrates a PostgreSQL database holds this advisory lock."""


def upgrade(database: Database) -> str:
    """Bring the database to the newest revision, and return it; nothing is done where it is there.

    Raises
    ------
    StaleSchema
        The database is newer than this software.
    StoreUnavailable
    """
    make_folder(database)
    with database.write() as connection:
        upgrade_within(connection, newest())
    return newest()


def downgrade(database: Database, revision: str) -> None:
    """Go back to a revision, "base" for no tables: what newer tables hold is deleted.

    Raises
    ------
    StaleSchema
        There is no such revision, or the database is newer than this software.
    StoreUnavailable
    """
    with database.write() as connection:
        downgrade_within(connection, revision)


def current(database: Database) -> str | None:
    """Return the revision of the database; None without tables."""
    with database.read() as connection:
        return current_within(connection)


def is_current(database: Database) -> bool:
    """Say whether the database has the tables that this software needs."""
    return current(database) == newest()


def require_current(database: Database) -> None:
    """Refuse a database with other tables than this software needs.

    Raises
    ------
    StaleSchema
    """
    found = current(database)
    if found != newest():
        raise StaleSchema(
            f"数据库结构为 {found or '空'}，本软件需要 {newest()}："
            "请运行 triage database upgrade（先备份）"
        )


def newest() -> str:
    """Return the newest revision that this software knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise ValueError("there is no migration")
    return head


def upgrade_within(connection: Connection, revision: str) -> None:
    """Upgrade to a revision within the caller's transaction."""
    _run(connection, lambda config: command.upgrade(config, revision))


def downgrade_within(connection: Connection, revision: str) -> None:
    """Downgrade to a revision within the caller's transaction."""
    _run(connection, lambda config: command.downgrade(config, revision))


def current_within(connection: Connection) -> str | None:
    """Return the revision, seen from the caller's transaction."""
    return MigrationContext.configure(connection).get_current_revision()


def make_folder(database: Database) -> None:
    """Make the folder of an embedded database: SQLite makes a file, never its folder.

    Raises
    ------
    UnusableFile
    """
    name = database.url.database
    if not database.is_embedded or not name or name == ":memory:":
        return
    try:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableFile(
            f"无法创建 {Path(name).parent}：{error.strerror}；请换一个位置"
        ) from error


def _run(connection: Connection, action: Callable[[Config], None]) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    config = _config()
    config.attributes["connection"] = connection
    try:
        action(config)
    except CommandError as error:
        found = current_within(connection)
        raise StaleSchema(
            f"无法迁移：数据库结构为 {found or '空'}，本软件最新为 {newest()}（{error}）；"
            "请用不低于数据库的软件版本，并核对版本号"
        ) from error


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "triage.store:migrations")
    return config
