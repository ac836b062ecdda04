"""How a series' candidates did in back-tests, as `triage forecast select` has stored it.

Read only: nothing is fitted or measured here. Errors are relative to seasonal naive's on the same
weekly origins, so 1 means no better than last week's days.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import polars as pl

from triage.errors import ArtifactError
from triage.request import Json
from triage.trends.forecasts import NoForecast
from triage.trends.panel import ALL, DAILY

_COLUMNS: Final = ["members", "origins", "score", "scores", "chosen_at"]


def backtest(folder: Path, columns: tuple[str, ...], series: Mapping[str, str]) -> dict[str, Json]:
    """Return the latest back-test of a series of daily counts; a column left out is `*`.

    Raises
    ------
    NoForecast
        None was made of it, or there is no such column.
    ArtifactError
        What is stored is damaged.
    """
    for name in series:
        if name not in columns:
            raise NoForecast(f"回测里没有列 {name}；有：{'、'.join(columns) or '无'}", field=name)
    wanted = {name: series.get(name, ALL) for name in columns}
    row = _latest(folder / "choices" / DAILY, columns, tuple(wanted.values()))
    if row is None:
        said = "、".join(f"{name}={value}" for name, value in wanted.items()) or "全市"
        raise NoForecast(
            f"没有 {said} 的回测；请检查代码，或先运行 triage forecast select --from-store"
        )
    scores: dict[str, float] = json.loads(str(row["scores"]))
    members = str(row["members"]).split("+")
    candidates: list[Json] = [
        {"name": name, "relative": score, "is_chosen": name in members}
        for name, score in sorted(scores.items(), key=lambda item: (item[1], item[0]))
    ]
    score = float(str(row["score"]))
    origins = int(str(row["origins"]))
    return {
        "series": {**wanted},
        "model": str(row["members"]),
        "origins": origins,
        "relative": round(score, 4) if origins else None,
        "chosen_at": str(row["chosen_at"]),
        "candidates": candidates,
    }


def _latest(
    root: Path, columns: tuple[str, ...], key: tuple[str, ...]
) -> Mapping[str, object] | None:
    name = json.dumps([columns, key], ensure_ascii=False)
    rows = [row for table in _tables(root, name) for row in table.iter_rows(named=True)]
    latest = max(rows, key=lambda row: row["chosen_at"], default=None)
    return None if latest is None else {**latest, "chosen_at": latest["chosen_at"].isoformat()}


def _tables(root: Path, name: str, *, again: bool = True) -> list[pl.DataFrame]:
    """Return what each file has of the series; again where one went meanwhile into the whole."""
    parts = sorted(root.glob("part-*.parquet"))  # before the whole, which they go into
    try:
        return [
            pl.scan_parquet(path).filter(pl.col("series") == name).select(_COLUMNS).collect()
            for path in (*root.glob("choices.parquet"), *parts)
        ]
    except (OSError, pl.exceptions.PolarsError) as error:
        if again and isinstance(error, FileNotFoundError):
            return _tables(root, name, again=False)
        raise ArtifactError(
            f"{root} 里的回测已损坏；请删除它后重新运行 triage forecast select"
        ) from error
