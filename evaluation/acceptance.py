"""Measure the acceptance gate and the safety rules on the frozen cases.

Precision and recall of each decision, exactness of the transfer number and of the route, risk
flags, and how often each rule was right when it decided (the source of its `confidence`). Cases
hold their own texts; the report holds counts and ids only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.case_lines import list_of, read_lines, text_of
from triage.files import sha256
from triage.request import Json
from triage.steps.acceptance import EMERGENCY, GateResult, decide
from triage.steps.rules import rule_book

DECISIONS = ("ACCEPT", "EMERGENCY_HANDOFF", "STATUTORY_ROUTE", "OUT_OF_SCOPE", "MALICIOUS")
RISKS = ("SELF_HARM", "THREAT", "GATHERING")


@dataclass(frozen=True, slots=True)
class Case:
    """One written case and the answer its author froze."""

    id: str
    text: str
    decision: str
    transfer_to: str | None
    route: str | None
    risk_flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate said about a case."""

    case: Case
    result: GateResult


def read_cases(path: Path) -> tuple[Case, ...]:
    """Read the written cases; see `case_lines.read_lines`."""
    shape = '{"id", "text", "decision", "transfer_to", "route", "risk_flags"}'
    return read_lines(path, _case, shape)


def judge(cases: Iterable[Case]) -> tuple[Verdict, ...]:
    """Let the gate decide every case."""
    return tuple(Verdict(case, decide(case.text)) for case in cases)


def report(path: Path) -> dict[str, Json]:
    """Measure the cases of `path` and return the figures, with the hash of the file."""
    cases = read_cases(path)
    verdicts = judge(cases)
    return {
        "cases": path.name,
        "cases_sha256": sha256(path),
        "n": len(cases),
        "rules": rule_book().version,
        "accuracy": _share(v.result.acceptance.decision == v.case.decision for v in verdicts),
        "decisions": {name: _decision(name, verdicts) for name in DECISIONS},
        "confusion": _confusion(verdicts),
        "transfer_to_accuracy": _transfer(verdicts),
        "route_accuracy": _route(verdicts),
        "risk_flags": {name: _risk(name, verdicts) for name in RISKS}
        | {"any": _risk(None, verdicts)},
        "by_rule": _by_rule(verdicts),
        "wrong": [v.case.id for v in verdicts if v.result.acceptance.decision != v.case.decision],
    }


def precision_recall(said: Sequence[bool], true: Sequence[bool]) -> dict[str, Json]:
    """Return n, precision, recall and F1 of a yes/no answer; None where nothing can be said."""
    both = sum(a and b for a, b in zip(said, true, strict=True))
    precision = both / sum(said) if any(said) else None
    recall = both / sum(true) if any(true) else None
    f1 = 2 * both / (sum(said) + sum(true)) if any(said) or any(true) else None
    return {
        "n": sum(true),
        "said": sum(said),
        "precision": _rounded(precision),
        "recall": _rounded(recall),
        "f1": _rounded(f1),
    }


def _case(row: Mapping[str, Json]) -> Case:
    return Case(
        id=str(row["id"]),
        text=text_of(row, "text"),
        decision=text_of(row, "decision"),
        transfer_to=str(row["transfer_to"]) if row["transfer_to"] else None,
        route=str(row["route"]) if row["route"] else None,
        risk_flags=frozenset(map(str, list_of(row, "risk_flags"))),
    )


def _decision(name: str, verdicts: Sequence[Verdict]) -> Json:
    said = [v.result.acceptance.decision == name for v in verdicts]
    return precision_recall(said, [v.case.decision == name for v in verdicts])


def _confusion(verdicts: Sequence[Verdict]) -> Json:
    counts = Counter((v.case.decision, v.result.acceptance.decision) for v in verdicts)
    return {f"{true} -> {said}": n for (true, said), n in sorted(counts.items())}


def _transfer(verdicts: Sequence[Verdict]) -> Json:
    """Share of rightly handed-over cases that carry the right number."""
    right = [v for v in verdicts if v.case.decision == v.result.acceptance.decision == EMERGENCY]
    return _share(v.case.transfer_to == v.result.acceptance.transfer_to for v in right)


def _route(verdicts: Sequence[Verdict]) -> Json:
    """Share of rightly recognised statutory cases that name the right route."""
    name = "STATUTORY_ROUTE"
    right = [v for v in verdicts if v.case.decision == v.result.acceptance.decision == name]
    return _share(v.case.route == v.result.acceptance.route for v in right)


def _risk(name: str | None, verdicts: Sequence[Verdict]) -> Json:
    """Precision and recall of one flag; of "any flag at all" for None."""
    if name is None:
        said = [bool(v.result.risk_flags) for v in verdicts]
        return precision_recall(said, [bool(v.case.risk_flags) for v in verdicts])
    said = [name in v.result.risk_flags for v in verdicts]
    return precision_recall(said, [name in v.case.risk_flags for v in verdicts])


def _by_rule(verdicts: Sequence[Verdict]) -> Json:
    """Return how often each deciding rule spoke, and the share in which it was right."""
    table: dict[str, list[bool]] = {}
    for verdict in verdicts:
        if verdict.result.rule is not None:
            right = verdict.case.decision == verdict.result.acceptance.decision
            table.setdefault(verdict.result.rule, []).append(right)
    return {
        rule: {"n": len(hits), "precision": _share(hits)} for rule, hits in sorted(table.items())
    }


def _share(hits: Iterable[bool]) -> float | None:
    values = list(hits)
    return _rounded(sum(values) / len(values)) if values else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
