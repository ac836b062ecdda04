"""The file of a backup: gzipped JSON lines with a checksum, the same for every database.

A header; then for each table its columns and its rows, a list each; then an end with the SHA-256 of
all lines before it. Reading and writing keep one line in memory. It knows no database.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

import orjson

from triage.errors import TriageError

FORMAT = "citizen-triage-backup"
SCHEMA = 1

Value: TypeAlias = "bool | int | float | str | bytes | None"


class DamagedBackup(TriageError):
    """A file that is no backup, or not the whole of one; nothing was restored."""

    code = "backup_damaged"


@dataclass(frozen=True, slots=True)
class TableHead:
    """The rows after it belong to this table."""

    table: str
    columns: tuple[str, ...]


class BackupWriter:
    """Writes one backup into an open file; `end` completes it."""

    def __init__(self, file: BinaryIO, revision: str, made_at: str) -> None:
        self._file = gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0)
        self._digest = hashlib.sha256()
        self._line({"format": FORMAT, "schema": SCHEMA, "revision": revision, "made_at": made_at})

    def table(self, head: TableHead) -> None:
        """Begin a table."""
        self._line({"table": head.table, "columns": list(head.columns)})

    def row(self, values: Sequence[object]) -> None:
        """Write one row of the table begun last."""
        self._line(list(values))

    def end(self) -> None:
        """Write the checksum; without it the file is refused."""
        self._file.write(orjson.dumps({"sha256": self._digest.hexdigest()}) + b"\n")
        self._file.close()

    def _line(self, value: object) -> None:
        line = orjson.dumps(value, default=_encoded) + b"\n"
        self._digest.update(line)
        self._file.write(line)


def check_backup(path: Path) -> str:
    """Read the whole file, and return the revision of the database that it was made of.

    Raises
    ------
    DamagedBackup
        It is no backup, was cut short, or was changed.
    """
    revision = ""
    for line in _lines(path):
        if isinstance(line, dict) and "revision" in line:
            revision = str(line["revision"])
    return revision


def read_backup(path: Path) -> Iterator[TableHead | list[Value]]:
    """Give the heads of tables, and after each its rows.

    Raises
    ------
    DamagedBackup
    """
    for line in _lines(path):
        if isinstance(line, list):
            yield [_decoded(value) for value in line]
        elif "table" in line:
            columns = cast(list[str], line["columns"])
            yield TableHead(str(line["table"]), tuple(columns))


def _lines(path: Path) -> Iterator[dict[str, object] | list[object]]:
    """Give header, heads and rows; the checksum is compared when all are out."""
    digest, ended = hashlib.sha256(), None
    try:
        with gzip.open(path) as file:
            for number, line in enumerate(file):
                value = orjson.loads(line)
                if number == 0:
                    _check_header(value, path)
                elif "sha256" in value:
                    ended = value["sha256"]
                    break
                digest.update(line)
                yield value
            rest = file.read(1)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise DamagedBackup(
            f"备份 {path} 无法读取或已损坏（{type(error).__name__}）："
            "没有恢复任何内容；请换一份备份"
        ) from error
    if ended != digest.hexdigest() or rest:
        raise DamagedBackup(
            f"备份 {path} 不完整或被改动（校验和不符）：没有恢复任何内容；请换一份备份"
        )


def _check_header(value: object, path: Path) -> None:
    header = cast(dict[str, object], value) if isinstance(value, dict) else {}
    if header.get("format") != FORMAT or header.get("schema") != SCHEMA:
        raise DamagedBackup(f"{path} 不是本软件的备份：请用 triage database backup 生成的文件")


def _encoded(value: object) -> dict[str, str]:
    if isinstance(value, bytes | memoryview):
        return {"base64": base64.b64encode(value).decode()}
    raise TypeError(f"a {type(value).__name__} has no place in a backup: see docs/store.md")


def _decoded(value: object) -> Value:
    if isinstance(value, dict):
        return base64.b64decode(value["base64"])
    return cast(Value, value)
