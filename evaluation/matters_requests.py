"""The splitting of labelled requests by the whole pipeline, and what the step costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from evaluation.matters import Split, tally
from evaluation.truth import Example
from triage.pipeline import Pipeline
from triage.request import Json, Prediction
from triage.steps.draft import Draft

_ROUNDS = 3


def measure_requests(pipeline: Pipeline, examples: Sequence[Example]) -> dict[str, Json]:
    """Return the figures over the examples that label `topic2`, and microseconds a request."""
    labelled = [one for one in examples if one.topic is not None and one.topic2 is not None]
    predictions = pipeline.triage([one.request for one in labelled])
    splits = [
        split_of(prediction, tuple(topic for topic in (one.topic, one.topic2) if topic))
        for one, prediction in zip(labelled, predictions, strict=True)
    ]
    figures = tally(splits, threshold=0.5)
    figures.pop("threshold")
    return figures | {"microseconds_a_request": cost(pipeline, labelled)}


def split_of(prediction: Prediction, truth: tuple[str, ...]) -> Split:
    """Return a prediction as a split: chance 1 where it names several matters, else 0."""
    named = tuple(matter.topic.code for matter in prediction.matters)
    if not named:
        named = tuple(topic.code for topic in prediction.topics[:1])
    return Split(float(len(prediction.matters) > 1), named, truth)


def cost(pipeline: Pipeline, examples: Sequence[Example]) -> float | None:
    """Return what the step of matters takes, microseconds a request, the fastest round of three."""
    step = next((one for one in pipeline.steps if one.name == "matters"), None)
    if step is None or not examples:
        return None
    requests = [one.request for one in examples]
    best = float("inf")
    for _ in range(_ROUNDS):
        drafts = pipeline.drafts(requests)
        best = min(best, _seconds(step, drafts))
    return round(1e6 * best / len(requests), 1)


def _seconds(step: Callable[[Draft], None], drafts: Sequence[Draft]) -> float:
    start = time.perf_counter()
    for draft in drafts:
        step(draft)
    return time.perf_counter() - start
