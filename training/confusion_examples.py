"""The commonest confusions of topics, each with an invented request that shows it.

Of the invented requests with the true topic that one is shown which the model takes most for the
other. Real requests are never quoted: hand in samples only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.truth import Example
from triage.model.model import Model

LONGEST = 70
"""Characters that are shown of a request."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """A topic that is taken for another; `share` is of the requests with the true topic.

    `says` tells whether the model takes the shown example for `guess`; None without an example.
    """

    truth: str
    guess: str
    count: int
    share: float
    example: str | None = None
    says: bool | None = None


def with_examples(
    found: Sequence[Mapping[str, Any]], model: Model, examples: Sequence[Example]
) -> list[Confusion]:
    """Return the confusions, each with the invented request that is nearest to it."""
    return [_shown(row, model, [e for e in examples if e.topic == row["truth"]]) for row in found]


def _shown(row: Mapping[str, Any], model: Model, examples: Sequence[Example]) -> Confusion:
    plain = Confusion(row["truth"], row["guess"], row["count"], row["share"])
    labels = model.heads["topic"].labels
    if not examples or plain.guess not in labels:
        return plain
    readings = [model.read(example.document) for example in examples]
    probabilities = model.probabilities(readings)["topic"]
    column = labels.index(plain.guess)
    best = int(probabilities[:, column].argmax())
    return Confusion(
        plain.truth,
        plain.guess,
        plain.count,
        plain.share,
        _short(examples[best]),
        int(probabilities[best].argmax()) == column,
    )


def _short(example: Example) -> str:
    text = " ".join(f"{example.title} {example.text}".split())
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
