"""How long to wait before the next attempt: doubling, with jitter, for about a day, then none."""

from __future__ import annotations

import random
from datetime import timedelta

FIRST, LONGEST = timedelta(seconds=10), timedelta(hours=3)
JITTER = 0.2
"""Share by which a wait is longer or shorter, so that what failed together does not come together.
"""
LONGEST_WAIT = LONGEST * (1 + JITTER)
"""Whatever is put off further was put off by a clock that has gone back since."""
MOST_ATTEMPTS = 18
"""10 s doubling up to 3 h: eleven waits make 5.7 h, six of 3 h another 18 h."""


def wait_after(attempts: int, key: str) -> timedelta | None:
    """Return the wait after so many failed attempts; None where there is to be no other.

    The jitter hangs on `key` and the attempt alone: the same again gives the same wait.
    """
    if attempts < 1:
        raise ValueError(f"attempts = {attempts}: at least one has failed")
    if attempts >= MOST_ATTEMPTS:
        return None
    wait: timedelta = min(FIRST * 2 ** (attempts - 1), LONGEST)
    share = random.Random(f"{key} {attempts}").uniform(1 - JITTER, 1 + JITTER)
    return wait * share
