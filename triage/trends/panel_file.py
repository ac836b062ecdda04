"""Read a CSV of counts (`date, count` and any columns that tell series apart) into a panel.

Refused, with the row: a count that is negative, no whole number or no number; a date twice in a
series; stamps with and without an offset in one file; columns that name nothing. Mended, and said:
days that are in no series are taken from the same weekday before and after; a day that only some
series lack is 0 there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from triage.errors import InvalidRequest, UnusableFile
from triage.trends.covariates import covariate, step_of
from triage.trends.panel import DAILY, HOURLY, STEP, Panel
from triage.trends.panel_columns import refuse_columns, refuse_headers, scattered
from triage.trends.panel_dates import read_dates
from triage.trends.panel_gaps import filled

COUNT_NAMES: Final = ("count", "requests")
MOST_STEPS: Final = 200_000
"""Steps of a panel: more is a mistake in a date (22 years of hours)."""
MOST_COUNT: Final = 10_000_000
"""A count of one step: more is a mistake, and could not be added up exactly either."""
_LATE: Final = 180
"""Steps after the panel's first in which a series may have its first row and still begin with it:
files of counts leave zeros out, and a rare topic may not occur for months."""


@dataclass(frozen=True, slots=True)
class ReadPanel:
    """A panel and what a reader should know of how it came about, in Chinese."""

    panel: Panel
    notes: tuple[str, ...]


def read_panel(path: Path, *, covariates: Sequence[str] = ()) -> ReadPanel:
    """Read a file.

    Parameters
    ----------
    covariates
        Columns known beforehand, such as rain_mm: rows after the last count, their count empty,
        say what they will be.

    Raises
    ------
    UnusableFile
        It is missing, no CSV, empty, or lacks a column.
    InvalidRequest
        Its dates or counts are not such as can be forecast; the message names the row.
    """
    try:
        table = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise UnusableFile(f"无法读取 {path}：应为有表头的 UTF-8 CSV 文件") from error
    return panel_of(table, covariates=covariates, source=str(path))


def panel_of(
    table: pl.DataFrame,
    *,
    covariates: Sequence[str] = (),
    source: str = "数据",
    until: datetime | None = None,
) -> ReadPanel:
    """Return the panel of a table of texts; see `read_panel`.

    Parameters
    ----------
    until
        The last step of a table that leaves zeros out (Chinese time, naive): what is not in it up
        to then is 0, and nothing is missing.
    """
    count = next((name for name in COUNT_NAMES if name in table.columns), None)
    missing = [n for n in ("date", *covariates) if n not in table.columns]
    if count is None or missing:
        wanted = "、".join(["count"] * (count is None) + missing)
        raise UnusableFile(f"{source} 缺少列 {wanted}；现有：{'、'.join(table.columns)}")
    refuse_headers(table.columns)
    columns = [n for n in table.columns if n not in {"date", count, *covariates}]
    table = table.with_row_index("_row", offset=2)
    table = table.filter(~pl.all_horizontal(pl.exclude("_row").is_null()))  # empty lines
    if table.is_empty():
        raise _without_counts(source)
    refuse_columns(table, columns)
    grain, table = read_dates(table)
    future = table.filter(pl.col(count).is_null() | (pl.col(count).str.strip_chars() == ""))
    known = _counted(table.filter(~pl.col("_row").is_in(future["_row"].implode())), count)
    if known.is_empty():
        raise _without_counts(source)
    if future.height and (not covariates or future["_at"].min() <= known["_at"].max()):  # type: ignore[operator]  # both are moments
        raise _wrong(future.row(0, named=True)["_row"], "", "是空的；没有诉求的日子请写 0")
    panel, notes = _dense(known, columns, grain, until)
    if until is None:
        notes = (*notes, *scattered(known, columns))
    extra = {name: covariate(table, name, panel) for name in covariates}
    return ReadPanel(
        Panel(grain, panel.columns, panel.ids, panel.first, panel.counts, panel.start, extra),
        notes,
    )


def _counted(table: pl.DataFrame, count: str) -> pl.DataFrame:
    value = pl.col(count).str.strip_chars().cast(pl.Float64, strict=False)
    table = table.with_columns(_count=value)
    bad = table.filter(
        pl.col("_count").is_null()
        | ~pl.col("_count").is_finite()
        | (pl.col("_count") < 0)
        | (pl.col("_count") > MOST_COUNT)
        | (pl.col("_count") != pl.col("_count").round())
    )
    if bad.height:
        row = bad.row(0, named=True)
        raise _wrong(
            row["_row"], row[count], f"不是 0 到 {MOST_COUNT:,} 的整数；请改正或删去这一行"
        )
    return table


def _refuse_repeats(table: pl.DataFrame) -> None:
    """Refuse a step that a series has twice; `table` has `_id` and `_step`."""
    again = table.select("_row", "date", _again=pl.struct("_id", "_step").is_duplicated())
    repeated = again.filter("_again")
    if repeated.height:
        row = repeated.sort("_row").row(1, named=True)
        raise InvalidRequest(
            "date_twice",
            f"第 {row['_row']} 行：日期 {row['date']} 在同一序列里出现了不止一次；请先合并成一行",
            field="date",
        )


def _dense(
    table: pl.DataFrame, columns: Sequence[str], grain: str, until: datetime | None
) -> tuple[Panel, tuple[str, ...]]:
    first: datetime = table["_at"].min()  # type: ignore[assignment]  # not empty
    last: datetime = until or table["_at"].max()  # type: ignore[assignment]
    steps = (last - first) // STEP[grain] + 1
    if steps > MOST_STEPS:
        raise InvalidRequest(
            "dates_far", f"从 {first} 到 {last} 太长；请检查日期，或删去过早的行", field="date"
        )
    names = [pl.col(name).fill_null("") for name in columns]
    table = table.with_columns(*names, _step=step_of(first, grain))
    ids = table.select(columns).unique().sort(columns) if columns else pl.DataFrame({"": [""]})
    placed = table.join(ids.with_row_index("_id"), on=columns) if columns else _single(table)
    _refuse_repeats(placed)
    i, t = placed["_id"].to_numpy().astype(np.int64), placed["_step"].to_numpy()
    counts = np.zeros((ids.height, steps), np.float32)
    counts[i, t] = placed["_count"].to_numpy()
    seen = np.full(steps, until is not None)
    seen[t] = True
    begun = _begun(i, t, ids.height, has_zeros=bool((placed["_count"] == 0).any()))
    span = f"从 {first:%Y-%m-%d} 到 {last:%Y-%m-%d} 的 "
    counts, notes = filled(counts, seen, season=7 if grain == DAILY else 168, span=span)
    keys = tuple(ids.iter_rows()) if columns else ((),)
    return Panel(grain, tuple(columns), keys, first, counts, begun), notes


def _single(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(_id=pl.lit(0, pl.UInt32))


def _begun(
    i: NDArray[np.int64], t: NDArray[np.int64], n: int, *, has_zeros: bool
) -> NDArray[np.int64]:
    """Return where each series begins: at its first row; near the panel's first, with that."""
    first = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(first, i, t)
    return first if has_zeros else np.where(first <= _LATE, 0, first)


def _without_counts(source: str) -> InvalidRequest:
    return InvalidRequest("counts_empty", f"{source} 没有一行有数；至少要有一天", field="count")


def _wrong(row: int, value: str, what: str) -> InvalidRequest:
    return InvalidRequest(
        "count_invalid", f"第 {row} 行：count 的值 {value!r} {what}", field="count"
    )


__all__ = ["DAILY", "HOURLY", "ReadPanel", "panel_of", "read_panel"]
