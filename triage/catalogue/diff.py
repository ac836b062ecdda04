"""What differs between two folders of lists: entries added, removed and changed, cell by cell.

Rows are compared as written, those of extended folders included; whether the folders are sound is
not asked. An entry is all rows of one code, since a code may have several spans of days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from triage.catalogue.folder import Folder, read_folder
from triage.catalogue.problems import refuse, shorten
from triage.catalogue.schema import LISTS, ListSpec
from triage.catalogue.table import Row
from triage.request import Json

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
_MARKS = {ADDED: "+", REMOVED: "-", CHANGED: "~"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that differs; `cells` are (column, before, after), of changed entries only."""

    list: str
    code: str
    kind: str
    cells: tuple[tuple[str, str, str], ...] = ()

    def __str__(self) -> str:
        cells = "；".join(
            f"{column}：{shorten(before) or '（空）'} → {shorten(after) or '（空）'}"
            for column, before, after in self.cells
        )
        return f"{_MARKS[self.kind]} {self.list} {self.code}" + (f"  {cells}" if cells else "")

    def to_json(self) -> dict[str, Json]:
        """Return the difference as a JSON object."""
        return {
            "list": self.list,
            "code": self.code,
            "kind": self.kind,
            "cells": [
                {"column": column, "before": before, "after": after}
                for column, before, after in self.cells
            ],
        }


def compare_folders(before: Path, after: Path) -> list[Difference]:
    """Return what differs, list by list, in the order of the codes; [] where nothing does.

    Raises
    ------
    CatalogueError
        One of the folders cannot be read.
    """
    one, other = _read(before), _read(after)
    return [difference for spec in LISTS for difference in _of_list(spec, one, other)]


def _read(path: Path) -> Folder:
    folder = read_folder(path)
    if not folder.tables:
        raise refuse(f"代码表 {path} ", folder.problems)
    return folder


def _of_list(spec: ListSpec, before: Folder, after: Folder) -> Iterator[Difference]:
    old, new = _entries(spec, before), _entries(spec, after)
    for code in dict.fromkeys((*old, *new)):
        if code not in new:
            yield Difference(spec.name, code, REMOVED)
        elif code not in old:
            yield Difference(spec.name, code, ADDED)
        elif cells := tuple(_cells(spec, old[code], new[code])):
            yield Difference(spec.name, code, CHANGED, cells)


def _entries(spec: ListSpec, folder: Folder) -> dict[str, list[Row]]:
    entries: dict[str, list[Row]] = {}
    for row in folder.tables[spec.name]:
        entries.setdefault(row[spec.key], []).append(row)
    return entries


def _cells(spec: ListSpec, old: list[Row], new: list[Row]) -> Iterator[tuple[str, str, str]]:
    """Compare the spans of a code in order; a span that is only on one side counts as a row."""
    for before, after in zip(old, new, strict=False):
        for column in (*spec.columns, *spec.optional):
            if before[column] != after[column]:
                yield column, before[column], after[column]
    if len(old) != len(new):
        yield "（行数）", str(len(old)), str(len(new))
