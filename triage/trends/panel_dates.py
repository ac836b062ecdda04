"""Dates of a table of counts → steps of Chinese time; which grain they are is seen from them.

All dates without a time are days; stamps are hours, or days where every one is a Chinese midnight
(as T16:00Z is). Stamps with offsets are carried to Chinese
time; a file that mixes stamps with and without an offset is refused, for nobody can say what the
others mean.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from triage.errors import InvalidRequest
from triage.trends.panel import DAILY, HOURLY

_DAY: Final = r"^\d{4}-\d{2}-\d{2}$"
_STAMP: Final = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.0+)?)?$"
_ZONED: Final = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.0+)?)?(Z|[+-]\d{2}:?\d{2})$"


def read_dates(table: pl.DataFrame) -> tuple[str, pl.DataFrame]:
    """Return the grain, and the table with `_at`: the beginning of each step, Chinese time, naive.

    Raises
    ------
    InvalidRequest
        date_invalid, zone_mixed: naming the first row that is to blame.
    """
    text = pl.col("date").str.strip_chars()
    forms = {name: table.filter(text.str.contains(form)) for name, form in _FORMS.items()}
    kinds = [name for name, found in forms.items() if found.height]
    if sum(found.height for found in forms.values()) < table.height or not kinds:
        bad = table.filter(~pl.any_horizontal(text.str.contains(f) for f in _FORMS.values()))
        raise _invalid(bad if bad.height else table)
    if len(kinds) > 1:
        rare = min((forms[name] for name in kinds), key=lambda found: found.height)
        row = rare.row(0, named=True)
        raise InvalidRequest(
            "zone_mixed",
            f"第 {row['_row']} 行：日期 {row['date']!r} 与其他行写法不同；"
            "请全部写成 2026-10-01，或全部写成 2026-10-01T08:00，或全部带时区",
            field="date",
        )
    grain = DAILY if kinds[0] == "day" else HOURLY
    table = table.with_columns(_at=_READERS[kinds[0]](text))
    if grain == HOURLY and _all_midnights(table["_at"]):
        grain = DAILY
    bad = table.filter(pl.col("_at").is_null() | (pl.col("_at") != pl.col("_at").dt.truncate(
        "1d" if grain == DAILY else "1h")))  # fmt: skip
    if bad.height:
        raise _invalid(bad)
    return grain, table


def _all_midnights(moments: pl.Series) -> bool:
    at_midnight = (moments == moments.dt.truncate("1d")).all(ignore_nulls=False)
    return at_midnight is True and moments.n_unique() > 1


def _day(text: pl.Expr) -> pl.Expr:
    return text.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("us"))


def _stamp(text: pl.Expr) -> pl.Expr:
    return text.str.replace(" ", "T", literal=True).str.slice(0, 16).str.to_datetime(
        "%Y-%m-%dT%H:%M", strict=False, time_unit="us"
    )  # fmt: skip


def _zoned(text: pl.Expr) -> pl.Expr:
    whole = text.str.replace(" ", "T", literal=True).str.replace("Z$", "+00:00")
    minutes = whole.str.slice(0, 16) + whole.str.extract(r"([+-]\d{2}:?\d{2})$")
    moment = minutes.str.to_datetime(
        "%Y-%m-%dT%H:%M%z", strict=False, time_zone="UTC", time_unit="us"
    )
    return moment.dt.replace_time_zone(None) + pl.duration(hours=8)


_FORMS: Final = {"day": _DAY, "stamp": _STAMP, "zoned": _ZONED}
_READERS: Final = {"day": _day, "stamp": _stamp, "zoned": _zoned}


def _invalid(bad: pl.DataFrame) -> InvalidRequest:
    row = bad.row(0, named=True)
    return InvalidRequest(
        "date_invalid",
        f"第 {row['_row']} 行：日期 {row['date']!r} 不对；"
        "应为一天（2026-10-01）或整点（2026-10-01T08:00）",
        field="date",
    )
