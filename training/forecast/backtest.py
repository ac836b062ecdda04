"""Replay the past of one series as the job would have lived it: choose, forecast, go on a week.

At each origin the choice and the spread come from earlier origins whose two weeks were over; with
`frozen` the members stay what they were at the first reported origin, and only the spread learns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.forecast.candidates import NAIVE, SETS, class_of
from training.forecast.choosing import ORIGINS, STEP, chosen, combined, least_of
from training.forecast.rolling import Rolled, origins_of, rolled, taken
from training.forecast.spread import at_level, spread_of
from triage.trends.panel import Floats

WARM_UP = 4
"""Origins before the first that is reported: fewer cannot choose."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What was said at each reported origin and what came: arrays (k, h).

    `quantiles[level]` is of the choice; `naive_quantiles` of seasonal naive with the same method;
    `history` holds the counts before the first reported origin, for scaling.
    """

    truth: Floats
    mean: Floats
    quantiles: dict[float, NDArray[np.float64]]
    naive: Floats
    naive_quantiles: dict[float, NDArray[np.float64]]
    members: tuple[tuple[str, ...], ...]
    history: Floats


def replay(
    y: Floats,
    X: Floats,
    *,
    horizon: int,
    reported: int,
    levels: Sequence[float],
    frozen: bool = False,
    learning: int = ORIGINS,
) -> Replay | None:
    """Return the last `reported` origins; None where the series is too short for any.

    Parameters
    ----------
    learning : how many finished origins a choice looks back on
    """
    overlap = -(-horizon // STEP)
    count = reported + learning + overlap
    origins = origins_of(len(y), horizon=horizon, step=STEP, count=count, least=least_of(y))
    first = max(len(origins) - reported, WARM_UP + overlap)
    if first >= len(origins):
        return None
    kind = class_of(y[: origins[first]])
    past = rolled(y, X, list(origins), SETS[kind], horizon=horizon)
    own: list[_Said] = []
    naive: list[_Said] = []
    for row in range(first, len(origins)):
        end = row - overlap + 1
        known = taken(past, slice(max(0, end - learning), end))
        members = own[0].members if frozen and own else chosen(known).members
        own.append(_said(past, known, row, members, levels))
        naive.append(_said(past, known, row, (NAIVE,), levels))
    return _together(past, own, naive, y[: origins[first]], first)


@dataclass(frozen=True, slots=True)
class _Said:
    members: tuple[str, ...]
    mean: Floats
    quantiles: dict[float, NDArray[np.float64]]


def _said(
    past: Rolled, known: Rolled, row: int, members: tuple[str, ...], levels: Sequence[float]
) -> _Said:
    mean = combined(taken(past, slice(row, row + 1)), members)[0]
    grid = spread_of(known.truth, combined(known, members))
    return _Said(members, mean, {level: at_level(mean, grid, level) for level in levels})


def _together(
    past: Rolled, own: list[_Said], naive: list[_Said], history: Floats, first: int
) -> Replay:
    def stacked(said: list[_Said]) -> dict[float, NDArray[np.float64]]:
        return {
            level: np.stack([one.quantiles[level] for one in said]) for level in said[0].quantiles
        }

    return Replay(
        past.truth[first:],
        np.stack([one.mean for one in own]),
        stacked(own),
        past.means[NAIVE][first:],
        stacked(naive),
        tuple(one.members for one in own),
        history,
    )
