"""Snapshots in a folder, one sub-folder an encoder: written aside, then renamed; the newest counts.

<root>/<encoder>/<position>-<n>/ holds one. A writer that is killed leaves a folder whose name
begins with a dot, which the next one takes away. Several encoders' snapshots stand side by side.
"""

from __future__ import annotations

import logging
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from triage.files import on_disk
from triage.index.growing import Growing
from triage.index.lock import UNFINISHED, unfinished, writing
from triage.index.manifest import FILES, Mark, read_manifest, write_manifest
from triage.index.refusal import IndexRefused
from triage.index.segment import Segment

KEPT = 2
"""Snapshots kept of each encoder: should the newest be damaged, less is read again."""
_NAME = re.compile(r"[0-9]+-[0-9]+")

logger = logging.getLogger(__name__)


class Snapshots:
    """The snapshots that one encoder made."""

    def __init__(self, root: Path, encoder: str, dimensions: int) -> None:
        self.folder = root / encoder
        self.encoder, self.dimensions = encoder, dimensions

    def found(self) -> list[Path]:
        """Return all finished snapshots, newest first; damaged ones too."""
        if not self.folder.is_dir():
            return []
        numbered = [one for one in self.folder.iterdir() if _NAME.fullmatch(one.name)]
        return sorted(numbered, key=_number, reverse=True)

    def open(self, is_of_ledger: Callable[[Mark], bool]) -> Segment | None:
        """Open the newest sound snapshot of this ledger; None where there is none at all.

        Raises
        ------
        IndexRefused
            There are snapshots and none is sound; said of the newest.
        """
        refusals = []
        for folder in self.found():
            try:
                segment = Segment.open(folder, encoder=self.encoder, dimensions=self.dimensions)
                if is_of_ledger(segment.facts.mark):
                    return segment
                raise IndexRefused(
                    "index_other_ledger",
                    f"索引 {folder} 记到第 {segment.facts.mark.position} 个事件，与本库台账对不上",
                )
            except IndexRefused as refusal:
                logger.error("snapshot refused (%s): %s", refusal.code, folder)
                refusals.append(refusal)
        if refusals:
            raise refusals[0]
        return None

    def write(
        self, before: Segment | None, fill: Callable[[Growing], Mark], *, least: int = 1
    ) -> Path | None:
        """Write a snapshot and return its folder; None for fewer orders than `least`.

        Parameters
        ----------
        fill
            Adds what came since `before` and returns the place in the ledger that it reached.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self.folder))
        try:
            with Growing(aside, before, self.dimensions) as growing:
                mark = fill(growing)
                if len(growing) < least:
                    return None
                facts = growing.finish(self.encoder, mark)
            for name in FILES:
                on_disk(aside / name)
            write_manifest(aside, facts)
            final = self.folder / f"{mark.position:012d}-{self._next():06d}"
            aside.rename(final)
            on_disk(self.folder)
            return final
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def clear(self) -> None:
        """Take away all but the newest snapshots, and what killed writers left; hold the lock.

        A process that still maps an old one keeps its pages until it lets go.
        """
        for folder in (*self.found()[KEPT:], *unfinished(self.folder)):
            shutil.rmtree(folder, ignore_errors=True)

    def writing(self) -> AbstractContextManager[bool]:
        """Hold the one right to write, or give False at once where another process has it."""
        return writing(self.folder)

    def _next(self) -> int:
        return max(map(_number, self.found()), default=0) + 1


def snapshots_in(folder: Path) -> Iterator[tuple[Path, Mark]]:
    """Give the finished snapshots of one encoder, each with the place that it was read up to.

    Of a damaged one its name tells the place, without a hash.
    """
    for one in sorted(one for one in folder.iterdir() if _NAME.fullmatch(one.name)):
        try:
            yield one, read_manifest(one).facts.mark
        except IndexRefused:
            yield one, Mark(int(one.name.partition("-")[0]))


def _number(folder: Path) -> int:
    """Return the running number; the place in the ledger says nothing where a ledger is another."""
    return int(folder.name.rpartition("-")[2])
