"""Many series of counts over the same steps of time, as one dense matrix; no gaps are left in it.

A series begins at its `start`; before it there is nothing. Where the numbers come from, and what
was mended on the way, is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

DAILY, HOURLY = "daily", "hourly"
STEP: Final = {DAILY: timedelta(days=1), HOURLY: timedelta(hours=1)}
ALL: Final = "*"
"""In a column of a series: added up over all values of it."""

Floats: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Panel:
    """`counts[i, t]` is the count of series `i` (n of them) in step `t` (T of them).

    Parameters
    ----------
    columns : names of what tells series apart, () for a single one
    ids : the values of the columns, one tuple a series
    first : the first step, in Chinese time
    start : int array (n,), the step in which a series begins
    covariates : name → float array (T + at least the horizon,), known beforehand (weather)
    """

    grain: str
    columns: tuple[str, ...]
    ids: tuple[tuple[str, ...], ...]
    first: datetime
    counts: Floats
    start: NDArray[np.int64]
    covariates: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """The number of steps T."""
        return int(self.counts.shape[1])

    def moment(self, step: int) -> datetime:
        """Return the beginning of a step, which may lie in the future."""
        return self.first + step * STEP[self.grain]

    def day(self, step: int) -> date:
        """Return the day of a step."""
        return self.moment(step).date()

    def label(self, step: int) -> str:
        """Return how a step is written: 2026-10-01, or 2026-10-01T08:00."""
        moment = self.moment(step)
        return (
            moment.date().isoformat() if self.grain == DAILY else moment.isoformat("T", "minutes")
        )

    def series(self, index: int) -> Floats:
        """Return a series from its start on."""
        found: Floats = self.counts[index, self.start[index] :]
        return found

    def upto(self, steps: int) -> Panel:
        """Return the panel as it was known after so many steps; later series are empty."""
        return Panel(
            self.grain,
            self.columns,
            self.ids,
            self.first,
            self.counts[:, :steps],
            np.minimum(self.start, steps),
            self.covariates,
        )
