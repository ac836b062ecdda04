"""The simulated city put together: day after day of rows, and the rows as requests.

The one place that knows the order: weather, expected numbers, draws, outbreaks, followers,
silences, then words. Every day draws its own numbers, so a longer run begins with a shorter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from triage.catalogue import Catalogue
from triage.simulate.following import Following
from triage.simulate.geography import Geography
from triage.simulate.plan import CityPlan, Outbreak, Silence
from triage.simulate.records import SimulatedRequest
from triage.simulate.requests import Requests
from triage.simulate.rows import Drawing, Rows
from triage.simulate.shapes import Volume
from triage.simulate.surges import Surge, Surges
from triage.simulate.tables import CHANNELS
from triage.simulate.weather import Weather, weather_of


@dataclass(frozen=True, slots=True)
class CityDay:
    """One day: its weather, its requests as rows in the order of time, what broke out on it."""

    index: int
    weather: Weather
    rows: Rows
    started: tuple[Surge, ...]


class City:
    """A city that lives through its plan once."""

    def __init__(self, plan: CityPlan, catalogue: Catalogue | None = None) -> None:
        self.plan = plan
        self.catalogue = catalogue or Catalogue.load()
        self.geography = Geography(self.catalogue)
        self.volume = Volume(plan)
        self._surges = Surges(plan, self.volume)
        self._drawing = Drawing(plan, self.volume, self.geography)
        self._following = Following(plan, self._drawing)
        self._requests = Requests(plan, self.catalogue, self.geography)

    def days(self) -> Iterator[CityDay]:
        """Yield the days of the plan; memory is that of a few days."""
        for index, weather in enumerate(islice(weather_of(self.plan), self.plan.days)):
            rng = np.random.default_rng([self.plan.seed, 1, index])
            rows = self._rows(index, weather, rng)
            self._following.come_again(rows, index, rng)
            yield CityDay(index, weather, rows, tuple(self._surges.started))

    def requests(self, day: CityDay) -> Iterator[SimulatedRequest]:
        """Yield the requests of a day in words, in the order of time."""
        return self._requests.of_day(day.index, day.rows, self._surges.outbreaks)

    def _rows(self, index: int, weather: Weather, rng: np.random.Generator) -> Rows:
        expected = self.volume.expected(weather)
        ordinary = self._drawing.ordinary(expected, rng)
        self._following.spread(ordinary, index, rng)
        surges = self._surges.meet(index)
        added = [
            self._drawing.outbreak(
                surge, window, expected, number=self._surges.outbreaks.index(surge), rng=rng
            )
            for surge, window in surges
            if isinstance(surge.cause, Outbreak)
        ]
        rows = np.concatenate([ordinary, self._following.of_day(index), *added])
        for surge, window in surges:
            if isinstance(surge.cause, Silence):
                rows = rows[~_lost(rows, surge.cause, window, rng)]
        return rows[np.argsort(rows["second"], kind="stable")]


def simulate_city(plan: CityPlan, catalogue: Catalogue | None = None) -> Iterator[SimulatedRequest]:
    """Yield the requests of a city in the order of time, the same for the same plan.

    Parameters
    ----------
    catalogue
        Code lists of Chongqing; those that come with the package when absent.
    """
    city = City(plan, catalogue)
    for day in city.days():
        yield from city.requests(day)


def _lost(
    rows: Rows, silence: Silence, window: tuple[int, int], rng: np.random.Generator
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Tell which rows a silent channel loses."""
    silent = [i for i, row in enumerate(CHANNELS()) if row["channel"] == silence.channel]
    second = rows["second"]
    inside = (second >= window[0]) & (second < window[1]) & np.isin(rows["channel"], silent)
    lost: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = inside & (
        rng.random(len(rows)) < silence.lost
    )
    return lost
