"""The columns of a table of counts that tell series apart: refused where they name nothing.

A column twice, a name that the forecast itself writes, decimal numbers (weather, not a name): each
would make a forecast of nonsense without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from triage.errors import InvalidRequest

RESERVED: Final = ("level", "mean", "median", "model")
"""What a forecast writes beside the columns of its series; also lo-… and hi-…."""
MANY: Final = 50
"""Series from which fewer than two rows for each are worth a word."""
_DECIMAL: Final = r"^\s*-?\d+\.\d+\s*$"


def refuse_headers(names: Sequence[str]) -> None:
    """Refuse a column that is there twice, and names of the columns that are added while reading.

    Raises
    ------
    InvalidRequest
        column_twice, column_reserved.
    """
    for name in names:
        if "_duplicated_" in name:
            raise _refused("column_twice", name.split("_duplicated_")[0], "在表头里出现了两次")
        if name.startswith("_"):
            raise _refused("column_reserved", name, "以下划线开头，这样的名字留给程序自己")


def refuse_columns(table: pl.DataFrame, columns: Sequence[str]) -> None:
    """Refuse columns by which series cannot be told apart.

    Raises
    ------
    InvalidRequest
        column_reserved, column_numeric.
    """
    for name in columns:
        if name in RESERVED or name.startswith(("lo-", "hi-")):
            raise _refused("column_reserved", name, "的名字留给预测的结果")
        if table[name].str.contains(_DECIMAL).any():
            raise _refused(
                "column_numeric", name, "有小数，像天气而不是名称", f"用 --covariates {name}，或"
            )


def scattered(table: pl.DataFrame, columns: Sequence[str]) -> tuple[str, ...]:
    """Return a note where there is a series for nearly every row, in Chinese.

    That may be right, of rare topics in small places; whole degrees of a thermometer look like it.
    """
    series = table.select(columns).n_unique() if columns else 1
    if series < MANY or series * 2 <= table.height:
        return ()
    names = "、".join(columns)
    return (
        f"列 {names} 把 {table.height} 行分成了 {series} 个序列；"
        "其中若有天气之类的列，请写进 --covariates",
    )


def _refused(code: str, name: str, what: str, remedy: str = "") -> InvalidRequest:
    return InvalidRequest(code, f"列 {name} {what}；请{remedy}改名或删去", field=name)
