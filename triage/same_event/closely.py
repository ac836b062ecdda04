"""A judge that reads the pairs in doubt: for batches, where nobody waits for one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from triage.same_event.entry import Entry
from triage.same_event.judgement import Judgement
from triage.same_event.model import SameEventModel


@dataclass(frozen=True, slots=True)
class Closely:
    """The model as a judge whose cross-encoder reads what its trees leave open."""

    model: SameEventModel

    def judge(self, query: Entry, candidates: Sequence[Entry]) -> list[Judgement]:
        """Return one judgement a candidate, in order; [] for none."""
        return self.model.judge(query, candidates, closely=True)
