"""What breaks the ordinary course: outbreaks of a topic in a district, silences of a channel.

Those that arise by chance are drawn per day from the seed; those of the plan join them. An id names
the day of the start, so that a longer run names the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np

from triage.simulate.plan import LOCAL, CityPlan, Outbreak, Silence
from triage.simulate.shapes import Volume
from triage.simulate.tables import CHANNELS, DISTRICTS

_MONTH_DAYS = 30.4
_SIZE, _SIZE_SPREAD, _LARGEST = 0.004, 0.8, 0.05
"""Requests of an outbreak as a share of a day's volume: median, log-scale spread, most."""
_ONE_EVENT = 0.6
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Surge:
    """An outbreak or a silence with its id and its window in seconds since the plan began."""

    id: str
    cause: Outbreak | Silence
    start: int
    end: int

    def on(self, day_index: int) -> tuple[int, int] | None:
        """Return the first and the last second (exclusive) of the window within a day."""
        first = max(0, self.start - day_index * DAY_SECONDS)
        last = min(DAY_SECONDS, self.end - day_index * DAY_SECONDS)
        return (first, last) if first < last else None


class Surges:
    """All surges of a plan, met day by day.

    `outbreaks` are all so far, in order; `started` are those that became known on the last day met.
    """

    def __init__(self, plan: CityPlan, volume: Volume) -> None:
        self._plan, self._volume = plan, volume
        given: list[Outbreak | Silence] = [*plan.outbreaks, *plan.silences]
        self._open = [_surge(plan, cause, number) for number, cause in enumerate(given)]
        self.outbreaks = [one for one in self._open if isinstance(one.cause, Outbreak)]
        self.started: list[Surge] = []

    def meet(self, day_index: int) -> list[tuple[Surge, tuple[int, int]]]:
        """Return the surges of a day with their window in it; days are met in order."""
        new = [
            _surge(self._plan, cause, number, "C")
            for number, cause in enumerate(self._arising(day_index))
        ]
        self.started = new if day_index else [*self._open, *new]
        self.outbreaks += [one for one in new if isinstance(one.cause, Outbreak)]
        self._open = [one for one in (*self._open, *new) if one.end > day_index * DAY_SECONDS]
        return [(one, window) for one in self._open if (window := one.on(day_index))]

    def _arising(self, day_index: int) -> Iterator[Outbreak | Silence]:
        plan = self._plan
        rng = np.random.default_rng([plan.seed, 3, day_index])
        for _ in range(int(rng.poisson(plan.outbreaks_a_month / _MONTH_DAYS))):
            yield self._outbreak(plan.day(day_index), rng)
        for _ in range(int(rng.poisson(plan.silences_a_month / _MONTH_DAYS))):
            channels = list(dict.fromkeys(row["channel"] for row in CHANNELS()))
            channel = channels[int(rng.integers(1, len(channels)))]  # the telephone seldom fails
            yield Silence(channel, _start(plan.day(day_index), rng), float(rng.integers(3, 49)))

    def _outbreak(self, day: date, rng: np.random.Generator) -> Outbreak:
        volume = self._volume
        weight = volume.spread * volume.cells.sum(axis=1)
        topic = int(rng.choice(len(weight), p=weight / weight.sum()))
        cells = volume.cells[topic]
        district = int(rng.choice(len(cells), p=cells / cells.sum()))
        hours = float(round(np.exp(rng.uniform(np.log(6), np.log(72)))))
        size = min(_SIZE * float(np.exp(_SIZE_SPREAD * rng.normal())), _LARGEST)
        usual = float(cells[district]) * hours / 24
        return Outbreak(
            topic=volume.topics[topic],
            district=DISTRICTS()[district]["code"],
            start=_start(day, rng),
            hours=hours,
            factor=min(round(1 + size / usual, 1), 100_000),
            is_one_event=bool(rng.random() < _ONE_EVENT),
        )


def _start(day: date, rng: np.random.Generator) -> datetime:
    minute = int(rng.integers(24 * 60))
    return datetime.combine(day, time(minute // 60, minute % 60), LOCAL)


def _surge(plan: CityPlan, cause: Outbreak | Silence, number: int, mark: str = "P") -> Surge:
    """Return the surge of a cause; the mark tells those of the plan from those of chance."""
    local = cause.start.astimezone(LOCAL)
    start = round((local - datetime.combine(plan.start, time(), LOCAL)).total_seconds())
    kind = "O" if isinstance(cause, Outbreak) else "Q"
    return Surge(
        id=f"{kind}{local:%Y%m%d}-{mark}{number + 1}",
        cause=cause,
        start=start,
        end=start + round(timedelta(hours=cause.hours).total_seconds()),
    )
