"""The requests of one day as rows of numbers: who, what, where, when; no words yet.

A row's `fact` is a number from which everything about its matter follows (place, sums, dates), so
rows of one event share it. All draws are arrays: a day of 30,000 takes milliseconds.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from triage.simulate.cumulative import WeightedGroups
from triage.simulate.geography import Geography
from triage.simulate.plan import CityPlan, Outbreak
from triage.simulate.shapes import Volume
from triage.simulate.surges import DAY_SECONDS, Surge
from triage.simulate.tables import CHANNELS, MATTERS, PROFILES

NONE = -1
ROW = np.dtype(
    [
        ("second", "i8"),
        ("topic", "i8"),
        ("matter", "i8"),
        ("township", "i8"),
        ("channel", "i8"),
        ("fact", "i8"),
        ("event", "i8"),
        ("telling", "i8"),
        ("outbreak", "i8"),
        ("requester", "i8"),
        ("first", "i8"),
    ]
)
"""`second` is of the day, or since the plan began while a row waits; `event`, `outbreak` and
`first` (the request that a repeat repeats: day × 2^24 + position) are NONE where there is none."""
Rows = NDArray[np.void]
Ints = NDArray[np.int64]

_ONE_PLACE = 0.7
"""Share of an event's outbreak that comes from one township."""


class Drawing:
    """Draws rows: columns that every new request needs, from cumulative tables."""

    def __init__(self, plan: CityPlan, volume: Volume, geography: Geography) -> None:
        self._plan, self._volume, self._geography = plan, volume, geography
        topics = list(volume.topics)
        matter_topic = np.array([topics.index(row["topic"]) for row in MATTERS()])
        weights = np.array([float(row["weight"]) for row in MATTERS()])
        self._matters = WeightedGroups(weights, matter_topic)
        self._is_village = np.array([row["place"] == "village" for row in MATTERS()])
        self._is_emergency = np.array([row["urgency"] == "0" for row in MATTERS()])
        channels = np.array([float(row["weight"]) for row in CHANNELS()])
        self._channels = WeightedGroups(channels, np.zeros(len(channels), dtype=np.int64))

    def ordinary(self, expected: NDArray[np.float64], rng: np.random.Generator) -> Rows:
        """Return the day's rows for expected counts, float64 (topics, districts)."""
        counts = rng.poisson(expected * rng.gamma(400, 1 / 400, size=(len(expected), 1)))
        cell = np.repeat(np.arange(counts.size), counts.ravel())
        topic, district = np.divmod(cell, expected.shape[1])
        return self._new(topic, district, self._volume.hours.seconds(topic, rng), rng)

    def outbreak(
        self,
        surge: Surge,
        window: tuple[int, int],
        expected: NDArray[np.float64],
        *,
        number: int,
        rng: np.random.Generator,
    ) -> Rows:
        """Return what an outbreak adds in its window of a day."""
        cause = surge.cause
        assert isinstance(cause, Outbreak)
        topic = self._volume.topics.index(cause.topic)
        district = self._geography.origins.index(cause.district)
        part = (window[1] - window[0]) / DAY_SECONDS
        n = int(rng.poisson(expected[topic, district] * (cause.factor - 1) * part))
        rows = self._new(
            np.full(n, topic), np.full(n, district), rng.integers(*window, size=n), rng
        )
        rows["outbreak"] = number
        if cause.is_one_event:
            self._tell_of_one(rows, np.random.default_rng([self._plan.seed, 4, abs(surge.start)]))
        return rows

    def channels(self, n: int, rng: np.random.Generator) -> Ints:
        """Return n rows of `channels.csv`, int64 (n,)."""
        return self._channels.draw(np.zeros(n, dtype=np.int64), rng)

    def _tell_of_one(self, rows: Rows, rng: np.random.Generator) -> None:
        """Make all rows tell of one matter, most of them in one township."""
        if len(rows):
            topic, district = rows["topic"][:1], self._geography.origin[rows["township"][:1]]
            one = self._new(topic, district, np.zeros(1, dtype=np.int64), rng)
            is_there = np.arange(len(rows)) % 10 < 10 * _ONE_PLACE
            rows["matter"], rows["fact"] = one["matter"], one["fact"]
            rows["township"] = np.where(is_there, one["township"], rows["township"])

    def _new(self, topic: Ints, district: Ints, second: Ints, rng: np.random.Generator) -> Rows:
        rows = np.zeros(n := len(topic), dtype=ROW)
        rows["second"], rows["topic"] = second, topic
        rows["matter"] = self._matters.draw(topic, rng)
        village = self._is_village[rows["matter"]]
        rows["township"] = self._geography.draw(district, is_village=village, rng=rng)
        emergency = self._is_emergency[rows["matter"]]
        rows["channel"] = np.where(emergency, 0, self.channels(n, rng))
        rows["fact"] = rng.integers(2**62, size=n)
        rows["requester"] = rng.integers(2**40, size=n)
        for name in ("event", "outbreak", "first"):
            rows[name] = NONE
        return rows


@cache
def spread_of_topics() -> NDArray[np.float64]:
    """Return the share of each topic's requests that others report too, float64 (topics,)."""
    return np.array([float(row["spread"]) for row in PROFILES()])
