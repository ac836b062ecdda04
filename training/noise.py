"""Noisy copies of training requests: the same matter with chatter and a word on who is calling.

They teach a model that such words tell nothing of the matter. The sentences are those of
`data/noise.toml`, other ones than those that measure robustness and fairness. Labels stay; flags do
not: a caller who says to be old adds one, so copies leave flags unlabelled.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from evaluation.perturbations.telling import sentences
from evaluation.truth import Example
from training.heads import SEED

MOST_CHATTER = 2.0
"""Chatter that is added at most, in lengths of the request."""
WITH_PERSON = 0.5
"""Share of the copies that begin with a word on who is calling."""


def noisy_copies(
    examples: Sequence[Example], share: float
) -> tuple[list[Example], NDArray[np.int64]]:
    """Return noisy copies of about a share of the examples, and the row of each one's original."""
    rng = np.random.default_rng(SEED + 1)
    rows = np.flatnonzero(rng.random(len(examples)) < share)
    return [_noisy(examples[row], rng) for row in rows.tolist()], rows


def _noisy(example: Example, rng: np.random.Generator) -> Example:
    table = _table()
    parts, added = sentences(example.text), 0
    wanted = rng.random() * MOST_CHATTER * len(example.text)
    while added < wanted:
        line = _one(table["chatter"], rng)
        parts.insert(int(rng.integers(len(parts) + 1)), line)
        added += len(line)
    if rng.random() < WITH_PERSON:
        parts.insert(0, _one(table["people"], rng))
    return replace(example, text="".join(parts), flags=None)


def _one(lines: Sequence[str], rng: np.random.Generator) -> str:
    return lines[int(rng.integers(len(lines)))]


@lru_cache(maxsize=1)
def _table() -> dict[str, list[str]]:
    return tomllib.loads(files("training").joinpath("data", "noise.toml").read_text("utf-8"))
