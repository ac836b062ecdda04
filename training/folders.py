"""A folder written whole or not at all: filled under another name, then renamed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from triage.errors import UnusableFile


def check_new(out: Path) -> None:
    """Refuse a folder that holds something; cheap, so that it can be asked before hours of work.

    Raises
    ------
    UnusableFile
        `out` exists and is not an empty folder.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UnusableFile(f"输出目录 {out} 已存在且不为空：请换一个目录或先移走它")


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """Give a draft folder that becomes `out` when the block ends without an error.

    Raises
    ------
    UnusableFile
        See `check_new`.
    """
    check_new(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    try:
        yield draft
        draft.chmod(0o755)
        if out.exists():
            out.rmdir()
        draft.rename(out)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
