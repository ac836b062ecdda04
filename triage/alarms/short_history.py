"""Expectation from weeks instead of years: EARS C1 to C3, and a CUSUM for what rises slowly.

L. Hutwagner et al., The bioterrorism preparedness and response Early Aberration Reporting System,
J. Urban Health 80 (2003) i89; longer baselines and weekdays: J. Tokars et al., Emerg. Infect. Dis.
15 (2009) 533. Here each day is first brought to an ordinary weekday, and the variance is a
negative binomial's, so that one count of a rare topic is no alarm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.alarms.shared import pooled, shared
from triage.alarms.tails import Floats

BASELINE_DAYS: Final = 28
"""Tokars et al.: 28 days find more than the seven of EARS at the same rate of false alarms."""
LAG_DAYS: Final = 2
"""C2 and C3 leave two days out before the day, so that a burst does not hide its second day."""
_PSEUDO: Final = 10.0
"""Requests as if each weekday had come with its even share: weekdays of a rare topic are alike."""
_REFERENCE: Final = 1.0
"""CUSUM's allowance in standard deviations: tuned for a shift of two. Half of it would be tuned for
one, which four weeks cannot tell from a level that was estimated too low."""
_OVERSHOOT: Final = 1.166
"""Siegmund's correction of a CUSUM's limit for discrete steps (Sequential Analysis, 1985, §10)."""


@dataclass(frozen=True, slots=True)
class Short:
    """Of n series: level (n,) of an ordinary day, factor (n, T) of each day, dispersion (n,).

    `cusum` (n,) is its last value in standard deviations, `drift` (n,) the chance of it.
    """

    level: Floats
    factor: Floats
    dispersion: Floats
    cusum: Floats
    drift: Floats


def expect(counts: Floats, kind: NDArray[np.int64], last: int, groups: NDArray[np.int64]) -> Short:
    """Expect the last days of each series from the four weeks before them, two days left out.

    Parameters
    ----------
    counts : (n, T), T ≥ `last` + LAG_DAYS + BASELINE_DAYS
    kind : (T,), by which weekday each day goes, 0 Monday to 6: holidays by Sunday, 调休 by Monday
    last : days to expect, from the end
    groups : (n,), which series move together (`shared`), -1 for one alone
    """
    known = counts.shape[1] - last
    weekday = _factors(counts[:, :known], kind[:known])[:, kind]
    base = slice(max(known - LAG_DAYS - BASELINE_DAYS, 0), known - LAG_DAYS)
    local = _local(counts[:, :known] / weekday[:, :known])
    recent = np.broadcast_to((counts / weekday)[:, base].mean(axis=1)[:, None], (len(counts), last))
    factor = weekday * shared(counts, np.hstack([local, recent]) * weekday, groups)
    level = np.maximum((counts / factor)[:, base].mean(axis=1), 0.5 / BASELINE_DAYS)
    own = _dispersion(counts[:, :known], factor[:, :known])
    dispersion = pooled(own, counts[:, :known].sum(axis=1), groups)
    cusum = _cusum(counts, level[:, None] * factor, dispersion)
    return Short(level, factor, dispersion, cusum, _chance(cusum))


def ears(counts: Floats, *, window: int = 7) -> dict[str, Floats]:
    """Return the statistics C1, C2, C3 of the last day, as published, in standard deviations.

    Parameters
    ----------
    counts : (n, T), T ≥ `window` + 5; what is said beside an alarm, not what raises it
    """
    days = counts.shape[1]

    def score(at: int, lag: int) -> Floats:
        base = counts[:, at - lag - window : at - lag]
        spread = np.maximum(base.std(axis=1, ddof=1), 0.5)
        result: Floats = (counts[:, at] - base.mean(axis=1)) / spread
        return result

    recent = [score(days - 1 - back, LAG_DAYS) for back in range(3)]
    c3 = sum(np.maximum(one - 1.0, 0.0) for one in recent)
    return {"C1": score(days - 1, 0), "C2": recent[0], "C3": np.asarray(c3)}


def _factors(counts: Floats, kind: NDArray[np.int64]) -> Floats:
    """Return (n, 7): what each weekday has of the mean, kept near 1 where little was counted."""
    overall = counts.mean(axis=1)
    result = np.ones((len(counts), 7))
    for one in range(7):
        of = counts[:, kind == one]
        if of.shape[1]:
            result[:, one] = (of.sum(axis=1) + _PSEUDO) / (overall * of.shape[1] + _PSEUDO)
    return result


def _dispersion(counts: Floats, factor: Floats) -> Floats:
    """Return variance over mean about the local level, the largest in fifty days cut off."""
    mean = np.maximum(_local(counts / factor) * factor, 1e-3)
    ratio = (counts - mean) ** 2 / mean
    cut = np.quantile(ratio, 0.98, axis=1, keepdims=True)
    return np.asarray(np.maximum(np.minimum(ratio, cut).mean(axis=1), 1.0))


def _local(level: Floats) -> Floats:
    """Return the mean of the two weeks before and after each day, those that there are."""
    days = level.shape[1]
    width = min(14, days // 2)
    total = np.concatenate([np.zeros((len(level), 1)), level.cumsum(axis=1)], axis=1)
    at = np.arange(days)
    low, high = np.maximum(at - width, 0), np.minimum(at + width + 1, days)
    result: Floats = (total[:, high] - total[:, low]) / (high - low)
    return result


def _cusum(counts: Floats, mean: Floats, dispersion: Floats, days: int = 7) -> Floats:
    """Return the CUSUM of the last days, begun at 0."""
    unsure = 1.0 + days / BASELINE_DAYS  # the level is counted too
    spread = np.sqrt(dispersion[:, None] * unsure)  # of Anscombe's root: small counts lean
    score = (2.0 * (np.sqrt(counts + 0.375) - np.sqrt(mean + 0.375)) / spread)[:, -days:]
    total = np.zeros(len(counts))
    for at in range(score.shape[1]):
        total = np.maximum(0.0, total + np.minimum(score[:, at], 4.0) - _REFERENCE)
    return total


def _chance(cusum: Floats) -> Floats:
    """Return the chance of a CUSUM's value: one over the run length that leads to it."""
    limit = cusum + _OVERSHOOT
    run = (np.exp(np.minimum(2 * _REFERENCE * limit, 700.0)) - 2 * _REFERENCE * limit - 1) / (
        2 * _REFERENCE**2
    )
    return np.minimum(1.0, 1.0 / np.maximum(run, 1.0))
