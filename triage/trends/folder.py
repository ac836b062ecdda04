"""The folder of counts: one Parquet file a month and grain, and a manifest that says what is in it.

    counts/manifest.json           what was counted, how far, with which code lists
    counts/hourly/2026-10.parquet  cells.HOURLY
    counts/daily/2026-10.parquet   cells.DAILY

A month is replaced whole (temporary file, fsync, rename); the manifest is written last. One builder
at a time: a lock file says who. Readers never wait.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from triage.errors import TriageError, UnusableFile
from triage.files import atomic_write
from triage.trends.cells import DAILY, HOURLY

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
GRAINS: Final = {"hourly": HOURLY, "daily": DAILY}


class CountsBusy(TriageError):
    """Somebody else is building these counts at this moment."""

    code = "counts_busy"


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was counted: its size and time of change, and the days it has rows of."""

    size: int
    changed_ns: int
    rows: int
    refused: int
    first: str
    last: str


@dataclass(slots=True)
class Manifest:
    """What the folder holds.

    `sources` are files by absolute path; `ledger_seq` is how far the store was read, None where
    counts come from files. `unknown` is what was counted without a code, by field and label.
    """

    format: int = FORMAT
    catalogue: str = ""
    sources: dict[str, Source] = field(default_factory=dict)
    ledger_seq: int | None = None
    built_at: str = ""
    unknown: dict[str, dict[str, int]] = field(default_factory=dict)


class CountsFolder:
    """The files, by month; says nothing about what is counted."""

    def __init__(self, root: Path) -> None:
        self.root = root / "counts"

    def manifest(self) -> Manifest | None:
        """Return the manifest; None where nothing was built yet.

        Raises
        ------
        UnusableFile
            It is damaged, or of another format.
        """
        path = self.root / MANIFEST
        try:
            values = json.loads(path.read_text("utf-8"))
            if values["format"] != FORMAT:
                raise ValueError
            values["sources"] = {k: Source(**v) for k, v in values["sources"].items()}
            return Manifest(**values)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnusableFile(
                f"{path} 已损坏或版本不同；请删除 {self.root} 后重新运行 triage trends build"
            ) from error

    def write_manifest(self, manifest: Manifest) -> None:
        """Write the manifest; the last step of a build."""
        with atomic_write(self.root / MANIFEST) as file:
            file.write(json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode())

    def months(self, grain: str) -> dict[str, Path]:
        """Return the files of a grain by month (`2026-10`), in order."""
        found = sorted((self.root / grain).glob("????-??.parquet"))
        return {path.stem: path for path in found}

    def scan(self, grain: str, first: date | None = None, last: date | None = None) -> pl.LazyFrame:
        """Return the cells of the days from `first` to `last`, the last included."""
        low, high = (day.strftime("%Y-%m") if day else None for day in (first, last))
        paths = [
            path
            for month, path in self.months(grain).items()
            if (low is None or month >= low) and (high is None or month <= high)
        ]
        if not paths:
            return pl.LazyFrame(schema=GRAINS[grain])
        frame = pl.scan_parquet(paths)
        if first is not None:
            frame = frame.filter(pl.col("day") >= first)
        return frame if last is None else frame.filter(pl.col("day") <= last)

    def write(self, grain: str, month: str, cells: pl.DataFrame) -> None:
        """Replace a month; one without cells goes away."""
        path = self.root / grain / f"{month}.parquet"
        if cells.is_empty():
            path.unlink(missing_ok=True)
            return
        schema = GRAINS[grain]
        table = cells.select(pl.col(name).cast(kind) for name, kind in schema.items())
        with atomic_write(path) as file:
            table.sort("day").write_parquet(file, compression="zstd", compression_level=1)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only builder while the block lasts.

        Raises
        ------
        CountsBusy
        UnusableFile
            The folder cannot be made.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.root / ".lock", os.O_CREAT | os.O_RDWR, 0o644)
        except OSError as error:
            raise UnusableFile(f"无法写入 {self.root}：{error.strerror}；请换一个位置") from error
        try:
            _lock(handle, self.root)
            yield
        finally:
            os.close(handle)


def _lock(handle: int, root: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise CountsBusy(f"{root} 正在由另一个进程统计；请等它结束再试") from error


def default_trends_dir() -> Path:
    """Return TRIAGE_TRENDS_DIR, or `trends` in the working folder's `var`."""
    return Path(os.environ.get("TRIAGE_TRENDS_DIR", "var/trends"))
