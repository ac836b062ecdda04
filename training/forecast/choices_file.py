"""Stored choices: one Parquet a batch, so that a run that was stopped goes on where it was.

A choice is of one series (its columns and values), one grain and one day; the latest counts. Parts
are put together when a run is through. Nothing is pickled.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import polars as pl

from training.forecast.choosing import Choice
from triage.errors import ArtifactError
from triage.files import atomic_write

SCHEMA: Final = pl.Schema(
    {
        "series": pl.String(),
        "members": pl.String(),
        "grid": pl.List(pl.Float64()),
        "origins": pl.Int32(),
        "score": pl.Float64(),
        "scores": pl.String(),
        "chosen_at": pl.Datetime("us", "UTC"),
    }
)
_WHOLE: Final = "choices.parquet"


class Choices:
    """The choices of a folder, by the columns that tell series apart."""

    def __init__(self, folder: Path, grain: str, columns: tuple[str, ...]) -> None:
        self._folder = folder / "choices" / grain
        self._columns = columns

    def known(self, *, since: datetime | None = None) -> Mapping[tuple[str, ...], Choice]:
        """Return the choices, those made before `since` left out.

        Raises
        ------
        ArtifactError
            A file is damaged.
        """
        table = self._table()
        if since is not None:
            table = table.filter(pl.col("chosen_at") >= since)
        return {self._id(row["series"]): _choice(row) for row in table.iter_rows(named=True)}

    def add(self, found: Iterable[tuple[tuple[str, ...], Choice]], now: datetime) -> None:
        """Write a batch of choices; durable once this returns."""
        rows = [self._row(key, choice, now) for key, choice in found]
        if rows:
            name = f"part-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}.parquet"
            self._write(pl.DataFrame(rows, SCHEMA, orient="row"), name)

    def put_together(self) -> None:
        """Put all parts into one file, the latest choice of each series; then the parts go."""
        parts = sorted(self._folder.glob("part-*.parquet"))
        self._write(self._table(everything=True), _WHOLE)
        for path in parts:
            path.unlink(missing_ok=True)

    def _table(self, *, everything: bool = False) -> pl.DataFrame:
        paths = [*self._folder.glob(_WHOLE), *sorted(self._folder.glob("part-*.parquet"))]
        if not paths:
            return pl.DataFrame(schema=SCHEMA)
        try:
            table = pl.concat([pl.read_parquet(path) for path in paths])
        except (OSError, pl.exceptions.PolarsError) as error:
            raise ArtifactError(
                f"{self._folder} 里的选择已损坏；请删除它后重新运行 triage forecast select"
            ) from error
        table = table.sort("chosen_at").unique("series", keep="last", maintain_order=True)
        mine = json.dumps(self._columns, ensure_ascii=False)[1:-1]
        return table if everything else table.filter(pl.col("series").str.starts_with(f"[[{mine}]"))

    def _write(self, table: pl.DataFrame, name: str) -> None:
        with atomic_write(self._folder / name) as file:
            table.write_parquet(file)

    def _row(self, key: tuple[str, ...], choice: Choice, now: datetime) -> tuple[object, ...]:
        series = json.dumps([self._columns, key], ensure_ascii=False)
        scores = json.dumps({name: round(score, 4) for name, score in choice.scores.items()})
        return (series, choice.model, list(choice.grid), choice.origins, choice.score, scores, now)

    def _id(self, series: str) -> tuple[str, ...]:
        return tuple(json.loads(series)[1])


def week_before(now: datetime, days: float) -> datetime:
    """Return the moment before which a choice is old."""
    return now.astimezone(UTC) - timedelta(days=days)


def _choice(row: Mapping[str, object]) -> Choice:
    return Choice(
        tuple(str(row["members"]).split("+")),
        tuple(row["grid"]),  # type: ignore[arg-type]  # a list of floats by the schema
        int(str(row["origins"])),
        float(str(row["score"])),
        json.loads(str(row["scores"])),
    )
