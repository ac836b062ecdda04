"""Looking at files once a second: polling works on every file system, network shares included."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

Mark: TypeAlias = "tuple[int, int, int] | None"
"""Modification time in ns, inode and size; None for a file that is not there."""

logger = logging.getLogger(__name__)


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


async def keep_watch(watchers: Sequence[Watcher], *, seconds: float) -> None:
    """Ask every watcher in turn, for ever; a failure is logged and does not end the watch."""
    while True:
        await asyncio.sleep(seconds)
        for watcher in watchers:
            try:
                await watcher.poll()
            except Exception as error:
                logger.error("watch failed: %s", type(error).__name__)
