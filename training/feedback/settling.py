"""What the events of one ended order say about its labels, and how sure that is.

Where people contradict each other the higher word counts: adjudication, then override, then a
reassignment that was kept, then silence (the suggestion went through and nobody objected). Of the
same rank the later word counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from triage.request import Json
from triage.workorder.events import Event, Kind
from triage.workorder.order import WorkOrder
from triage.workorder.reject_history import KEEPING

WRONG_DUTY = "WRONG_DUTY"


class Provenance(StrEnum):
    """Whose word a label is, the highest first."""

    ADJUDICATION = "adjudication"
    OVERRIDE = "override"
    REASSIGNMENT = "reassignment"
    SILENCE = "silence"


WEIGHTS: Mapping[Provenance, float] = {
    Provenance.ADJUDICATION: 1.0,
    Provenance.OVERRIDE: 0.9,
    Provenance.REASSIGNMENT: 0.8,
    Provenance.SILENCE: 0.5,
}
"""How much an example counts beside one labelled on purpose (1): judgement, not measured."""
NOISY_SHARE = 0.5
"""What is left of a reassignment's weight where the unit that rejected mostly does so wrongly."""
_RANKS = {provenance: rank for rank, provenance in enumerate(Provenance)}
_FIELDS = {
    "topic": "topic",
    "request_type": "request_type",
    "urgency": "urgency",
    "support": "support_units",
    "flags": "flags",
}
"""Field of an override → label."""

Value: TypeAlias = "str | int | tuple[str, ...]"


@dataclass(frozen=True, slots=True)
class Word:
    """What one event says the lead is; `against` is the unit whose reject led to it."""

    value: Value
    provenance: Provenance
    against: str = ""

    def weight(self, noisy: Collection[str]) -> float:
        """Return how much it counts."""
        doubted = self.provenance is Provenance.REASSIGNMENT and self.against in noisy
        return WEIGHTS[self.provenance] * (NOISY_SHARE if doubted else 1.0)


@dataclass(frozen=True, slots=True)
class Settled:
    """The labels of one order; `rejects` are the units that said it is not their duty."""

    labels: Mapping[str, Word] = field(default_factory=dict)
    rejects: tuple[str, ...] = ()
    is_contested: bool = False

    @property
    def lead(self) -> str:
        """The unit that leads, "" where nobody said."""
        word = self.labels.get("lead_unit")
        return str(word.value) if word else ""


def settle(order: WorkOrder, events: Sequence[Event]) -> Settled:
    """Return what an ended order teaches; an order that was merged or split teaches nothing."""
    if order.merged_into or order.parts:
        return Settled()
    words, rejects = _words(order, events)
    labels: dict[str, Word] = _overridden(events)
    if words:
        labels["lead_unit"] = _highest(words)
        for name, value in (("topic", order.topic), ("request_type", order.request_type)):
            if value and name not in labels:
                labels[name] = Word(value, Provenance.SILENCE)
    return Settled(labels, tuple(rejects), len({word.value for word in words}) > 1)


def _words(order: WorkOrder, events: Sequence[Event]) -> tuple[list[Word], list[str]]:
    words: list[Word] = []
    rejects: list[str] = []
    sent, against = None, ""
    for event in events:
        unit = str(event.body.get("unit") or "")
        if event.kind in (Kind.ADJUDICATE, Kind.DESIGNATE):
            words.append(Word(unit, Provenance.ADJUDICATION))
            sent = None
        elif event.kind is Kind.OVERRIDE and event.body.get("lead"):
            words.append(Word(str(event.body["lead"]), Provenance.OVERRIDE))
        elif event.kind is Kind.REASSIGN:
            sent = Word(unit, Provenance.REASSIGNMENT, against)
        elif event.kind is Kind.DISPATCH:
            sent = Word(unit, _choice(order, unit))
        elif event.kind is Kind.REJECT:
            against = str(sent.value) if sent else against
            if event.body.get("reason") == WRONG_DUTY and sent is not None:
                rejects.append(against)
            sent = None
        elif event.kind in KEEPING and sent is not None:
            words.append(sent)
            sent = None
    return words, rejects


def _choice(order: WorkOrder, unit: str) -> Provenance:
    """Return whose word a first dispatch is: another unit than suggested was a person's choice."""
    is_suggested = unit == order.suggested
    return Provenance.SILENCE if is_suggested else Provenance.OVERRIDE


def _highest(words: Sequence[Word]) -> Word:
    return max(enumerate(words), key=lambda item: (-_RANKS[item[1].provenance], item[0]))[1]


def _overridden(events: Sequence[Event]) -> dict[str, Word]:
    found: dict[str, Word] = {}
    for event in events:
        if event.kind is Kind.OVERRIDE:
            for name, label in _FIELDS.items():
                if event.body.get(name) is not None:
                    value = _value(event.body[name])
                    found[label] = Word(value, Provenance.OVERRIDE)
    return found


def _value(value: Json) -> Value:
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    return value if isinstance(value, int) else str(value)
