"""Measure how many requests of levels 0 and 1 are found, and how often a calm one alarms.

A request is found if its urgency is at most 1 or it is handed over. Cases with an odd number may be
read to improve the rules, those with an even number are kept unseen. Counts only, no text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.case_lines import number_of, read_lines
from evaluation.dispatch import is_odd
from triage.pipeline import Pipeline
from triage.request import CitizenRequest, Json
from triage.steps.acceptance import EMERGENCY, decide_matches
from triage.steps.rules import scan_request
from triage.steps.safety import raise_matches
from triage.steps.urgency import CRITICAL


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled request: its level, how it is put, and what kind of danger it tells of."""

    request: CitizenRequest
    level: int
    style: str
    kind: str

    @property
    def is_danger(self) -> bool:
        """Whether its true level is 0 or 1."""
        return self.level <= CRITICAL


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a case was found by everything together, and by the rules alone."""

    case: Case
    found: bool
    by_rules: bool


def read_cases(path: Path) -> tuple[Case, ...]:
    """Read labelled requests, one JSON object a line; see `case_lines.read_lines`."""
    return read_lines(path, _case, '{"id", "title", "text", "urgency", "style", "kind"}')


def ask(pipeline: Pipeline, cases: Sequence[Case]) -> tuple[Finding, ...]:
    """Ask a pipeline about every case."""
    said = pipeline.triage([case.request for case in cases])
    return tuple(
        Finding(
            case,
            is_found(one.urgency.level, one.acceptance.decision),
            found_by_rules(case.request.text, case.request.title),
        )
        for case, one in zip(cases, said, strict=True)
    )


def is_found(level: int | None, decision: str) -> bool:
    """Say whether an answer calls people at once."""
    return decision == EMERGENCY or (level is not None and level <= CRITICAL)


def found_by_rules(text: str, title: str = "") -> bool:
    """Say whether the written rules alone find a request."""
    matches, _ = scan_request(text, title)
    decision = decide_matches(matches, text).acceptance.decision
    return is_found(raise_matches(matches, text).level, decision)


def case_report(findings: Sequence[Finding]) -> dict[str, Json]:
    """Return the figures of all, by style, and where cases have them by half and by kind."""
    report: dict[str, Json] = {"all": figures(findings), "by_style": _by(findings, _style)}
    if any(finding.case.kind for finding in findings):
        report |= {
            "odd_read": figures([f for f in findings if is_odd(f.case.request.id)]),
            "even_unseen": figures([f for f in findings if not is_odd(f.case.request.id)]),
            "by_kind": {
                kind: share(f.found for f in findings if f.case.kind == kind)
                for kind in sorted({f.case.kind for f in findings if f.case.is_danger})
            },
        }
    return report


def figures(findings: Sequence[Finding]) -> dict[str, Json]:
    """Return recall of level 0, 1 and both, with and without the model, and false alarms."""
    danger = [f for f in findings if f.case.is_danger]
    calm = [f for f in findings if not f.case.is_danger]
    return {
        "recall": share(f.found for f in danger),
        "recall_0": share(f.found for f in danger if f.case.level == 0),
        "recall_1": share(f.found for f in danger if f.case.level == 1),
        "recall_rules_alone": share(f.by_rules for f in danger),
        "false_alarms": share(f.found for f in calm),
        "false_alarms_rules_alone": share(f.by_rules for f in calm),
    }


def share(hits: Iterable[bool]) -> dict[str, Json]:
    """Return n, how many hit, and the share; None where there are none."""
    values = list(hits)
    return {
        "n": len(values),
        "found": sum(values),
        "share": round(sum(values) / len(values), 4) if values else None,
    }


def _by(findings: Sequence[Finding], key: Callable[[Finding], str]) -> dict[str, Json]:
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(key(finding), []).append(finding)
    return {name: figures(group) for name, group in sorted(groups.items())}


def _style(finding: Finding) -> str:
    return finding.case.style


def _case(row: Mapping[str, Json]) -> Case:
    return Case(
        request=CitizenRequest(str(row["id"]), str(row["text"]), str(row.get("title") or "")),
        level=number_of(row, "urgency"),
        style=str(row.get("style") or "unsaid"),
        kind=str(row.get("kind") or ""),
    )
