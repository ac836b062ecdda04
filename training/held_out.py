"""Figures of a training run on its own held-out folds, in the form of an evaluation report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.decisions import measure
from evaluation.measured import Measured
from evaluation.truth import Example, labels_of
from training.fit import Fitted
from triage.request import Json

RESAMPLES = 200


def held_out_metrics(examples: Sequence[Example], fitted: Fitted) -> dict[str, Json]:
    """Return `{decision: figures}`, and the same for each style of request where there are two."""
    styles = sorted({example.style or "letter" for example in examples})
    metrics: dict[str, Json] = {"all": _decisions(examples, fitted, None)}
    if len(styles) > 1:
        metrics |= {style: _decisions(examples, fitted, style) for style in styles}
    return metrics


def _decisions(examples: Sequence[Example], fitted: Fitted, style: str | None) -> dict[str, Json]:
    figures: dict[str, Json] = {}
    for part in fitted.heads:
        rows = [
            (row, labels)
            for row, example in enumerate(examples)
            if style in (None, example.style or "letter")
            and (labels := labels_of(example, part.head.name)) is not None
        ]
        if not rows:
            continue
        probabilities = fitted.held_out[part.head.name][np.array([row for row, _ in rows])]
        decision = Measured(
            part.head.name,
            part.head.kind,
            part.head.labels,
            tuple(labels for _, labels in rows),
            probabilities,
        )
        found = measure(decision, resamples=RESAMPLES)
        found.pop("per_class")
        figures[part.head.name] = found
    return figures
