"""Figures of a training run on its own held-out folds, in the form of an evaluation report.

Boosted requests are left out. Several labels a request are named from the default settings'
thresholds on, as the pipeline names them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.breakdown import commonest
from evaluation.decisions import measure
from evaluation.measured import THRESHOLD, Measured
from evaluation.selective import cross_fitted_figures
from evaluation.truth import Example, labels_of
from training.fit import Fitted, FittedHead
from triage.model.trust import TOPIC_L1
from triage.pipeline import flag_thresholds
from triage.request import Json
from triage.settings import load_settings

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
        name = part.head.name
        rows, truth = _labelled(examples, name, style)
        if not len(rows):
            continue
        probabilities = fitted.held_out[name][rows]
        decision = Measured(
            name, part.head.kind, part.head.labels, truth, probabilities, _threshold(part)
        )
        found = _figures(decision, fitted, rows)
        figures[name] = found
        if name == "topic":
            if style is None:
                found["confusions"] = commonest(decision)
            if fitted.judged.groups:
                figures[TOPIC_L1] = _figures(_first_level(decision, fitted, rows), fitted, rows)
    return figures


def _labelled(
    examples: Sequence[Example], name: str, style: str | None
) -> tuple[NDArray[np.int64], tuple[tuple[str, ...], ...]]:
    found = [
        (row, labels)
        for row, example in enumerate(examples)
        if style in (None, example.style or "letter")
        and not example.boosted
        and (labels := labels_of(example, name)) is not None
    ]
    return np.array([row for row, _ in found], np.int64), tuple(labels for _, labels in found)


def _figures(decision: Measured, fitted: Fitted, rows: NDArray[np.int64]) -> dict[str, Json]:
    found = measure(decision, resamples=RESAMPLES)
    found.pop("per_class")
    if decision.name in fitted.judged.curves:
        found["selection"] = cross_fitted_figures(decision, fitted.fold[rows])
    return found


def _threshold(part: FittedHead) -> float | tuple[float, ...]:
    settings = load_settings()
    if part.head.name == "flags":
        return flag_thresholds(part.head.labels, settings)
    return settings.support_threshold if part.head.name == "support_units" else THRESHOLD


def _first_level(topic: Measured, fitted: Fitted, rows: NDArray[np.int64]) -> Measured:
    """Return the first level of the first topic as a decision of its own."""
    groups, group = fitted.judged.groups, fitted.judged.signals.group
    assert group is not None
    above = dict(zip(topic.labels, group.tolist(), strict=True))
    return Measured(
        TOPIC_L1,
        topic.kind,
        groups,
        tuple((groups[above[label]] if label in above else label,) for (label,) in topic.truth),
        fitted.held_out[TOPIC_L1][rows],
        guesses=group[topic.guess_index()],
    )
