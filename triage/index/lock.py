"""The one right to write into a folder of the index, across processes.

Who holds it may take away what is unfinished there: its writer was killed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl

UNFINISHED = ".new-"
"""How the name of a folder begins that is not yet renamed into place."""
_LOCK = ".lock"


@contextmanager
def writing(folder: Path) -> Iterator[bool]:
    """Hold the right to write, or give False at once where somebody else has it.

    Not twice by one process either.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield _locked(handle)
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    """Take the lock; the operating system frees it when the process ends, however it ends."""
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def unfinished(folder: Path) -> list[Path]:
    """Return what writers have not renamed into place; whoever holds the lock may take it away."""
    return sorted(folder.glob(f"{UNFINISHED}*"))
