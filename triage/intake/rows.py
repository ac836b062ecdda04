"""Rows between the readers of formats and the reading of records: plain values, no meaning yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from triage.intake.sources import FileType


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row of a sheet; `number` counts from 1 as a spreadsheet does."""

    number: int
    cells: Sequence[object]
    offset: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row by field name; `offset` is how many bytes of the file are behind it, about."""

    number: int
    cells: Mapping[str, object]
    offset: int


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that could not be taken apart; `code` is of `reasons.REASONS`."""

    number: int
    code: str
    reason: str
    offset: int


Rows: TypeAlias = "Iterator[Row | BrokenRow]"
GridRows: TypeAlias = "Iterator[GridRow | BrokenRow]"


@dataclass(frozen=True, slots=True)
class Table:
    """An opened file: how it was read, and its rows, once."""

    path: Path
    type: FileType
    rows: Rows
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    """Header as written → field."""
    unused: tuple[str, ...] = ()
    """Headers that no field takes."""
