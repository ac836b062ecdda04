"""Connections: SQLite in WAL mode, embedded, or PostgreSQL by URL; one transaction at a time.

What the database cannot do now (gone, full, locked) becomes `StoreUnavailable`: the caller asks
again later, and nothing was written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from triage.errors import InvalidRequest, MissingExtraError, TriageError, UnusableFile

_BUSY_MS = 10_000
"""How long a writer of the embedded database waits for the one before it."""
_WRITES = {"triage_writes": True}


class StoreUnavailable(TriageError):
    """The database cannot be used at this moment; nothing was written."""

    code = "store_unavailable"

    code = "store_unavailable"


class StaleSchema(TriageError):
    """The database has not the tables that this software needs."""

    code = "schema_stale"


class Database:
    """One database; safe to share between threads."""

    def __init__(self, url: str) -> None:
        self.url = _url(url)
        self.is_embedded = self.url.get_backend_name() == "sqlite"
        self.engine = _embedded(self.url) if self.is_embedded else _shared(self.url)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection in a transaction: durable once the block has ended, or nothing is.

        Raises
        ------
        StoreUnavailable
            The database is gone, full or locked.
        """
        with _unavailable(), self.engine.connect() as connection:
            writer = connection.execution_options(**_WRITES)
            with writer.begin():
                yield writer

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one moment (embedded) or what is committed (PostgreSQL).

        Raises
        ------
        StoreUnavailable
            The database is gone.
        """
        with _unavailable(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Give a connection that sees one moment, on every database; it is for long reading.

        Raises
        ------
        StoreUnavailable
            The database is gone.
        """
        with _unavailable(), self.engine.connect() as connection:
            if not self.is_embedded:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _url(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise UnusableFile(
            f"数据库地址 {text!r} 无法识别：应如 sqlite:///runs/triage.db 或 "
            "postgresql://用户@主机/库名"
        ) from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise UnusableFile(f"不支持数据库 {url.get_backend_name()!r}：可用 sqlite 或 postgresql")
    if url.drivername == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    return url


def _embedded(url: URL) -> Engine:
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # durable when the commit returns, power cuts included
            f"busy_timeout={_BUSY_MS}",
            "foreign_keys=ON",
            "secure_delete=ON",  # what retention takes away is overwritten in the file
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("triage_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _shared(url: URL) -> Engine:
    try:
        return create_engine(
            url,
            pool_pre_ping=True,
            pool_size=8,
            max_overflow=8,
            pool_timeout=5,
            connect_args={"connect_timeout": 3},
        )
    except ModuleNotFoundError as error:
        raise MissingExtraError("postgres") from error


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except (OperationalError, ProgrammingError, InterfaceError) as error:
        if _lacks_table(error):
            raise StaleSchema(
                "数据库缺少本软件需要的表或列：请运行 triage database upgrade（先备份）"
            ) from error
        if isinstance(error, ProgrammingError):
            raise
        raise StoreUnavailable(_words(error)) from error
    except DBAPIError as error:
        if "NUL (0x00)" in str(error.orig):  # PostgreSQL keeps no such text; SQLite does
            raise InvalidRequest(
                "text_unstorable", "文字里有空字符（NUL），数据库存不下：请去掉它"
            ) from error
        if error.connection_invalidated:
            raise StoreUnavailable(_words(error)) from error
        raise
    except PoolTimeout as error:  # not Python's own
        raise StoreUnavailable("数据库连接都在使用中，请稍后重试") from error


def _lacks_table(error: DBAPIError) -> bool:
    text = str(error.orig)
    return (
        "no such table" in text
        or "no such column" in text
        or type(error.orig).__name__ in ("UndefinedTable", "UndefinedColumn")
    )


def _words(error: DBAPIError) -> str:
    if "unable to open" in str(error.orig):
        return "数据库文件打不开：请核对路径和权限；新库先运行 triage database upgrade"
    if "full" in str(error.orig):
        return "数据库所在磁盘已满：请清理后重试；登记请带同一个 Idempotency-Key，不会重复"
    return (
        f"数据库暂时不可用（{type(error.orig).__name__}）：请稍后重试；"
        "登记请带同一个 Idempotency-Key，不会重复"
    )
