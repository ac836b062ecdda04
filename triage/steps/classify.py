"""Steps that name what the model's probabilities say: topic, request type, units, support, flags.

Each holds the labels of its head and the code list that gives them names; a label that no list
knows (a city's own taxonomy) is its own name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from triage.catalogue import TopicEntry, UnitEntry
from triage.request import Ranked, Topic, Unit
from triage.steps.draft import Draft, best


class TopicStep:
    """Rank topics, with their first level and board where the code list knows them."""

    name = "topic"

    def __init__(self, labels: Sequence[str], topics: Mapping[str, TopicEntry], ranks: int) -> None:
        self._named = [named_topic(label, topics) for label in labels]
        self._ranks = ranks

    def __call__(self, draft: Draft) -> None:
        """Fill `draft.topics`."""
        row = draft.probabilities["topic"]
        draft.topics = tuple(
            [Topic(*self._named[index], row.item(index)) for index in best(row, self._ranks)]
        )


class RequestTypeStep:
    """Name the most probable request type."""

    name = "request_type"

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = tuple(labels)

    def __call__(self, draft: Draft) -> None:
        """Fill `draft.request_type`."""
        row = draft.probabilities["request_type"]
        index = int(row.argmax())
        draft.request_type = Ranked(self._labels[index], row.item(index))


class UnitsStep:
    """Rank the functional lines that could lead."""

    name = "units"

    def __init__(self, labels: Sequence[str], units: Mapping[str, UnitEntry], ranks: int) -> None:
        self._named = [(label, units[label].name if label in units else label) for label in labels]
        self._ranks = ranks

    def __call__(self, draft: Draft) -> None:
        """Fill `draft.units`."""
        row = draft.probabilities["lead_unit"]
        draft.units = tuple(
            [
                Unit(*self._named[index], chance)
                for index in best(row, self._ranks)
                if (chance := row.item(index)) > 0  # the dispatch catalogue may exclude it
            ]
        )


class SupportStep:
    """Name the lines that should support, at most two, never the suggested lead."""

    name = "support"
    most = 2

    def __init__(self, labels: Sequence[str], threshold: float) -> None:
        self._labels = tuple(labels)
        self._threshold = as_float32(threshold)

    def __call__(self, draft: Draft) -> None:
        """Fill `draft.support`."""
        row = draft.probabilities["support_units"]
        lead = draft.units[0].code if draft.units else None
        named = [
            Ranked(self._labels[index], chance)
            for index in best(row, self.most + 1)
            if (chance := row.item(index)) >= self._threshold and self._labels[index] != lead
        ]
        draft.support = tuple(named[: self.most])


class FlagsStep:
    """Name the flags that hold (GROUP, SAFETY, VULN …)."""

    name = "flags"

    def __init__(self, labels: Sequence[str], thresholds: Sequence[float]) -> None:
        self._labels = tuple(labels)
        self._thresholds = tuple(map(as_float32, thresholds))

    def __call__(self, draft: Draft) -> None:
        """Fill `draft.flags`."""
        row = draft.probabilities["flags"]
        draft.flags = tuple(
            [
                Ranked(self._labels[index], chance)
                for index in best(row, len(self._labels))
                if (chance := row.item(index)) >= self._thresholds[index]
            ]
        )


def as_float32(threshold: float) -> float:
    """Return a threshold as the probabilities hold it, so that 0.3 reaches 0.3."""
    return float(np.float32(threshold))


def named_topic(
    label: str, topics: Mapping[str, TopicEntry]
) -> tuple[str, str, str | None, str | None]:
    """Return a topic's code, name, first level and board; a strange label is its own name."""
    entry = topics.get(label)
    if entry is None:
        return label, label, None, None
    return label, entry.l2, entry.l1, entry.board
