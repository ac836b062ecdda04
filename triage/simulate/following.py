"""What follows a request: others who tell of the same event, and the same requester once more.

Followers come hours or weeks later and wait until their day; nothing else is remembered, so memory
stays that of a few days.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from triage.simulate.plan import CityPlan
from triage.simulate.rows import NONE, ROW, Drawing, Rows, spread_of_topics
from triage.simulate.shapes import EXTRA_TELLINGS
from triage.simulate.surges import DAY_SECONDS

_DELAY_HOURS = 9.0
"""Mean hours from the first report of an event to another."""
_AGAIN_DAYS = (1.0, 24.0)
EVENT_DAY = 1_000_000
FIRST_DAY = 1 << 24


class Following:
    """Rows that wait for their day."""

    def __init__(self, plan: CityPlan, drawing: Drawing) -> None:
        self._plan, self._drawing = plan, drawing
        self._waiting: defaultdict[int, list[Rows]] = defaultdict(list)

    def of_day(self, day_index: int) -> Rows:
        """Return the rows that have waited for this day, and forget them."""
        waited = self._waiting.pop(day_index, [])
        return np.concatenate([np.zeros(0, dtype=ROW), *waited])

    def spread(self, rows: Rows, day_index: int, rng: np.random.Generator) -> None:
        """Make events of some first requests; `rows` learn their event, others will tell of it."""
        seeds = np.flatnonzero(rng.random(len(rows)) < spread_of_topics()[rows["topic"]])
        rows["event"][seeds] = day_index * EVENT_DAY + np.arange(len(seeds))
        sizes = rng.geometric(1 / EXTRA_TELLINGS, size=len(seeds))
        others = rows[np.repeat(seeds, sizes)]
        n = len(others)
        starts = np.cumsum(sizes) - sizes
        others["telling"] = np.arange(n) - np.repeat(starts, sizes) + 1
        others["requester"] = rng.integers(2**40, size=n)
        others["channel"] = self._drawing.channels(n, rng)
        others["second"] += 60 + (rng.exponential(_DELAY_HOURS, size=n) * 3600).astype(np.int64)
        self._wait(others, day_index)

    def come_again(self, rows: Rows, day_index: int, rng: np.random.Generator) -> None:
        """Let some requesters of a finished, sorted day come again."""
        again = (rng.random(len(rows)) < self._plan.repeats) & (rows["first"] == NONE)
        picked = np.flatnonzero(again)
        later = rows[picked]
        later["first"] = day_index * FIRST_DAY + picked
        later["channel"] = self._drawing.channels(len(later), rng)
        later["second"] += (rng.uniform(*_AGAIN_DAYS, size=len(later)) * DAY_SECONDS).astype("i8")
        self._wait(later, day_index)

    def _wait(self, rows: Rows, day_index: int) -> None:
        ahead, second = np.divmod(rows["second"], DAY_SECONDS)
        rows["second"] = second
        for days in np.unique(ahead).tolist():
            if day_index + days < self._plan.days:
                self._waiting[day_index + days].append(rows[ahead == days])
