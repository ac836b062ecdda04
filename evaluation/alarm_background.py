"""Background for measuring alarms: a simulated city without outbreaks of its own, or a real series.

What is injected into it is `alarm_injections`; districts stand on the latest boundaries.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from evaluation.alarm_lives import Lives
from triage.alarms.hours import HourlySet
from triage.alarms.key import Level, SeriesKey
from triage.alarms.series import SeriesSet, city_series, series_of
from triage.alarms.tails import Floats
from triage.catalogue import Catalogue
from triage.simulate import CityPlan
from triage.simulate.city import City
from triage.simulate.tables import CHANNELS
from triage.trends.codes import areas_of


@dataclass(frozen=True, slots=True)
class Background:
    """Series and the first column of the days that are judged; hours and answers where known."""

    name: str
    series: SeriesSet
    first_test: int
    hours: HourlySet | None = None
    answers: SeriesSet | None = None

    @property
    def areas(self) -> int:
        """How many districts it has."""
        return len({key.area for key in self.series.keys if key.level is Level.AREA})

    def shortened(self, days: int) -> Background:
        """Return the same with only so many days before the first that is judged."""
        cut = self.first_test - days
        series = self.series
        start = np.maximum(series.start - cut, 0)
        short = SeriesSet(series.keys, series.days[cut:], series.counts[:, cut:], start)
        return Background(f"{self.name}-{days}d", short, days)


def simulated(
    seed: int, *, per_day: float, start: date, history_days: int, test_days: int
) -> Background:
    """Simulate a city's counts by topic, district and channel."""
    days = history_days + test_days
    plan = CityPlan(
        days=days,
        per_day=per_day,
        seed=seed,
        start=start,
        outbreaks_a_month=0.0,
        silences_a_month=0.0,
    )
    catalogue = Catalogue.load()
    city = City(plan, catalogue)
    topics = city.volume.topics
    codes = list(city.geography.origins)
    table = np.zeros((len(topics), len(codes), days))
    names = [row["channel"] for row in CHANNELS()]
    channels, lives = np.zeros((len(names), days)), Lives(catalogue, start, days)
    for day in city.days():
        rows = day.rows
        place = city.geography.origin[rows["township"]]
        np.add.at(table[:, :, day.index], (rows["topic"], place), 1)
        channels[:, day.index] += np.bincount(rows["channel"], minlength=len(names))
        lives.add(day.index, rows)
    cells = _cells(table, topics, _areas(catalogue, codes))
    levels = {code: entry.l1 for code, entry in catalogue.topics.items()}
    series = city_series(cells, start, levels).with_(_channels(names, channels, start))
    hours, answers = lives.hours(), lives.answers()
    return Background(f"city-{seed}", series, history_days, hours, answers)


def from_series_file(path: Path) -> Background:
    """Read a real daily series `date,count` as a city of one series."""
    with path.open(encoding="utf-8") as file:
        rows = [
            (date.fromisoformat(row["date"]), int(row["count"])) for row in csv.DictReader(file)
        ]
    first = rows[0][0]
    counts = np.zeros((1, (rows[-1][0] - first) // timedelta(days=1) + 1))
    for day, count in rows:
        counts[0, (day - first).days] = count
    return Background(path.stem, series_of([SeriesKey(Level.CITY)], first, counts), 0)


def _areas(catalogue: Catalogue, codes: list[str]) -> list[str]:
    pairs = pl.DataFrame({"district": codes, "township": [""] * len(codes)})
    return areas_of(catalogue, pairs)["area"].to_list()


def _cells(
    table: Floats, topics: tuple[str, ...], areas: list[str]
) -> dict[tuple[str, str], Floats]:
    cells: dict[tuple[str, str], Floats] = {}
    for i, topic in enumerate(topics):
        for j, area in enumerate(areas):
            row = table[i, j]
            before = cells.get((topic, area))
            cells[topic, area] = row if before is None else before + row
    return cells


def _channels(names: list[str], channels: Floats, start: date) -> SeriesSet:
    rows: dict[str, Floats] = {}
    for name, row in zip(names, channels, strict=True):
        rows[name] = rows[name] + row if name in rows else row
    keys = [SeriesKey(Level.CHANNEL, channel=name) for name in rows]
    return series_of(keys, start, np.stack(list(rows.values())))
