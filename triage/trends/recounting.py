"""Put freshly counted days in the place of old ones, month by month, in both grains.

The days named are replaced whole: a late arrival, a merge or a change of topic is never added to
what stood there. Where cells come from is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby

import polars as pl

from triage.trends.cells import AREA, HOURLY, added_up
from triage.trends.codes import Codes
from triage.trends.folder import CountsFolder

_DAY = timedelta(days=1)


def replace_days(
    folder: CountsFolder, days: Iterable[date], cells: pl.DataFrame, codes: Codes
) -> None:
    """Replace these days by the cells (labels as written, of these days only)."""
    table = codes.coded(cells)
    for month, wanted in groupby(sorted(days), lambda day: day.strftime("%Y-%m")):
        gone = list(wanted)
        old = _standing(folder, month).filter(~pl.col("day").is_in(gone))
        new = table.filter(pl.col("day").is_in(gone)).select(
            pl.col(name).cast(kind) for name, kind in HOURLY.items()
        )
        _write_month(folder, month, pl.concat([old, new]), codes)


def rewrite_areas(folder: CountsFolder, codes: Codes) -> None:
    """Derive the daily files again: boundaries have changed since they were written."""
    for month in folder.months("hourly"):
        _write_daily(folder, month, _standing(folder, month), codes)


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield the days from `first` to `last`, both included."""
    for step in range((last - first).days + 1):
        yield first + step * _DAY


def _write_month(folder: CountsFolder, month: str, cells: pl.DataFrame, codes: Codes) -> None:
    folder.write("hourly", month, cells)
    _write_daily(folder, month, cells, codes)


def _write_daily(folder: CountsFolder, month: str, cells: pl.DataFrame, codes: Codes) -> None:
    placed = codes.areas(cells).lazy()
    daily = added_up(placed, "day", "topic", "district", AREA, "channel").collect()
    folder.write("daily", month, daily)


def _standing(folder: CountsFolder, month: str) -> pl.DataFrame:
    path = folder.months("hourly").get(month)
    return pl.DataFrame(schema=HOURLY) if path is None else pl.read_parquet(path)
