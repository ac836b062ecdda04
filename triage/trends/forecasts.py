"""Forecasts as they are stored and read: one Parquet a grain, and what it is of beside it.

    forecasts/daily.parquet   level, columns of the series, date, mean, median, lo-…, hi-…, model
    forecasts/daily.json      horizon, levels, the last day known, when it was made, by what

The Parquet carries a stamp that the JSON repeats: a reader who finds them apart reads again. Only
`training.forecast` writes; the service reads.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import polars as pl

from triage.errors import ArtifactError, TriageError, UnusableFile
from triage.files import atomic_write
from triage.trends.panel import ALL, HOURLY

FORMAT: Final = 1
_TRIES: Final = 3
"""How often a reader looks again where it came between the two files."""


class NoForecast(TriageError):
    """No forecast is stored, or not of this series."""

    code = "forecast_missing"


@dataclass(frozen=True, slots=True)
class ForecastFacts:
    """What a stored forecast is of; `known_until` is the last step of the counts it stands on."""

    grain: str
    columns: tuple[str, ...]
    horizon: int
    levels: tuple[float, ...]
    known_until: str
    made_at: str
    series: int
    versions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    format: int = FORMAT
    stamp: str = ""


@dataclass(frozen=True, slots=True)
class StoredForecast:
    """The facts and the rows, sorted by series and date."""

    facts: ForecastFacts
    rows: pl.DataFrame

    def of(self, series: Mapping[str, str]) -> pl.DataFrame:
        """Return the rows of the series whose columns are these; a column left out is `*`.

        Raises
        ------
        NoForecast
            There is no such series, or no such column.
        """
        columns = self.facts.columns
        for name in series:
            if name not in columns:
                raise NoForecast(f"预测里没有列 {name}；有：{'、'.join(columns)}", field=name)
        wanted = {name: series.get(name, ALL) for name in columns}
        found = self.rows
        for name, value in wanted.items():
            found = found.filter(pl.col(name) == value)
        if found.is_empty():
            said = "、".join(f"{name}={value}" for name, value in wanted.items())
            raise NoForecast(f"没有 {said} 的预测；请检查代码，或先运行 triage forecast")
        return found


def write_forecast(folder: Path, facts: ForecastFacts, rows: pl.DataFrame) -> None:
    """Put a forecast in the place of the one before."""
    stamp = secrets.token_hex(8)
    root = folder / "forecasts"
    with atomic_write(root / f"{facts.grain}.parquet") as file:
        rows.write_parquet(file, compression="zstd", metadata={"stamp": stamp})
    with atomic_write(root / f"{facts.grain}.json") as file:
        values = {**asdict(facts), "stamp": stamp}
        file.write(json.dumps(values, ensure_ascii=False, indent=1).encode())


def read_forecast(folder: Path, grain: str) -> StoredForecast:
    """Return the stored forecast of a grain.

    Raises
    ------
    NoForecast
        None was made yet.
    ArtifactError
        It is damaged, or of another format.
    """
    root = folder / "forecasts"
    for _ in range(_TRIES):
        facts = _facts(root / f"{grain}.json")
        path = root / f"{grain}.parquet"
        try:
            if pl.read_parquet_metadata(path).get("stamp") == facts.stamp:
                return StoredForecast(facts, pl.read_parquet(path))
        except (OSError, pl.exceptions.PolarsError) as error:
            raise _damaged(path) from error
    raise _damaged(root)


def write_csv(path: Path, rows: pl.DataFrame) -> None:
    """Write rows as CSV.

    Raises
    ------
    UnusableFile
        The place cannot be written to.
    """
    if path.suffix.lower() != ".csv":
        raise UnusableFile(f"--out {path} 应以 .csv 结尾")
    with atomic_write(path) as file:
        rows.write_csv(file, float_precision=3)


def _facts(path: Path) -> ForecastFacts:
    try:
        values = json.loads(path.read_text("utf-8"))
        if values["format"] != FORMAT:
            raise ValueError
        for name in ("columns", "levels", "notes"):
            values[name] = tuple(values[name])
        return ForecastFacts(**values)
    except FileNotFoundError:
        command = "triage forecast --from-store" + " --hourly" * (path.stem == HOURLY)
        raise NoForecast(f"还没有存下的预测；请先运行 {command}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> ArtifactError:
    return ArtifactError(f"存下的预测 {path} 已损坏；请重新运行 triage forecast")
