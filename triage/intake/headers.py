"""Column headers → fields, by a table that is data (`headers.csv`) and that a user extends.

The order of the table is the order of preference: where two columns name one field, the earlier
line wins and the other column is reported as unused.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import count
from pathlib import Path

from triage.errors import UnusableFile
from triage.intake.delimited import DELIMITERS, first_rows
from triage.intake.encodings import find_encoding
from triage.intake.sources import FileType, file_type, unusable

REQUEST_FIELDS = (
    "id",
    "title",
    "text",
    "received_at",
    "district",
    "township",
    "channel",
    "source",
    "group",
)
LABEL_FIELDS = (
    "topic",
    "topic2",
    "request_type",
    "urgency",
    "lead_unit",
    "support_units",
    "flags",
)
DROPPED = ("personal", "ignore")
"""Fields of columns that are never read: data of the requester, and columns to pass over."""

SEARCHED = 10
"""Rows looked at for a header: exports put a title and a date above it."""

_ALL = frozenset((*REQUEST_FIELDS, *LABEL_FIELDS, *DROPPED))
_MAX_USER_LINES = 10_000
_NOISE = re.compile(r"[\s*:\u200b\ufeff]|[(\[【].*?[)\]】]$")


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """Where the header stands (0-based) and which column, by position, feeds which field."""

    index: int
    fields: Mapping[int, str]
    names: tuple[str, ...]

    @property
    def width(self) -> int:
        """Return the number of columns up to the last one with a name."""
        return max((i for i, name in enumerate(self.names, start=1) if name), default=0)

    @property
    def columns(self) -> dict[str, str]:
        """Return header as written → field."""
        return {self.names[i]: field for i, field in self.fields.items()}

    @property
    def unused(self) -> tuple[str, ...]:
        """Return the headers that no field takes."""
        return tuple(name for i, name in enumerate(self.names) if name and i not in self.fields)


class Headers:
    """The table of synonyms, ready for look-up."""

    def __init__(self, table: Mapping[str, str]) -> None:
        """Take header → field, in order of preference."""
        self._ranks: dict[str, tuple[int, str]] = {}
        ranks = count()
        for header, field in table.items():
            self._ranks.setdefault(_normal(header), (next(ranks), field))
        self.assign_names = lru_cache(maxsize=256)(self._assign_names)

    @classmethod
    def load(cls, extra: Path | None = None, *, first: Mapping[str, str] | None = None) -> Headers:
        """Read the shipped table, a user's lines (header, field) before it.

        Parameters
        ----------
        first
            Header → field that come before the shipped ones, with fields of the caller's own.

        Raises
        ------
        UnusableFile
            When the user's file cannot be read or names an unknown field.
        """
        first = first or {}
        allowed = _ALL | set(first.values())
        table = _user_lines(extra, allowed) if extra is not None else {}
        for header, field in first.items():
            table.setdefault(header, field)
        shipped = (files("triage.intake") / "headers.csv").read_text("utf-8")
        for header, field in list(csv.reader(io.StringIO(shipped)))[1:]:
            table.setdefault(header, field)
        return cls(table)

    def knows(self, name: str) -> bool:
        """Tell whether the table has a header, be it one of a column that is not read."""
        return _normal(name) in self._ranks

    def assign(self, names: Sequence[str]) -> dict[int, str]:
        """Return position → field for the columns that are read."""
        best: dict[str, tuple[int, int]] = {}
        for position, name in enumerate(names):
            rank, field = self._ranks.get(_normal(name), (0, "ignore"))
            if field not in DROPPED and (field not in best or rank < best[field][0]):
                best[field] = (rank, position)
        return {position: field for field, (_, position) in best.items()}

    def locate(self, rows: Sequence[Sequence[object]]) -> HeaderRow | None:
        """Find the header among the first rows: the first that names a column of texts."""
        for index, cells in enumerate(rows[:SEARCHED]):
            names = tuple(str(cell).strip() if cell is not None else "" for cell in cells)
            fields = self.assign(names)
            if "text" in fields.values():
                return HeaderRow(index, fields, names)
        return None

    def _assign_names(self, names: tuple[str, ...]) -> dict[str, str]:
        """Return name → field; cached, because all lines of a file have the same keys."""
        return {names[position]: field for position, field in self.assign(names).items()}


def _normal(header: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", header).casefold().strip())


def _user_lines(path: Path, allowed: Collection[str]) -> dict[str, str]:
    if file_type(path) is not FileType.CSV:
        raise unusable(path, "列名对照表应是 CSV", "请写成两列：列名,字段")
    encoding = find_encoding(path)
    rows = max(
        (
            first_rows(path, encoding=encoding, delimiter=delimiter, count=_MAX_USER_LINES)
            for delimiter in DELIMITERS
        ),
        key=lambda rows: sum(len(row) == 2 for row in rows),
    )
    table: dict[str, str] = {}
    for number, row in enumerate(rows, start=1):
        cells = [str(cell).strip() for cell in row]
        if not any(cells) or (number == 1 and cells[-1] in {"field", "字段"}):
            continue
        if len(cells) != 2 or cells[1] not in allowed or not cells[0]:
            raise _bad_line(path, number, allowed)
        table[cells[0]] = cells[1]
    return table


def _bad_line(path: Path, number: int, allowed: Collection[str]) -> UnusableFile:
    known = (*REQUEST_FIELDS, *LABEL_FIELDS, *DROPPED)
    fields = "、".join((*known, *sorted(set(allowed) - set(known))))
    return unusable(path, f"第 {number} 行不是“列名,字段”", f"字段是下列之一：{fields}")
