"""What a pipeline made of labelled requests: one array a figure, so that any rows can be compared.

A figure is 1 or 0 (or a confidence) for each request, NaN where it does not apply: where nothing is
labelled, or for `urgent_found` where the request is not urgent. Its value on some rows is the mean.
The answers are the pipeline's, after all steps and rules, not the model's alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.answers import CHUNK, first_levels
from evaluation.bootstrap import Statistic
from evaluation.truth import Example
from evaluation.urgency import URGENT
from triage.pipeline import Pipeline
from triage.request import Prediction

TOPIC, FIRST, UNIT, TYPE = "topic", "topic_l1", "lead_unit", "request_type"
DECISIONS = (TOPIC, FIRST, UNIT, TYPE)
URGENT_FOUND, CALM_LEFT, ABSTAIN = "urgent_found", "calm_left", "abstain"
CONFIDENCE, ASSURED, ASSURED_RIGHT = "confidence", "assured", "assured_right"
"""Confidence in the first topic and unit; whether the unit may stand unchecked; right where so."""

Figures = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Said:
    """What was decided about one request; None where a step is off."""

    topic: str | None
    topic_l1: str | None
    lead_unit: str | None
    request_type: str | None
    level: int | None
    acceptance: str
    abstain: bool

    @classmethod
    def of(cls, prediction: Prediction) -> Said:
        """Take the decisions out of a prediction."""
        first = prediction.topics[0] if prediction.topics else None
        return cls(
            first.code if first else None,
            first.l1 if first else None,
            prediction.units[0].code if prediction.units else None,
            prediction.request_type.code if prediction.request_type else None,
            prediction.urgency.level,
            prediction.acceptance.decision,
            prediction.abstain,
        )


def predict(
    pipeline: Pipeline,
    examples: Sequence[Example],
    on_rows: Callable[[int], object] = lambda rows: None,
) -> list[Prediction]:
    """Ask the pipeline about all examples, in order; `on_rows` is told how many more are done."""
    found: list[Prediction] = []
    for start in range(0, len(examples), CHUNK):
        chunk = examples[start : start + CHUNK]
        found += pipeline.triage([example.request for example in chunk])
        on_rows(len(chunk))
    return found


def figures_of(
    pipeline: Pipeline, examples: Sequence[Example], predictions: Sequence[Prediction]
) -> Figures:
    """Return the figures, float64 (n,) each."""
    said = [Said.of(prediction) for prediction in predictions]
    truth = {name: [getattr(example, name) for example in examples] for name in (TOPIC, UNIT, TYPE)}
    above = first_levels(pipeline.catalogue, [topic or "" for topic in truth[TOPIC]])
    truth[FIRST] = [l1 if topic else None for topic, l1 in zip(truth[TOPIC], above, strict=True)]
    found = {
        name: _column(
            None if wanted is None else float(getattr(one, name) == wanted)
            for one, wanted in zip(said, truth[name], strict=True)
        )
        for name in DECISIONS
    }
    levels = [example.urgency for example in examples]
    given = [one.level is not None and one.level < URGENT for one in said]
    rows = list(zip(levels, given, strict=True))
    found[URGENT_FOUND] = _column(
        None if level is None or level >= URGENT else float(urgent) for level, urgent in rows
    )
    found[CALM_LEFT] = _column(
        None if level is None or level < URGENT else float(not urgent) for level, urgent in rows
    )
    found[ABSTAIN] = _column(float(one.abstain) for one in said)
    found |= {
        f"{TOPIC}_{CONFIDENCE}": _column(
            p.topics[0].confidence if p.topics else None for p in predictions
        ),
        f"{UNIT}_{CONFIDENCE}": _column(
            p.units[0].confidence if p.units else None for p in predictions
        ),
        ASSURED: _column(float(UNIT in p.assured) for p in predictions),
    }
    found[ASSURED_RIGHT] = np.where(found[ASSURED] == 1, found[UNIT], np.nan)
    return found


def mean_of(values: NDArray[np.float64]) -> Statistic:
    """Return the mean of a figure as a function of rows; NaN where it applies to none of them."""

    def mean(rows: NDArray[np.int64]) -> float:
        part = values[rows]
        known = part[~np.isnan(part)]
        return float(known.mean()) if len(known) else float("nan")

    return mean


def _column(values: Iterable[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], np.float64)
