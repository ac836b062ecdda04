"""Files written whole or not at all: temp beside the target, fsync, rename."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from triage.errors import UnusableFile


@contextmanager
def atomic_write(path: Path, *, mode: int = 0o644) -> Iterator[BinaryIO]:
    """Open a temporary file that becomes `path` when the block ends without an error.

    Until it is complete nobody but its owner can read it; then it has the permissions `mode`.
    On an error the temporary file is removed and `path` stays as it was.

    Raises
    ------
    UnusableFile
        `path` is a folder, or its folder cannot be made or written to.
    """
    if path.is_dir():
        raise UnusableFile(f"无法写入 {path}：它是一个目录；请给出文件名")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise UnusableFile(f"无法写入 {path}：{error.strerror}；请换一个位置") from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
        on_disk(path.parent)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def apart(output: Path, *others: Path | None) -> None:
    """Refuse to write over a file that is read, or is another output; None names none.

    Raises
    ------
    UnusableFile
    """
    for other in others:
        if other is not None and output.resolve() == other.resolve():
            raise UnusableFile(f"{output} 既要写入又另有用处：请另写一个文件")


def sha256(path: Path) -> str:
    """Return the hex digest of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def on_disk(path: Path) -> None:
    """Make sure that a file, or the entries of a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
