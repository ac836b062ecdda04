"""Take away index files that still hold what retention took out of the store.

A snapshot and the judge's records say up to which event of the ledger they were read. What was
read before words of orders were last taken away is erased, of every encoder: it can be built again
of what is left. Processes that map such a file keep it until they take over a newer one. What a
killed writer left says nothing, and is erased too.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from triage.desk.indexing import is_of
from triage.desk.shelving import FOLDER
from triage.index import Mark
from triage.index.lock import unfinished, writing
from triage.index.shelf import open_shelf, packs_in
from triage.index.snapshot import snapshots_in
from triage.store.database import Database
from triage.store.index_feed import last_purge


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased, and what could not be, with the reason in Chinese."""

    gone: list[Path] = field(default_factory=list)
    left: list[tuple[Path, str]] = field(default_factory=list)


def erase_outdated(database: Database, root: Path) -> Erased:
    """Erase what below the folder of the index is older than the last purge. Hold no lock of it.

    What was made of another database is left alone. Where one folder cannot be erased, because it
    is another's or being written, the others still are.

    Raises
    ------
    StoreUnavailable
    """
    erased = Erased()
    try:
        folders = list(_folders(root))
    except OSError as error:
        erased.left.append((root, _reason(error)))
        return erased
    for folder in folders:
        try:
            _erase(database, folder, erased)
        except OSError as error:
            erased.left.append((folder, _reason(error)))
    return erased


def _erase(database: Database, folder: Path, erased: Erased) -> None:
    outdated = _outdated(database, folder)
    if not outdated and not unfinished(folder):
        return
    with writing(folder) as is_mine:
        if not is_mine:
            if outdated:
                erased.left.append((folder, "另一个进程正在写"))
            return
        for one in (*_outdated(database, folder), *unfinished(folder)):
            try:
                shutil.rmtree(one)
            except FileNotFoundError:
                continue  # gone already
            except OSError as error:
                erased.left.append((one, _reason(error)))
            else:
                erased.gone.append(one)


def _outdated(database: Database, folder: Path) -> list[Path]:
    with database.read() as connection:
        last = last_purge(connection)
    return [
        one
        for one, mark in _made(folder)
        if mark.position < last and (not mark.hash or is_of(database, mark))
    ]


def _folders(root: Path) -> Iterator[Path]:
    """Give the folders that have a lock of their own: of an encoder, or of a judge's records."""
    for folder in sorted(root.iterdir()) if root.is_dir() else []:
        if folder.name == FOLDER:
            yield from sorted(one for one in folder.iterdir() if one.is_dir())
        elif folder.is_dir():
            yield folder


def _made(folder: Path) -> Iterator[tuple[Path, Mark]]:
    """Give what was made of orders, each with the place in the ledger it was read up to."""
    if folder.parent.name != FOLDER:
        yield from snapshots_in(folder)
    elif packs := packs_in(folder):
        mark = open_shelf(folder).mark
        yield from ((one, mark) for one in packs)


def _reason(error: OSError) -> str:
    return f"没有权限或无法删除（{error.strerror or type(error).__name__}）"
