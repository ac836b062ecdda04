"""Count files of requests into the folder; afterwards only what has changed.

Each file is known by size and time of change. Of a new, changed or vanished file every day it has
(or had) rows of is counted again, from all files with rows of that day: late arrivals come out
right, and the same id twice on a day counts once. Memory is that of about four million rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import polars as pl

from triage.errors import UnusableFile
from triage.trends.cells import KEYS
from triage.trends.codes import Codes
from triage.trends.folder import CountsFolder, Manifest, Source
from triage.trends.recounting import days_between, replace_days, rewrite_areas
from triage.trends.sources import LOCAL, MOMENT, has_ids, scanned

CHUNK_ROWS: Final = 4_000_000
"""Rows counted at once: under 1 GB while grouped (evaluation/results/trends_speed.json)."""
EARLIEST: Final = date(2000, 1, 1)
"""Requests from before, or from after tomorrow, are refused: such moments are mistakes."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: files read, rows in them, rows refused, days counted again."""

    files: int
    rows: int
    refused: int
    days: int


def build_from_files(
    folder: CountsFolder,
    paths: Sequence[Path],
    codes: Codes,
    *,
    now: datetime,
    progress: Callable[[int], object] = lambda _: None,
) -> Built:
    """Make the counts those of exactly these files; what has not changed is not read again.

    Parameters
    ----------
    progress
        Told of rows as they are counted.

    Raises
    ------
    UnusableFile
        A file is damaged, or the folder holds counts of the store; nothing was replaced.
    CountsBusy
    """
    with folder.locked():
        old = folder.manifest() or Manifest()
        if old.ledger_seq is not None:
            raise UnusableFile(f"{folder.root} 里是从库里统计的；从文件统计请换一个 --folder")
        sources, days = _changes(old, paths, now)
        if old.sources and old.catalogue != codes.catalogue.version:
            rewrite_areas(folder, codes)
        _recount(folder, sources, sorted(days), codes, progress)
        _close(folder, old, sources, codes, now)
    fresh = [sources[name] for name in sources if sources[name] != old.sources.get(name)]
    rows, refused = sum(one.rows for one in fresh), sum(one.refused for one in fresh)
    return Built(len(fresh), rows, refused, len(days))


def _changes(
    old: Manifest, paths: Sequence[Path], now: datetime
) -> tuple[dict[str, Source], set[date]]:
    """Return the files as they are, and the days to count again."""
    sources = {}
    days: set[date] = set()
    for path in paths:
        name = str(path.absolute())
        before = old.sources.get(name)
        if before is not None and _is_as(before, path):
            sources[name] = before
            continue
        sources[name] = now_is = _looked_at(path, now)
        for one in (before, now_is):
            days |= set(_days(one))
    for name in old.sources.keys() - sources.keys():
        days |= set(_days(old.sources[name]))
    return sources, days


def _is_as(source: Source, path: Path) -> bool:
    try:
        found = path.stat()
    except OSError:
        return False
    return (found.st_size, found.st_mtime_ns) == (source.size, source.changed_ns)


def _looked_at(path: Path, now: datetime) -> Source:
    valid = _valid(now)
    day = _local(pl.col(MOMENT)).dt.date()
    try:
        rows, refused, first, last = (
            scanned(path)
            .select(
                pl.len(),
                (~valid).sum().alias("refused"),
                day.filter(valid).min().alias("first"),
                day.filter(valid).max().alias("last"),
            )
            .collect(engine="streaming")
            .row(0)
        )
    except pl.exceptions.PolarsError as error:
        raise UnusableFile(f"无法读取 {path}：文件已损坏") from error
    found = path.stat()
    ends = ("", "") if first is None else (first.isoformat(), last.isoformat())
    return Source(found.st_size, found.st_mtime_ns, rows, refused, *ends)


def _recount(
    folder: CountsFolder,
    sources: dict[str, Source],
    days: Sequence[date],
    codes: Codes,
    progress: Callable[[int], object],
) -> None:
    for chunk in _chunks(sources, days):
        first, last = chunk[0], chunk[-1]
        paths = [
            Path(name)
            for name, one in sources.items()
            if one.first and one.first <= last.isoformat() and one.last >= first.isoformat()
        ]
        cells = _counted(paths, chunk)
        replace_days(folder, chunk, cells, codes)
        progress(int(cells["requests"].sum()))


def _chunks(sources: dict[str, Source], days: Sequence[date]) -> Iterable[list[date]]:
    """Yield runs of days with about `CHUNK_ROWS` rows, each month's days together where it can."""
    a_day = sum(one.rows / max(1, len(list(_days(one)))) for one in sources.values() if one.first)
    most = max(31, int(CHUNK_ROWS / max(a_day, 1.0)))
    chunk: list[date] = []
    for day in days:
        if chunk and len(chunk) >= most and day.month != chunk[-1].month:
            yield chunk
            chunk = []
        chunk.append(day)
    if chunk:
        yield chunk


def _counted(paths: Sequence[Path], days: Sequence[date]) -> pl.DataFrame:
    """Return hourly cells with labels as written."""
    begins, ends = _start(days[0]), _start(days[-1] + timedelta(days=1))
    rows = pl.concat([scanned(path) for path in paths]).filter(
        (pl.col(MOMENT) >= begins) & (pl.col(MOMENT) < ends)
    )
    local = _local(pl.col(MOMENT))
    timed = rows.with_columns(day=local.dt.date(), hour=local.dt.hour().cast(pl.UInt8))
    if len(days) < (days[-1] - days[0]).days + 1:
        timed = timed.filter(pl.col("day").is_in(list(days)))
    alone = pl.col("merged_into").is_null() | (pl.col("merged_into") == "")
    narrow = timed.select(
        "day", "hour", "id",
        pl.col(KEYS).fill_null("").cast(pl.Categorical),  # groups twice as fast as text
        alone.alias("alone"),
    )  # fmt: skip
    if any(has_ids(path) for path in paths):
        narrow = _once(narrow.collect(engine="streaming")).lazy()
    return (
        narrow.group_by("day", "hour", *KEYS)
        .agg(requests=pl.len().cast(pl.UInt32), events=pl.col("alone").sum().cast(pl.UInt32))
        .collect(engine="streaming")
    )


def _once(rows: pl.DataFrame) -> pl.DataFrame:
    """Leave each id of a day once, the last in the order of the files; rows without id stay."""
    named = pl.col("id").is_not_null() & (pl.col("id") != "")
    return rows.filter(~named | pl.struct("id", "day").is_last_distinct())


def _close(
    folder: CountsFolder, old: Manifest, sources: dict[str, Source], codes: Codes, now: datetime
) -> None:
    unknown = {**old.unknown}
    for name, labels in codes.unknown.items():
        unknown[name] = {**unknown.get(name, {}), **labels}
    folder.write_manifest(
        Manifest(
            catalogue=codes.catalogue.version,
            sources=sources,
            built_at=now.astimezone(UTC).isoformat(timespec="seconds"),
            unknown=unknown,
        )
    )


def _valid(now: datetime) -> pl.Expr:
    after = now.astimezone(UTC) + timedelta(days=1)
    moment = pl.col(MOMENT)
    return (moment.is_not_null() & (moment >= _start(EARLIEST)) & (moment <= after)).fill_null(
        value=False
    )


def _local(moment: pl.Expr) -> pl.Expr:
    return moment.dt.replace_time_zone(None) + LOCAL


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)


def _days(source: Source | None) -> Iterable[date]:
    if source is None or not source.first:
        return ()
    return days_between(date.fromisoformat(source.first), date.fromisoformat(source.last))
