"""Weather invented day by day from the seed, in three zones: what heat, rain and cold drive.

A seasonal mean after Chongqing's (hot July and August, mild damp winters), an autoregressive
anomaly shared by the zones, and showers. The numbers are plausible, not a forecast of anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import cos, pi

import numpy as np
from numpy.typing import NDArray

from triage.simulate.plan import CityPlan

ZONES = ("METRO", "NORTHEAST", "SOUTHEAST")
_COOLER = np.array([0.0, -1.0, -2.0])
"""°C that the zones are cooler than the metropolitan area: they lie higher."""
_MEAN, _SWING, _COLDEST = 18.5, 10.5, 20
"""°C, °C, day of the year."""


@dataclass(frozen=True, slots=True)
class Weather:
    """One day: highest and lowest temperature (°C) and rain (mm), float64 (3,) by zone."""

    day: date
    highest: NDArray[np.float64]
    lowest: NDArray[np.float64]
    rain: NDArray[np.float64]

    def drive(self) -> NDArray[np.float64]:
        """Return (3, 3) of cause (heat, rain, cold) × zone: 0 on an ordinary day, at most 3."""
        heat = np.clip((self.highest - 35.5) / 3.5, 0, 2)
        rain = np.clip(np.log2(np.maximum(self.rain, 1) / 18), 0, 3)
        cold = np.clip((3.5 - self.lowest) / 3.5, 0, 2)
        return np.stack([heat, rain, cold])


def weather_of(plan: CityPlan) -> Iterator[Weather]:
    """Yield one day after another without end; the first days do not depend on how many follow."""
    anomaly, is_wet = np.zeros(len(ZONES)), np.zeros(len(ZONES), dtype=bool)
    index = 0
    while True:
        rng = np.random.default_rng([plan.seed, 2, index])
        day = plan.day(index)
        anomaly = 0.8 * anomaly + 1.4 * rng.normal() + 0.6 * rng.normal(size=len(ZONES))
        is_wet = rng.random(len(ZONES)) < np.where(is_wet, 0.55, 0.28)
        yield _day(day, anomaly, is_wet, rng)
        index += 1


def _day(
    day: date,
    anomaly: NDArray[np.float64],
    is_wet: NDArray[np.bool_],
    rng: np.random.Generator,
) -> Weather:
    warmth = -cos(2 * pi * (day.timetuple().tm_yday - _COLDEST) / 365.25)  # -1 in winter
    mean = _MEAN + _SWING * warmth + _COOLER + anomaly - 2.0 * is_wet
    shower = rng.gamma(0.7, 11.0 + 8.0 * warmth, size=len(ZONES))
    return Weather(
        day,
        highest=np.round(mean + 5.5 + 0.7 * warmth, 1),
        lowest=np.round(mean - 4.0, 1),
        rain=np.round(shower * is_wet, 1),
    )
