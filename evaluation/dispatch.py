"""Measure the dispatch catalogue on written disputes: who leads, who supports, who never may.

Every case is asked twice, of the model alone and of model and catalogue together. Cases were
written before anybody who wrote them saw the catalogue; those with an odd number may be read to
improve it, those with an even number are kept unseen. The report holds counts and ids only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from evaluation.case_lines import list_of, read_lines
from evaluation.rounding import rounded
from triage.pipeline import Pipeline
from triage.request import CitizenRequest, Json, Prediction

BEIJING = ZoneInfo("Asia/Shanghai")
ASKED_ON = "2026-03-01"
"""The day on which dispute cases, which carry none, are asked."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A written case: which unit leads, which support, and which must not be suggested."""

    id: str
    dispute: str
    request: CitizenRequest
    lead: str
    support: frozenset[str]
    excluded: frozenset[str]

    @property
    def is_open(self) -> bool:
        """Whether the case may be read to improve the catalogue: its number is odd."""
        return is_odd(self.id)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said about a case."""

    case: Dispute
    said: Prediction

    @property
    def lead(self) -> str | None:
        """The first unit."""
        return self.said.units[0].code if self.said.units else None

    @property
    def suggested(self) -> set[str]:
        """Every unit named as lead candidate or support."""
        return {unit.code for unit in self.said.units} | {unit.code for unit in self.said.support}


def is_odd(code: str) -> bool:
    """Say whether the number at the end of a case's id is odd."""
    return int("".join(char for char in code if char.isdigit())) % 2 == 1


def read_disputes(path: Path) -> tuple[Dispute, ...]:
    """Read the dispute cases; see `case_lines.read_lines`."""
    shape = '{"id", "dispute", "title", "text", "district", "lead", "support", "excluded"}'
    return read_lines(path, _dispute, shape)


def day_of(text: object) -> datetime:
    """Return noon in Beijing of a day written as YYYY-MM-DD."""
    return datetime.fromisoformat(f"{text}T12:00:00").replace(tzinfo=BEIJING)


def judge(pipeline: Pipeline, cases: Sequence[Dispute]) -> tuple[Verdict, ...]:
    """Ask a pipeline about every case."""
    said = pipeline.triage([case.request for case in cases])
    return tuple(Verdict(case, one) for case, one in zip(cases, said, strict=True))


def dispute_report(alone: Sequence[Verdict], together: Sequence[Verdict]) -> dict[str, Json]:
    """Return the figures of the model alone and with the catalogue: all, by half, by dispute."""
    names = sorted({verdict.case.dispute for verdict in together})
    return {
        "n": len(together),
        "all": _pair(alone, together, lambda case: True),
        "odd_read": _pair(alone, together, lambda case: case.is_open),
        "even_unseen": _pair(alone, together, lambda case: not case.is_open),
        "by_dispute": {
            name: _pair(alone, together, lambda case, name=name: case.dispute == name)  # type: ignore[misc]
            for name in names
        },
        "wrong_odd": [v.case.id for v in together if v.case.is_open and v.lead != v.case.lead],
    }


def figures(verdicts: Sequence[Verdict]) -> dict[str, Json]:
    """Return lead accuracy, support F1 and violations of some verdicts."""
    said = [{unit.code for unit in v.said.support} for v in verdicts]
    both = sum(len(s & v.case.support) for s, v in zip(said, verdicts, strict=True))
    total = sum(len(s) + len(v.case.support) for s, v in zip(said, verdicts, strict=True))
    return {
        "n": len(verdicts),
        "lead_accuracy": _share(v.lead == v.case.lead for v in verdicts),
        "lead_top3": _share(
            v.case.lead in {unit.code for unit in v.said.units[:3]} for v in verdicts
        ),
        "support_f1": rounded(2 * both / total) if total else None,
        "catalogue_lead_accuracy": _share(
            v.said.duty is not None and v.said.duty.lead == v.case.lead for v in verdicts
        ),
        "excluded_by_catalogue_suggested": sum(map(_breaks_own_rule, verdicts)),
        "excluded_by_case_as_lead_or_support": sum(map(_breaks_case, verdicts)),
        "excluded_by_case_anywhere": sum(bool(v.suggested & v.case.excluded) for v in verdicts),
        "township_leads_where_barred": sum(
            v.lead == "TOWNSHIP" and "TOWNSHIP" in v.case.excluded for v in verdicts
        ),
    }


def _pair(
    alone: Sequence[Verdict], together: Sequence[Verdict], chosen: Callable[[Dispute], bool]
) -> Json:
    return {
        "model": figures([v for v in alone if chosen(v.case)]),
        "with_catalogue": figures([v for v in together if chosen(v.case)]),
    }


def _breaks_own_rule(verdict: Verdict) -> bool:
    """Say whether a unit is suggested that the governing entry bars, or that is accused."""
    duty = verdict.said.duty
    barred = set(duty.excluded) if duty else set()
    leads = {unit.code for unit in verdict.said.units}
    return bool(leads & barred or verdict.suggested & set(verdict.said.accused))


def _breaks_case(verdict: Verdict) -> bool:
    named = {unit.code for unit in verdict.said.support} | {verdict.lead}
    return bool(named & verdict.case.excluded)


def _dispute(row: Mapping[str, Json]) -> Dispute:
    return Dispute(
        id=str(row["id"]),
        dispute=str(row["dispute"]),
        request=CitizenRequest(
            str(row["id"]),
            str(row["text"]),
            str(row["title"] or ""),
            received_at=day_of(ASKED_ON),
            district=str(row["district"]) if row["district"] else None,
        ),
        lead=str(row["lead"]),
        support=frozenset(map(str, list_of(row, "support"))),
        excluded=frozenset(map(str, list_of(row, "excluded"))),
    )


def _share(hits: Iterable[bool]) -> float | None:
    values = list(hits)
    return rounded(sum(values) / len(values)) if values else None
