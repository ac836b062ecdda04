"""What the judge of pairs packs of every order, kept on a shelf beside the index's snapshots.

One shelf for each model and layout; a record is read only where the order's words are still those
it was made of, so a shelf that lags behind, or is gone, costs time and nothing else.
"""

from __future__ import annotations

from pathlib import Path

from triage.desk.indexing import LEAST, all_news, is_of
from triage.desk.sight import Packer
from triage.index.lock import writing
from triage.index.manifest import Mark
from triage.index.packing import Packing, clear
from triage.index.shelf import Shelf, open_shelf, packs_in
from triage.same_event.entry import Entry
from triage.store.database import Database
from triage.store.index_feed import wordless

FOLDER = "prepared"
"""Name of the shelves' folder among the snapshots of encoders."""


def shelf_folder(root: Path, packer: Packer) -> Path:
    """Return where the records of a judge lie below the folder of the index."""
    return root / FOLDER / packer.layout


def shelve(
    database: Database, folder: Path, packer: Packer, *, anew: bool = False, least: int = LEAST
) -> Path | None:
    """Pack what came since the last pack; None where that is nothing, or another process packs.

    Parameters
    ----------
    anew
        Read the whole ledger; else only what came since.
    least
        Orders from which on a shelf is begun.

    Raises
    ------
    StoreUnavailable
    """
    with writing(folder) as is_mine:
        return _shelve(database, folder, packer, anew=anew, least=least) if is_mine else None


def _shelve(
    database: Database, folder: Path, packer: Packer, *, anew: bool, least: int
) -> Path | None:
    clear(folder, [])
    shelf = open_shelf(folder)
    if anew or not is_of(database, shelf.mark):
        shelf = Shelf(())
    packing = Packing(folder)
    try:
        mark, has_purge = shelf.mark, False
        for found in all_news(database, mark.position):
            for told in found.told:
                record = packer.pack(Entry(told.order_id, told.title, told.text))
                packing.add(told.order_id.encode(), record)
            mark, has_purge = Mark(found.seq, found.hash), has_purge or found.has_purge
        if not (len(packing) or has_purge) or len(shelf) + len(packing) < least:
            return None
        stays = _taken_in(database, shelf, packing, has_purge=has_purge)
        final = packing.finish(mark)
        clear(folder, [one for one in packs_in(folder) if one not in {*stays, final}])
        return final
    finally:
        packing.close()


def _taken_in(database: Database, shelf: Shelf, packing: Packing, *, has_purge: bool) -> list[Path]:
    """Take small packs into the new one, all where words went; return those that stay."""
    gone = set[bytes]()
    if has_purge:
        with database.read() as connection:
            gone = {one.encode() for one in wordless(connection)}
        packing.drop(gone)
    for number, pack in enumerate(shelf.packs):
        if not has_purge and pack.facts.count > len(packing):
            return [one.folder for one in shelf.packs[number:]]
        packing.take_in(pack, gone)
    return []
