"""One writer at a time in a folder of models: an advisory lock on the folder itself, no extra file.

The operating system frees it when the process ends, however it ends. Readers take no lock: what
they read is replaced whole.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from triage.errors import ArtifactError

if sys.platform != "win32":
    import fcntl


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Wait for other writers of `folder`, then hold it; not to be nested in one process.

    Windows has no lock on folders: there two publishers at once are the operator's to avoid.
    """
    if sys.platform == "win32":
        yield
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise ArtifactError(f"模型目录 {folder} 打不开：请检查 --models-dir") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
