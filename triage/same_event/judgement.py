"""The verdict on a pair of requests, and the seam between whoever judges and whoever groups.

SAME_EVENT, RELATED and UNRELATED are those of the annotation rules; what speaks for and against a
verdict travels with it. How a verdict is reached is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from triage.request import Json
from triage.same_event.entry import Entry


class Label(StrEnum):
    """The three classes of a pair."""

    SAME_EVENT = "SAME_EVENT"
    RELATED = "RELATED"
    UNRELATED = "UNRELATED"


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason for or against: `kind` is a stable code, `text` a sentence for people.

    `query` and `candidate` are spans (start, end) of the title and the detail joined by a line
    end, in characters of the masked text; None where the reason is no passage of the text.
    """

    kind: str
    text: str
    query: tuple[int, int] | None = None
    candidate: tuple[int, int] | None = None

    def to_json(self) -> dict[str, Json]:
        """Return the published form; every key always present."""
        return {
            "kind": self.kind,
            "text": self.text,
            "query_span": list(self.query) if self.query else None,
            "candidate_span": list(self.candidate) if self.candidate else None,
        }


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on (query, candidate): `probability` is that of SAME_EVENT, in [0, 1]."""

    label: Label
    probability: float
    evidence: tuple[Ground, ...] = ()
    contradictions: tuple[Ground, ...] = ()


class Judge(Protocol):
    """Anything that says of pairs whether they are one event."""

    def judge(self, query: Entry, candidates: Sequence[Entry]) -> list[Judgement]:
        """Return one judgement a candidate, in order; [] for none."""
