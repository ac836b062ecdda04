"""All that an audit found, as numbers for a report and as a work list for people."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evaluation.rounding import rounded
from evaluation.truth import Example, fingerprint
from training.audit.balance import balance, class_counts
from training.audit.duplicates import KINDS, Conflict, Leak
from training.audit.suspects import DECISIONS, Suspect
from triage.intake.rejects import inert
from triage.request import Json

COLUMNS = (
    "reason",
    "id",
    "decision",
    "given",
    "suggested",
    "confidence",
    "given_probability",
    "with",
)
_PAIRS = 15


@dataclass(frozen=True, slots=True)
class Against:
    """Another file and the rows of the data that stand in it too."""

    name: str
    examples: tuple[Example, ...]
    leaks: tuple[Leak, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What an audit found in labelled requests; `sets` counts the sets of same texts by kind."""

    examples: tuple[Example, ...]
    suspects: Mapping[str, Sequence[Suspect]]
    conflicts: tuple[Conflict, ...]
    sets: Mapping[str, int]
    against: tuple[Against, ...]


def to_json(findings: Findings) -> dict[str, Json]:
    """Return the report: numbers and labels, no ids and no texts."""
    decisions: dict[str, Json] = {}
    for name, suspects in findings.suspects.items():
        counts = class_counts(findings.examples, name)
        decisions[name] = {
            "suspects": _suspects(suspects, counts),
            "conflicts": {kind: _conflicts(findings.conflicts, kind, name) for kind in KINDS},
            "balance": balance(counts),
        }
    return {
        "schema": 1,
        "n": len(findings.examples),
        "data_sha256": fingerprint(findings.examples),
        "same_texts": dict(findings.sets),
        "decisions": decisions,
        "against": [_against(one, len(findings.examples)) for one in findings.against],
    }


def to_csv(findings: Findings) -> str:
    """Return the work list as CSV for spreadsheets, without texts."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in _work(findings):
        writer.writerow([inert(cell) for cell in row])
    return "\ufeff" + text.getvalue()


def _work(findings: Findings) -> Iterator[tuple[str, ...]]:
    """Yield leaks and contradictions, which are certain, before what is only unlikely."""
    ids = [example.id for example in findings.examples]
    for against in findings.against:
        for leak in against.leaks:
            other = f"{against.name}:{against.examples[leak.other].id}"
            yield (f"leak_{leak.kind}", ids[leak.row], "", "", "", "", "", other)
    for conflict in findings.conflicts:
        for row, label in zip(conflict.rows, conflict.labels, strict=True):
            if label != conflict.majority:
                others = ";".join(ids[other] for other in conflict.rows if other != row)
                share = conflict.labels.count(conflict.majority or "") / len(conflict.labels)
                better = (conflict.majority, f"{share:.2f}") if conflict.majority else ("", "")
                reason = f"conflict_{conflict.kind}"
                yield (reason, ids[row], conflict.decision, label, *better, "", others)
    for name in DECISIONS:
        for one in findings.suspects.get(name, ()):
            reason = "label_likely" if one.is_likely else "label"
            sure = (f"{one.confidence:.3f}", f"{one.given_probability:.5f}")
            yield (reason, ids[one.row], name, one.given, one.suggested, *sure, "")


def _suspects(suspects: Sequence[Suspect], counts: Mapping[str, int]) -> dict[str, Json]:
    pairs = Counter((one.given, one.suggested) for one in suspects)
    given = Counter(one.given for one in suspects)
    commonest = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:_PAIRS]
    return {
        "count": len(suspects),
        "share": rounded(len(suspects) / sum(counts.values())),
        "likely": sum(one.is_likely for one in suspects),
        "pairs": [
            {"given": labels[0], "suggested": labels[1], "count": count}
            for labels, count in commonest
        ],
        "by_class": {
            label: {"n": count, "suspects": given[label], "share": rounded(given[label] / count)}
            for label, count in counts.items()
        },
    }


def _conflicts(conflicts: Sequence[Conflict], kind: str, decision: str) -> dict[str, Json]:
    found = [one for one in conflicts if one.kind == kind and one.decision == decision]
    return {"sets": len(found), "rows": sum(len(one.rows) for one in found)}


def _against(against: Against, n: int) -> dict[str, Json]:
    kinds: dict[str, Json] = {}
    for kind in KINDS:
        found = [leak for leak in against.leaks if leak.kind == kind]
        kinds[kind] = {
            "pairs": len(found),
            "rows": len({leak.row for leak in found}),
            "other_rows": len({leak.other for leak in found}),
        }
    others = {leak.other for leak in against.leaks}
    return {
        "file": against.name,
        "n": len(against.examples),
        **kinds,
        "other_share": rounded(len(others) / len(against.examples)),
    }
