"""Ask a model about labelled requests: every decision it learned, and what the pipeline made of it.

Probabilities are the model's. Three decisions are taken as the desk sees them: the first level of
the first topic, the units after the dispatch catalogue, and the urgency after thresholds, safety
rules and the acceptance gate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.measured import LEVEL, THRESHOLD, Measured
from evaluation.truth import Example, labels_of
from triage.catalogue import Catalogue
from triage.model.selection import Curve
from triage.model.trust import TOPIC_L1
from triage.pipeline import Pipeline, flag_thresholds
from triage.request import Prediction

CHUNK = 256
URGENCY_WITH_RULES = "urgency_with_rules"
LEAD_WITH_CATALOGUE = "lead_unit_with_catalogue"
LEVEL_LABELS = ("0", "1", "2", "3", "4")
_SURE = 1e-6  # a level given with confidence 0 is still the level that was given

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Answers:
    """What one model said about n examples.

    `decisions` in the model's order; `rows` gives the examples of each, int64 (len(truth),).
    `predictions` are the pipeline's (n); `catalogue` is None where topics are not of its list;
    `curves` say how often the model's answers were wrong on held-out requests, by trust.
    """

    version: str
    decisions: dict[str, Measured]
    rows: dict[str, NDArray[np.int64]]
    predictions: tuple[Prediction, ...]
    catalogue: Catalogue | None
    curves: Mapping[str, Curve] = field(default_factory=dict)


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
            parts.setdefault(name, []).append(part)
        predictions += pipeline.triage([example.request for example in chunk])
        on_rows(len(chunk))
    probabilities = {name: np.concatenate(part) for name, part in parts.items()}
    flags = model.heads["flags"].labels if "flags" in model.heads else ()
    thresholds: dict[str, float | tuple[float, ...]] = {
        "support_units": pipeline.settings.support_threshold,
        "flags": flag_thresholds(flags, pipeline.settings),
    }
    curves = model.judges.curves if model.judges is not None else {}
    answers = Answers(model.version, {}, {}, tuple(predictions), _catalogue(pipeline), curves)
    for name, head in model.heads.items():
        rows, truth = _labelled(examples, name)
        if len(rows):
            threshold = thresholds.get(name, THRESHOLD)
            _add(
                answers,
                rows,
                Measured(name, head.kind, head.labels, truth, probabilities[name][rows], threshold),
            )
    groups = model.judges.groups if model.judges is not None else ()
    _add_first_levels(answers, groups, probabilities.get(TOPIC_L1))
    if "urgency" in pipeline.settings.steps:
        _add_levels(answers)
    if "units" in pipeline.settings.steps:
        _add_leads(answers)
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


def _add_first_levels(answers: Answers, groups: tuple[str, ...], judged: Array | None) -> None:
    """Add the first topic's first level: as the model judges it, or else its topics' sum."""
    topic = answers.decisions.get("topic")
    if topic is None or answers.catalogue is None:
        return
    above = first_levels(answers.catalogue, topic.labels)
    labels = tuple(dict.fromkeys(above))
    column = np.array([labels.index(name) for name in above])
    if judged is not None and groups == labels:
        summed = judged[answers.rows["topic"]]
    else:
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


def _add_leads(answers: Answers) -> None:
    """Add the units as they are given, after the dispatch catalogue; unranked ones count 0."""
    lead = answers.decisions.get("lead_unit")
    if lead is None:
        return
    column = {label: index for index, label in enumerate(lead.labels)}
    rows = answers.rows["lead_unit"]
    given = np.zeros((len(rows), len(lead.labels)), np.float32)
    for index, row in enumerate(rows):
        for unit in answers.predictions[row].units:
            given[index, column[unit.code]] = max(unit.confidence, _SURE)
    _add(answers, rows, Measured(LEAD_WITH_CATALOGUE, lead.kind, lead.labels, lead.truth, given))


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
