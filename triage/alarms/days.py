"""What a day's count hangs on besides its series: trend, season, weekday, kind of day.

The columns are the same for all series. What each does to a series is fitted in `quasi_poisson`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np

from triage.alarms.tails import Floats
from triage.trends.day_kinds import Calendar, DayKind, kind_of

HARMONICS: Final = 2
"""Waves of a year and half a year, in place of the ten steps of Noufaily et al. §3.3, which are
made for weeks: by days they would cost nine columns and jump between two days."""
_KINDS: Final = (DayKind.MAKE_UP, DayKind.HOLIDAY, DayKind.LONG_HOLIDAY, DayKind.BACK)
_YEAR: Final = 365.25
COLUMNS: Final = 2 + 6 + 2 * HARMONICS + len(_KINDS)


def columns_of(days: Sequence[date], calendar: Calendar, *, origin: date) -> Floats:
    """Return float64 (T, COLUMNS): 1, years since `origin`, weekdays, waves of the year, kinds."""
    at = np.array([(day - origin).days for day in days], np.float64)
    angle = 2 * np.pi * np.array([day.timetuple().tm_yday for day in days]) / _YEAR
    weekday = np.array([day.weekday() for day in days])
    kind = np.array([int(kind_of(day, calendar)) for day in days])
    waves = [wave(n * angle) for n in range(1, HARMONICS + 1) for wave in (np.sin, np.cos)]
    parts = [np.ones(len(days)), at / _YEAR]
    parts += [(weekday == one).astype(np.float64) for one in range(1, 7)]
    parts += waves
    parts += [(kind == int(one)).astype(np.float64) for one in _KINDS]
    return np.stack(parts, axis=1)
