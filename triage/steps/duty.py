"""The duty step: the dispatch catalogue over the model's probabilities, prior × model.

The entry that governs lends its lead some odds and its support some more; what it excludes, a
township where power is needed, and a unit that a report accuses are taken out altogether, whatever
the model says. Runs before the units are ranked. The odds are chosen out of fold on the training
data (`evaluation/results/dispatch.json`), never on the dispute cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from triage.catalogue import UnitEntry
from triage.catalogue.duties import Duties, Duty
from triage.catalogue.period import day_text
from triage.catalogue.places import Places
from triage.request import DutyClause, Evidence
from triage.settings import Settings
from triage.steps.accused import INVESTIGATES, Accusations
from triage.steps.dispatch_index import DispatchIndex
from triage.steps.draft import Draft
from triage.steps.duty_book import DutyBook, Ruling

STEP = "units"
LEAD, SUPPORT = "lead_unit", "support_units"


class DutyStep:
    """Fill `draft.duty` and `draft.accused`; weigh the probabilities of lead and support."""

    name = "duty"

    def __init__(
        self,
        duties: Duties,
        index: DispatchIndex,
        labels: Mapping[str, Sequence[str]],
        units: Mapping[str, UnitEntry],
        places: Places,
        accusations: Accusations,
        settings: Settings,
    ) -> None:
        self._book = DutyBook(duties, index, labels["topic"], settings.duty_topic)
        self._index = index
        self._units = units
        self._region = lru_cache(maxsize=1024)(places.region)
        self._clauses: dict[tuple[str, bool], DutyClause] = {}
        self._accusations = accusations
        self._odds = {LEAD: settings.duty_lead, SUPPORT: settings.duty_support}
        self._columns = {
            head: {label: index for index, label in enumerate(labels.get(head, ()))}
            for head in (LEAD, SUPPORT)
        }

    def __call__(self, draft: Draft) -> None:
        """Fill `draft.duty`; runs after topics and request type, before units and support."""
        district = draft.request.district
        region = self._region(district, draft.as_of) if district else None
        ruling = self._book.ruling(
            self._index.of(draft),
            draft.probabilities["topic"],
            as_of=draft.as_of,
            region=region.code if region else None,
        )
        found = self._accusations.accused(draft.request_type, draft.folded.text)
        draft.accused = tuple(dict.fromkeys((*draft.accused, *found)))
        if ruling is None and not draft.accused:
            return
        decided = self._weigh(draft, ruling) and not draft.accused
        if ruling is not None:
            key = (ruling.duty.code, decided)
            if key not in self._clauses:
                self._clauses[key] = self._clause(ruling.duty, decided=decided)
            draft.duty = self._clauses[key]
            draft.evidence.extend(_evidence(ruling, draft))

    def _weigh(self, draft: Draft, ruling: Ruling | None) -> bool:
        """Replace the rows of lead and support; says whether another unit leads now."""
        gone = frozenset(draft.accused)
        duty = ruling.duty if ruling else None
        favoured = duty if duty is not None and not duty.is_default else None
        moved = False
        row = draft.probabilities.get(LEAD)
        if row is not None:
            draft.lead_before_duty = row
            barred = gone | (duty.barred() if duty else frozenset())
            lead = favoured.lead if favoured else None
            if gone:
                lead = INVESTIGATES if INVESTIGATES not in gone else None
            new = self._lead(row, lead, barred)
            moved = new is not row and int(new.argmax()) != int(row.argmax())
            draft.probabilities[LEAD] = new
        row = draft.probabilities.get(SUPPORT)
        if row is not None:
            barred = gone | frozenset(duty.excluded if duty else ())
            draft.probabilities[SUPPORT] = self._support(
                row, favoured.support if favoured else (), barred
            )
        return moved

    def _lead(
        self, row: NDArray[np.float32], lead: str | None, barred: frozenset[str]
    ) -> NDArray[np.float32]:
        columns = self._columns[LEAD]
        out = [columns[unit] for unit in barred if unit in columns]
        if lead not in columns and not out:
            return row
        new = row.copy()
        for column in out:
            new[column] = 0
        if lead in columns:
            new[columns[lead]] = max(float(row[columns[lead]]), 1e-4) * self._odds[LEAD]
        total = float(new.sum())
        if total > 0:
            new *= 1 / total
        return new

    def _support(
        self, row: NDArray[np.float32], favoured: Iterable[str], barred: Iterable[str]
    ) -> NDArray[np.float32]:
        columns = self._columns[SUPPORT]
        more = [columns[unit] for unit in favoured if unit in columns]
        out = [columns[unit] for unit in barred if unit in columns]
        if not more and not out:
            return row
        new = row.copy()
        for column in more:
            odds = self._odds[SUPPORT] * max(float(row[column]), 1e-3)
            new[column] = odds / (1 - float(row[column]) + odds)
        for column in out:
            new[column] = 0
        return new

    def _clause(self, duty: Duty, *, decided: bool) -> DutyClause:
        holder = self._units.get(duty.holder)
        return DutyClause(
            code=duty.code,
            clause=duty.clause,
            basis=duty.basis,
            status=duty.status,
            effective_from=day_text(duty.valid.start),
            effective_to=day_text(duty.valid.end),
            level=duty.level,
            power=duty.power or None,
            holder=duty.holder or None,
            holder_name=holder.name if holder else None,
            lead=duty.lead,
            support=duty.support,
            excluded=tuple(sorted(duty.barred())),
            is_default=duty.is_default,
            decided=decided,
            note=duty.note,
        )


def _evidence(ruling: Ruling, draft: Draft) -> list[Evidence]:
    """Return the spans of the condition that lie in the text; those of the title are left."""
    text, offset = draft.document.text, draft.text_offset
    return [
        Evidence(STEP, start - offset, end - offset, text[start - offset : end - offset], 1.0)
        for start, end in ruling.spans
        if start >= offset
    ]
