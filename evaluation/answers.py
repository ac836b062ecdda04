"""Ask a model about labelled requests: every decision it learned, and what the pipeline made of it.

Probabilities are the model's. Two decisions are taken as the desk sees them: the first level of the
first topic, and the urgency after thresholds, safety rules and the acceptance gate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.measured import LEVEL, THRESHOLD, Measured
from evaluation.truth import Example, labels_of
from triage.catalogue import Catalogue
from triage.pipeline import Pipeline
from triage.request import Prediction

CHUNK = 256
TOPIC_L1 = "topic_l1"
URGENCY_WITH_RULES = "urgency_with_rules"
LEVEL_LABELS = ("0", "1", "2", "3", "4")
_SURE = 1e-6  # a level given with confidence 0 is still the level that was given

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Answers:
    """What one model said about n examples.

    `decisions` in the model's order; `rows` gives the examples of each, int64 (len(truth),).
    `predictions` are the pipeline's (n); `catalogue` is None where topics are not of its list.
    """

    version: str
    decisions: dict[str, Measured]
    rows: dict[str, NDArray[np.int64]]
    predictions: tuple[Prediction, ...]
    catalogue: Catalogue | None


def ask(
    folder: Path,
    examples: Sequence[Example],
    *,
    catalogue_dir: Path | None = None,
    settings_file: Path | None = None,
    on_rows: Callable[[int], object] = lambda rows: None,
) -> Answers:
    """Load the model of a folder and ask it everything.

    Parameters
    ----------
    on_rows : told how many more examples are done

    Raises
    ------
    ArtifactError, CatalogueError, UnusableFile
        The model, the code lists or the settings cannot be used.
    """
    pipeline = Pipeline.from_model(folder, catalogue_dir=catalogue_dir, settings_file=settings_file)
    model = pipeline.model
    predictions: list[Prediction] = []
    parts: dict[str, list[Array]] = {name: [] for name in model.heads}
    for start in range(0, len(examples), CHUNK):
        chunk = examples[start : start + CHUNK]
        found = model.probabilities([model.read(example.document) for example in chunk])
        for name, part in found.items():
            parts[name].append(part)
        predictions += pipeline.triage([example.request for example in chunk])
        on_rows(len(chunk))
    probabilities = {name: np.concatenate(part) for name, part in parts.items()}
    thresholds = {
        "support_units": pipeline.settings.support_threshold,
        "flags": pipeline.settings.flag_threshold,
    }
    answers = Answers(model.version, {}, {}, tuple(predictions), _catalogue(pipeline))
    for name, head in model.heads.items():
        rows, truth = _labelled(examples, name)
        if len(rows):
            threshold = thresholds.get(name, THRESHOLD)
            _add(
                answers,
                rows,
                Measured(name, head.kind, head.labels, truth, probabilities[name][rows], threshold),
            )
    _add_first_levels(answers)
    if "urgency" in pipeline.settings.steps:
        _add_levels(answers)
    return answers


def first_levels(catalogue: Catalogue, topics: Sequence[str]) -> list[str]:
    """Return the first level of each topic; a topic that the list lacks is its own."""
    known = catalogue.topics
    return [known[topic].l1 if topic in known else topic for topic in topics]


def _catalogue(pipeline: Pipeline) -> Catalogue | None:
    head = pipeline.model.heads.get("topic")
    known = pipeline.catalogue.topics
    is_ours = head is not None and all(label in known for label in head.labels)
    return pipeline.catalogue if is_ours else None


def _labelled(
    examples: Sequence[Example], name: str
) -> tuple[NDArray[np.int64], tuple[tuple[str, ...], ...]]:
    found = [
        (row, labels)
        for row, example in enumerate(examples)
        if (labels := labels_of(example, name)) is not None
    ]
    return np.array([row for row, _ in found], np.int64), tuple(labels for _, labels in found)


def _add(answers: Answers, rows: NDArray[np.int64], decision: Measured) -> None:
    answers.decisions[decision.name] = decision
    answers.rows[decision.name] = rows


def _add_first_levels(answers: Answers) -> None:
    """Add the first topic's first level, with the summed probability of its topics."""
    topic = answers.decisions.get("topic")
    if topic is None or answers.catalogue is None:
        return
    above = first_levels(answers.catalogue, topic.labels)
    labels = tuple(dict.fromkeys(above))
    column = np.array([labels.index(name) for name in above])
    summed = topic.probabilities @ np.eye(len(labels), dtype=np.float32)[column]
    truth = first_levels(answers.catalogue, [row[0] for row in topic.truth])
    _add(
        answers,
        answers.rows["topic"],
        Measured(
            TOPIC_L1,
            topic.kind,
            labels,
            tuple((name,) for name in truth),
            summed,
            guesses=column[topic.guess_index()],
        ),
    )


def _add_levels(answers: Answers) -> None:
    """Add the level that the pipeline gave, with its confidence; the rest of the row is 0."""
    urgency = answers.decisions.get("urgency")
    if urgency is None:
        return
    rows = answers.rows["urgency"]
    given = np.zeros((len(rows), len(LEVEL_LABELS)), np.float32)
    for index, row in enumerate(rows):
        level = answers.predictions[row].urgency
        if level.level is not None:
            given[index, level.level] = max(level.confidence, _SURE)
    _add(
        answers,
        rows,
        Measured(URGENCY_WITH_RULES, LEVEL, LEVEL_LABELS, urgency.truth, given),
    )
