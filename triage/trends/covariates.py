"""What is known beforehand of every step (weather): columns of a file of counts, or a file apart.

Several rows of a day (zones of a city, series of a file) are averaged, empty cells left out. A day
without any value is refused, for nobody can say what it was like; so is a cell that is no number.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from triage.errors import InvalidRequest, UnusableFile
from triage.trends.panel import DAILY, STEP, Panel
from triage.trends.panel_columns import refuse_headers
from triage.trends.panel_dates import read_dates

_NAMES: Final = ("zone", "district", "area", "station")
"""Columns of a weather file that say where; rows of a day are averaged over them."""


def step_of(first: datetime, grain: str) -> pl.Expr:
    """Return the step of a row's `_at`, counted from `first`."""
    seconds = int(STEP[grain].total_seconds())
    return (pl.col("_at") - first).dt.total_seconds() // seconds


def covariate(table: pl.DataFrame, name: str, panel: Panel) -> NDArray[np.float64]:
    """Return the mean of a column in each step of the panel, and of the steps after it.

    Raises
    ------
    InvalidRequest
        covariate_invalid: a cell that is no number. covariate_missing: a step without a value.
    """
    text = pl.col(name).str.strip_chars()
    value = text.cast(pl.Float64, strict=False)
    wrong = table.filter((text != "") & ~value.is_finite().fill_null(value=False))
    if wrong.height:
        row = wrong.row(0, named=True)
        raise InvalidRequest(
            "covariate_invalid",
            f"第 {row['_row']} 行：列 {name} 的值 {row[name]!r} 不是数；请改正，没有值的请留空",
            field=name,
        )
    found = (
        table.group_by(step_of(panel.first, panel.grain).alias("_step"))
        .agg(value.mean().alias("_value"))
        .filter(pl.col("_step") >= 0)
        .sort("_step")
    )
    steps, values = found["_step"].to_numpy(), found["_value"].to_numpy().astype(np.float64)
    whole = np.arange(found.height)
    bad = np.flatnonzero((steps != whole) | ~np.isfinite(values))
    if bad.size or found.height < panel.steps:
        day = panel.label(int(bad[0]) if bad.size else found.height)
        raise InvalidRequest(
            "covariate_missing",
            f"列 {name} 在 {day} 没有值；每一天都要有，预测的日子也要",
            field=name,
        )
    return values


def read_weather(path: Path, panel: Panel) -> Mapping[str, NDArray[np.float64]]:
    """Return every column of a file `date, …` as a covariate of a daily panel.

    Raises
    ------
    UnusableFile
        It is missing, no CSV, or has no column besides the date.
    InvalidRequest
        covariate_missing, covariate_invalid, column_twice, column_reserved, date_invalid,
        zone_mixed; covariate_hourly where the panel is of hours.
    """
    if panel.grain != DAILY:
        raise InvalidRequest(
            "covariate_hourly", "按小时预测不能带 --weather；请去掉，或改用每日的数"
        )
    try:
        table = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise UnusableFile(f"无法读取 {path}：应为有表头的 UTF-8 CSV 文件") from error
    columns = [name for name in table.columns if name not in {"date", *_NAMES}]
    if "date" not in table.columns or not columns or table.is_empty():
        raise UnusableFile(f"{path} 应有列 date 和至少一列数；现有：{'、'.join(table.columns)}")
    refuse_headers(table.columns)
    _, table = read_dates(table.with_row_index("_row", offset=2))
    return {name: covariate(table, name, panel) for name in columns}
