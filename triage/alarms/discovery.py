"""False discoveries among thousands of tests: Benjamini and Hochberg's step-up procedure.

Y. Benjamini, Y. Hochberg, Controlling the False Discovery Rate, J. R. Stat. Soc. B 57 (1995) 289.
"""

from __future__ import annotations

import numpy as np

from triage.alarms.tails import Floats


def adjusted(chances: Floats, *, tests: int | None = None) -> Floats:
    """Return for each chance the least false discovery rate at which it would be raised.

    Parameters
    ----------
    chances : (n,), in [0, 1]
    tests
        How many tests there were in all, where those with a chance of 1 are left out; n or more.

    Returns
    -------
    (n,), in [0, 1], in the order given; empty for none.
    """
    n = len(chances)
    m = n if tests is None else tests
    if m < n:
        raise ValueError(f"tests = {m} < {n} chances")
    order = np.argsort(chances, kind="stable")
    scaled = chances[order] * m / np.arange(1, n + 1)
    least = np.minimum.accumulate(scaled[::-1])[::-1]
    result = np.empty(n)
    result[order] = np.minimum(least, 1.0)
    return result
