"""The vocabulary of an explanation, and its published form. Values only; nothing is computed here.

Offsets count characters; `original` ones those of the text as it was sent, the others those of the
masked text that the model read.
"""

from __future__ import annotations

from dataclasses import dataclass

from triage.request import Json, Versions

MODEL, RULE, CATALOGUE = "model", "rule", "catalogue"
"""Who spoke: the model's weights, an acceptance or safety rule, the dispatch catalogue."""


@dataclass(frozen=True, slots=True)
class Span:
    """A place of one field ("title" or "text") of the request."""

    field: str
    start: int
    end: int
    original_start: int
    original_end: int
    text: str

    def to_json(self) -> dict[str, Json]:
        """Return the published form."""
        return {name: getattr(self, name) for name in Span.__slots__}


@dataclass(frozen=True, slots=True)
class Grounds:
    """A span that carried a decision.

    `drop` is what the decision's confidence loses when this wording alone is taken out, at all its
    places; None for a rule or the catalogue, whose spans hold together or not at all.
    """

    span: Span
    source: str
    drop: float | None

    def to_json(self) -> dict[str, Json]:
        """Return the published form."""
        drop = None if self.drop is None else round(self.drop, 4)
        return {**self.span.to_json(), "source": self.source, "drop": drop}


@dataclass(frozen=True, slots=True)
class NamedRule:
    """A rule that gave a decision: its id in the rule files, and the reason it states."""

    id: str
    reason: str

    def to_json(self) -> dict[str, Json]:
        """Return the published form."""
        return {"id": self.id, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision with what carried it.

    `confidence` is the prediction's; `without` the confidence in the same label once all `grounds`
    are taken out of the text, None where nothing in the text could be named. `rules` are those that
    gave it; () where the model or the dispatch catalogue did. `matter` is the position of the
    matter of the request that it came from, None for the request as a whole.
    """

    step: str
    code: str
    name: str
    confidence: float
    without: float | None
    grounds: tuple[Grounds, ...]
    rules: tuple[NamedRule, ...] = ()
    matter: int | None = None

    def to_json(self) -> dict[str, Json]:
        """Return the published form."""
        return {
            "step": self.step,
            "code": self.code,
            "name": self.name,
            "confidence": round(self.confidence, 4),
            "confidence_without": None if self.without is None else round(self.without, 4),
            "spans": [item.to_json() for item in self.grounds],
            "rules": [rule.to_json() for rule in self.rules],
            "matter": self.matter,
        }


@dataclass(frozen=True, slots=True)
class Change:
    """One decision before and after an edit, as codes; () is "none"."""

    step: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    def to_json(self) -> dict[str, Json]:
        """Return the published form."""
        return {"step": self.step, "before": list(self.before), "after": list(self.after)}


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What another wording would have changed; the changes are those of a second run.

    `kind` is "remove", "replace" or "insert"; `removed` are the spans taken out and `inserted` the
    words put in.
    """

    kind: str
    sentence: str
    removed: tuple[Span, ...]
    inserted: str
    changes: tuple[Change, ...]

    def to_json(self) -> dict[str, Json]:
        """Return the published form."""
        return {
            "kind": self.kind,
            "sentence": self.sentence,
            "removed": [span.to_json() for span in self.removed],
            "inserted": self.inserted,
            "changes": [change.to_json() for change in self.changes],
        }


@dataclass(frozen=True, slots=True)
class Question:
    """A question worth asking.

    `value` is what its answer is expected to add to the probability of deciding right; `element`
    is what it asks for: place, time, object, demand, or fact.
    """

    element: str
    text: str
    value: float

    def to_json(self) -> dict[str, Json]:
        """Return the published form."""
        return {"element": self.element, "text": self.text, "value": round(self.value, 4)}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one request was decided as it was.

    `duty` is the clause of the duty catalogue that the prediction names; `precedents` are like
    requests already decided.
    """

    id: str
    versions: Versions
    masked_title: str
    masked_text: str
    decisions: tuple[Decided, ...] = ()
    counterfactuals: tuple[Counterfactual, ...] = ()
    questions: tuple[Question, ...] = ()
    duty: Json = None
    precedents: tuple[Json, ...] = ()

    def to_json(self, *, with_text: bool = False) -> dict[str, Json]:
        """Return the published form: every key always present."""
        result: dict[str, Json] = {
            "id": self.id,
            "decisions": [item.to_json() for item in self.decisions],
            "counterfactuals": [item.to_json() for item in self.counterfactuals],
            "questions": [item.to_json() for item in self.questions],
            "duty": self.duty,
            "precedents": list(self.precedents),
            "versions": {
                "model": self.versions.model,
                "catalogue": self.versions.catalogue,
                "rules": self.versions.rules,
            },
        }
        if with_text:
            result |= {"title": self.masked_title, "text": self.masked_text}
        return result
