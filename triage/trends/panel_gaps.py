"""Days that no series has a row of are missing, not quiet: what stands in for them, and when not.

A missing step takes the mean of the nearest known steps a whole number of weeks before and after
(one of them at the ends). More than a fifth missing is refused.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.errors import InvalidRequest
from triage.trends.panel import Floats

MOST_MISSING: Final = 0.2
"""Share of the steps; beyond it a pattern of the week can no longer be told from the holes."""


def filled(
    counts: Floats, seen: NDArray[np.bool_], *, season: int, span: str = ""
) -> tuple[Floats, tuple[str, ...]]:
    """Return counts (n, T) without holes, and what was done, in Chinese.

    Parameters
    ----------
    span
        From when to when, for the message: a slip in one date makes thousands of holes.

    Raises
    ------
    InvalidRequest
        gaps_too_many.
    """
    holes = np.flatnonzero(~seen)
    if not holes.size:
        return counts, ()
    if holes.size > MOST_MISSING * len(seen):
        raise InvalidRequest(
            "gaps_too_many",
            f"{span}{len(seen)} 步里有 {holes.size} 步没有任何数据，超过两成；"
            "请补上，没有诉求的请写 0，或从缺口之后开始；日期写错了请改正",
            field="date",
        )
    mended = counts.copy()
    for step in holes:
        sides = (_near(seen, int(step), way) for way in (-season, season))
        around = [one for one in sides if one >= 0]
        if around:
            mended[:, step] = np.round(counts[:, around].mean(axis=1))
        else:
            mended[:, step] = np.round(counts[:, seen].mean(axis=1))
    return mended, (f"有 {holes.size} 步没有数据，用前后同一星期几的平均数补上",)


def _near(seen: NDArray[np.bool_], step: int, season: int) -> int:
    """Return the nearest known step in one direction, -1 without one."""
    step += season
    while 0 <= step < len(seen):
        if seen[step]:
            return step
        step += season
    return -1
