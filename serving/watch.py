"""Looking at files once a second: polling works on every file system, network shares included."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, Protocol, TypeAlias, TypeVar

from triage.errors import TriageError

Mark: TypeAlias = "tuple[int, int, int] | None"
"""Modification time in ns, inode and size; None for a file that is not there."""

logger = logging.getLogger(__name__)


Value = TypeVar("Value")


class Watcher(Protocol):
    """Something that looks after its file when asked."""

    async def poll(self) -> None:
        """Look, and act on a change."""


def mark_of(path: Path) -> Mark:
    """Return what changes when a file is replaced."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino, status.st_size


class Kept(Generic[Value]):
    """What a file holds; read again where it changed, and kept where the new one is damaged.

    Raises
    ------
    TriageError
        Where the first reading fails.
    """

    def __init__(self, path: Path, read: Callable[[Path], Value], *, name: str) -> None:
        self._path = path
        self._read = read
        self._name = name
        self._mark = mark_of(path)
        self.value = read(path)

    def look(self) -> bool:
        """Read the file where it changed; return whether there is a new value."""
        mark = mark_of(self._path)
        if mark == self._mark:
            return False
        self._mark = mark
        try:
            self.value = self._read(self._path)
        except TriageError as error:
            logger.error("%s refused, the known keys stay: %s", self._name, error.message)
            return False
        return True


async def keep_watch(watchers: Sequence[Watcher], *, seconds: float) -> None:
    """Ask every watcher in turn, for ever; a failure is logged and does not end the watch."""
    while True:
        await asyncio.sleep(seconds)
        for watcher in watchers:
            try:
                await watcher.poll()
            except Exception as error:
                logger.error("watch failed: %s", type(error).__name__)
