"""A rate limit per caller: the generic cell rate algorithm, one number of state a caller.

A burst of one second's worth is allowed, then requests must come at the rate. Chosen over the
`limits` package, whose in-memory storage starts a thread for almost every hit. Counts are those of
one worker process.

References
----------
ITU-T I.371 (2004), annex A: the generic cell rate algorithm in its virtual scheduling form.
"""

from __future__ import annotations

import time
from collections.abc import Callable

MAX_CALLERS = 10_000
"""Callers remembered before those that owe nothing are forgotten (about 1 MB)."""


class RateLimit:
    """Allow each caller `rate` requests a second on average; None allows any number."""

    def __init__(
        self, rate: float | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if rate is not None and rate <= 0:
            raise ValueError(f"rate must be positive: {rate}")
        self._rate = rate
        self._clock = clock
        self._due: dict[str, float] = {}

    @property
    def is_limiting(self) -> bool:
        """Whether callers without a rate of their own are limited."""
        return self._rate is not None

    def wait_seconds(self, caller: str, rate: float | None = None) -> float:
        """Count one request; 0 where it may pass, else the seconds until the next one may.

        A refused request is not counted. `rate` is the caller's own, in place of everybody's.
        """
        rate = rate or self._rate
        if rate is None:
            return 0.0
        interval = 1.0 / rate
        now = self._clock()
        due = max(self._due.get(caller, now), now)
        wait = due - max(1.0 - interval, 0.0) - now
        if wait > 0:
            return wait
        if len(self._due) >= MAX_CALLERS:
            self._forget(now)
        self._due[caller] = due + interval
        return 0.0

    def _forget(self, now: float) -> None:
        self._due = {caller: due for caller, due in self._due.items() if due > now}
