"""The duty step: the dispatch catalogue over the model's probabilities, prior × model.

The entry that governs lends its lead some odds and its support some more; what it excludes, a
township where power is needed, and a unit that a report accuses are taken out altogether, whatever
the model says. Runs before the units are ranked. The odds are chosen out of fold on the training
data (`evaluation/results/dispatch.json`), never on the dispute cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True, slots=True)
class _Plan:
    """Columns that an entry favours (one lead at most), and those that it takes out."""

    lead: tuple[int, ...]
    lead_out: tuple[int, ...]
    support: tuple[int, ...]
    support_out: tuple[int, ...]


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
        self._clauses: dict[tuple[str, date, bool], DutyClause] = {}
        self._plans: dict[tuple[str, date, tuple[str, ...]], _Plan] = {}
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
        if found:
            draft.accused = tuple(dict.fromkeys((*draft.accused, *found)))
        if ruling is None and not draft.accused:
            return
        decided = self._weigh(draft, ruling.duty if ruling else None) and not draft.accused
        if ruling is not None:
            draft.duty = self._clause(ruling.duty, decided=decided)
            draft.evidence.extend(_evidence(ruling, draft))

    def _weigh(self, draft: Draft, duty: Duty | None) -> bool:
        """Replace the rows of lead and support; says whether another unit leads now."""
        plan = self._plan(duty, draft.accused)
        moved = False
        row = draft.probabilities.get(LEAD)
        if row is not None:
            draft.lead_before_duty = row
            new = self._lead(row, plan)
            moved = new is not row and int(new.argmax()) != int(row.argmax())
            draft.probabilities[LEAD] = new
        row = draft.probabilities.get(SUPPORT)
        if row is not None:
            draft.probabilities[SUPPORT] = self._support(row, plan)
        return moved

    def _plan(self, duty: Duty | None, accused: tuple[str, ...]) -> _Plan:
        """Return what an entry and accused units mean for the columns, worked out once each."""
        key = ("", date.min, accused) if duty is None else (duty.code, duty.valid.start, accused)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = self._planned(duty, frozenset(accused))
        return plan

    def _planned(self, duty: Duty | None, gone: frozenset[str]) -> _Plan:
        favoured = duty if duty is not None and not duty.is_default else None
        lead = favoured.lead if favoured else None
        if gone:
            lead = INVESTIGATES if INVESTIGATES not in gone else None

        def columns(head: str, units: Iterable[str | None]) -> tuple[int, ...]:
            known = self._columns[head]
            return tuple(known[unit] for unit in units if unit is not None and unit in known)

        return _Plan(
            lead=columns(LEAD, [lead]),
            lead_out=columns(LEAD, gone | (duty.barred() if duty else frozenset())),
            support=columns(SUPPORT, favoured.support if favoured else ()),
            support_out=columns(SUPPORT, gone | frozenset(duty.excluded if duty else ())),
        )

    def _lead(self, row: NDArray[np.float32], plan: _Plan) -> NDArray[np.float32]:
        if not plan.lead and not plan.lead_out:
            return row
        new = row.copy()
        for column in plan.lead_out:
            new[column] = 0
        for column in plan.lead:
            new[column] = max(row.item(column), 1e-4) * self._odds[LEAD]
        total = float(np.add.reduce(new))
        if total > 0:
            new *= 1 / total
        return new

    def _support(self, row: NDArray[np.float32], plan: _Plan) -> NDArray[np.float32]:
        if not plan.support and not plan.support_out:
            return row
        new = row.copy()
        for column in plan.support:
            odds = self._odds[SUPPORT] * max(row.item(column), 1e-3)
            new[column] = odds / (1 - row.item(column) + odds)
        for column in plan.support_out:
            new[column] = 0
        return new

    def _clause(self, duty: Duty, *, decided: bool) -> DutyClause:
        key = (duty.code, duty.valid.start, decided)  # a code may have a row for each period
        clause = self._clauses.get(key)
        if clause is None:
            clause = self._clauses[key] = self._written(duty, decided=decided)
        return clause

    def _written(self, duty: Duty, *, decided: bool) -> DutyClause:
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
