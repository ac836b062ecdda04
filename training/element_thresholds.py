"""Choose how sure the best and the second object must be, by cross-validation.

The fold's own fit scores it; thresholds are tried on a grid of log-odds and the pair with the best
micro F1 (a found span and a marked one share half of their characters) is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold

from training.element_objects import HALF, Example, Fitted, Request, fit, key_of, overlap
from triage.text.object_model import ObjectModel
from triage.text.objects import Span, find_objects

FOLDS = 5
SEED = 20251106
FLOORS = (-3.0, -2.5, -2.0, -1.75, -1.5, -1.25, -1.0)
SECONDS = (-2.0, -1.75, -1.5, -1.25, -1.0, -0.75, -0.5, -0.25, 0.0)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Log-odds that the best and the second candidate must reach, and the F1 they gave."""

    floor: float
    second: float
    f1: float


def best_thresholds(
    examples: Sequence[Example], requests: Iterable[Request], words: dict[str, str]
) -> Thresholds:
    """Return the pair of the grid with the best cross-validated F1."""
    requests = list(requests)
    counts = {(floor, second): np.zeros(3) for floor in FLOORS for second in SECONDS}
    for train, test in KFold(FOLDS, shuffle=True, random_state=SEED).split(examples):
        fitted = fit([examples[i] for i in train], requests, words)
        for (floor, second), total in counts.items():
            model = model_of(fitted, floor=floor, second=second)
            for i in test:
                total += _count(examples[i], fitted, model)
    scores = {pair: 2 * c[0] / (c[1] + c[2]) for pair, c in counts.items()}
    best = max(scores, key=scores.__getitem__)
    return Thresholds(*best, f1=float(scores[best]))


def model_of(fitted: Fitted, *, floor: float, second: float) -> ObjectModel:
    """Return the run-time model of fitted weights."""
    table = [(group, value, weight) for (group, value), weight in fitted.context.items()]
    return ObjectModel.of([*table, ("situation", "floor", floor), ("situation", "second", second)])


def _count(example: Example, fitted: Fitted, model: ObjectModel) -> NDArray[np.float64]:
    """Return how many spans were right, marked and found, shape (3,)."""
    weighed = [
        one._replace(weight=fitted.words[key_of(one, example.text)]) for one in example.candidates
    ]
    found = find_objects(model, example.text, weighed)
    return np.array([_right(found, example.objects), len(example.objects), len(found)], float)


def _right(found: list[Span], marked: Sequence[Span]) -> int:
    left = list(marked)
    for span in found:
        match = next((one for one in left if overlap(one, span) >= HALF), None)
        if match is not None:
            left.remove(match)
    return len(marked) - len(left)
