"""The evaluation report: figures of every decision, slices, confusions, and what they stand on.

One JSON value; `markdown` and `pictures` show the same. Nothing of the requests' text is in it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.answers import Answers
from evaluation.bootstrap import RESAMPLES
from evaluation.breakdown import confusions, slices
from evaluation.decisions import measure
from evaluation.rounding import rounded
from evaluation.selective import selections
from evaluation.truth import DECISIONS, Example, fingerprint, labels_of
from triage.errors import UnusableFile
from triage.request import Json

SCHEMA = 1


def build_report(
    answers: Answers,
    examples: Sequence[Example],
    *,
    trained_on: str,
    resamples: int = RESAMPLES,
) -> dict[str, Json]:
    """Return the report of one model on one set of labelled requests.

    Parameters
    ----------
    trained_on : `data_sha256` of the model's manifest

    Raises
    ------
    UnusableFile
        The data label no decision that the model has learned.
    """
    if not answers.decisions:
        raise UnusableFile(
            f"数据没有模型 {answers.version} 学过的标签：没有可以评估的决策，请检查标签列"
        )
    data = fingerprint(examples)
    versions = answers.predictions[0].versions
    return {
        "schema": SCHEMA,
        "model": answers.version,
        "catalogue": versions.catalogue,
        "rules": versions.rules,
        "data_sha256": data,
        "is_training_data": data == trained_on,
        "n": len(examples),
        "decisions": {
            name: measure(decision, resamples=resamples)
            for name, decision in answers.decisions.items()
        },
        "not_measured": _not_measured(answers, examples),
        "abstention": _abstention(answers),
        "selection": selections(answers.decisions, answers.curves),
        "slices": slices(answers, examples),
        "confusions": confusions(answers),
    }


def _not_measured(answers: Answers, examples: Sequence[Example]) -> list[Json]:
    """Return the decisions that the data label and the model has not learned."""
    return [
        name
        for name in DECISIONS
        if name not in answers.decisions
        and any(labels_of(example, name) is not None for example in examples)
    ]


def _abstention(answers: Answers) -> dict[str, Json]:
    """Return how often the pipeline abstains, and what topics are worth with and without."""
    abstained = np.array([prediction.abstain for prediction in answers.predictions])
    figures: dict[str, Json] = {"share": rounded(float(abstained.mean()))}
    topic = answers.decisions.get("topic")
    if topic is not None:
        right = topic.truth_index() == topic.guess_index()
        silent = abstained[answers.rows["topic"]]
        for name, chosen in (("answered", ~silent), ("abstained", silent)):
            share = float(right[chosen].mean()) if chosen.any() else float("nan")
            figures[f"topic_accuracy_{name}"] = rounded(share)
    return figures
