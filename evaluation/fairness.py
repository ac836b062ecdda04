"""Is any group served worse? Figures of each group beside those of the rest, with intervals.

A gap is group less rest, by bootstrap of both apart. `matched` is the gap left when every request
of the group is compared with requests of the rest that have the same first-level topic, so that a
group with harder matters is told from one that is understood worse. A gap of more than five points
to the worse whose interval leaves out zero is flagged; intervals are not corrected for how many
there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from evaluation.answers import first_levels
from evaluation.bootstrap import RESAMPLES, SEED, Interval
from evaluation.breakdown import LEAST
from evaluation.groups import Group, groups_of
from evaluation.outcomes import (
    ABSTAIN,
    CALM_LEFT,
    CONFIDENCE,
    TOPIC,
    TYPE,
    UNIT,
    URGENT_FOUND,
    Figures,
    figures_of,
)
from evaluation.rounding import ends, rounded
from evaluation.truth import Example
from triage.catalogue import Catalogue
from triage.pipeline import Pipeline
from triage.request import Json, Prediction

JUDGED = (TOPIC, UNIT, TYPE, URGENT_FOUND, CALM_LEFT)
"""Figures of which more is better; a group that has less of one is served worse."""
OVERCONFIDENCE = "overconfidence"
"""Mean confidence in the topic less its accuracy: the calibration gap of a group."""
SHOWN = (*JUDGED, ABSTAIN, OVERCONFIDENCE)
MOST = 0.05
FEWEST = 10
"""Requests to which a figure must apply, in the group and in the rest, to be compared."""
_LEAST_ALIKE = 5
"""Requests of the rest with its first level that a request of the group is matched with."""


@dataclass(frozen=True, slots=True)
class Flagged:
    """A figure of which a group has clearly less than the rest."""

    group: str
    figure: str
    gap: float

    @property
    def key(self) -> str:
        """How a written reason names it."""
        return f"{self.group}:{self.figure}"


def measure_groups(
    pipeline: Pipeline,
    examples: Sequence[Example],
    predictions: Sequence[Prediction],
    *,
    resamples: int = RESAMPLES,
) -> dict[str, Json]:
    """Return `{group: {n, figures}}`; groups of fewer than LEAST requests stand in `too_few`."""
    figures = figures_of(pipeline, examples, predictions)
    figures[OVERCONFIDENCE] = figures[f"{TOPIC}_{CONFIDENCE}"] - figures[TOPIC]
    matters = _first_levels(pipeline.catalogue, examples)
    measured: dict[str, Json] = {}
    too_few: dict[str, Json] = {}
    for group in groups_of(examples):
        n = int(group.inside.sum())
        if n < LEAST or group.outside.sum() < LEAST:
            too_few[group.key] = n
            continue
        measured[group.key] = {
            "n": n,
            "urgent": int((~np.isnan(figures[URGENT_FOUND][group.inside])).sum()),
            "figures": {
                name: found
                for name in SHOWN
                if (found := _compared(figures, name, group, matters, resamples)) is not None
            },
        }
    return {"n": len(examples), "groups": measured, "too_few": too_few}


def flagged(groups: Mapping[str, Mapping[str, Mapping[str, Mapping[str, Json]]]]) -> list[Flagged]:
    """Return what is more than MOST worse, with an interval that leaves out zero."""
    return [
        Flagged(key, name, gap)
        for key, part in groups.items()
        for name, figure in part["figures"].items()
        if name in JUDGED and (gap := _clear_loss(figure)) is not None
    ]


def _clear_loss(figure: Mapping[str, Json]) -> float | None:
    gap, interval = figure["gap"], figure["interval"]
    if not isinstance(gap, float) or not isinstance(interval, list):
        return None
    high = interval[1]
    return gap if gap < -MOST and isinstance(high, float) and high < 0 else None


def _compared(
    figures: Figures, name: str, group: Group, matters: NDArray[np.str_], resamples: int
) -> Json:
    """Return the figure of the group and of the rest, and their gap; None where it is too rare."""
    values = figures[name]
    known = ~np.isnan(values)
    inside, outside = values[group.inside & known], values[group.outside & known]
    if min(len(inside), len(outside)) < FEWEST:
        return None
    found = _apart(inside, outside, f"{group.key}:{name}", resamples)
    return {
        "n": len(inside),
        "value": rounded(float(inside.mean())),
        "rest": rounded(float(outside.mean())),
        "gap": rounded(found.value),
        "interval": ends(found),
        "matched": rounded(_matched(values, group, matters)),
    }


def _apart(
    inside: NDArray[np.float64], outside: NDArray[np.float64], key: str, resamples: int
) -> Interval:
    """Return the difference of two means with its 95 % bootstrap interval; drawn apart."""
    rng = np.random.default_rng([SEED, crc32(key.encode())])
    drawn = [
        values[rng.integers(0, len(values), (resamples, len(values)))].mean(axis=1)
        for values in (inside, outside)
    ]
    low, high = np.quantile(drawn[0] - drawn[1], [0.025, 0.975])
    return Interval(float(inside.mean() - outside.mean()), float(low), float(high))


def _matched(values: NDArray[np.float64], group: Group, matters: NDArray[np.str_]) -> float:
    """Return the mean of value less that of the rest with the same matter; NaN without any."""
    known = ~np.isnan(values)
    gaps: list[float] = []
    for matter in sorted(set(matters[group.inside & known].tolist())):
        same = known & (matters == matter)
        rest = values[same & group.outside]
        if len(rest) >= _LEAST_ALIKE:
            gaps += (values[same & group.inside] - rest.mean()).tolist()
    return float(np.mean(gaps)) if gaps else float("nan")


def _first_levels(catalogue: Catalogue, examples: Sequence[Example]) -> NDArray[np.str_]:
    return np.array(first_levels(catalogue, [example.topic or "" for example in examples]))
