"""False alarms of the gate and of the safety rules on real, ordinary messages.

Reads the developers' labelled messages (`lead_unit`, `urgency`), which never ship; the report
holds counts only, no text.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from triage.errors import UnusableFile
from triage.request import Json
from triage.steps.acceptance import EMERGENCY, REFUSALS, decide_matches
from triage.steps.rules import scan_request
from triage.steps.safety import raise_matches

STATUTORY_UNITS = frozenset({"COURT", "DISCIPLINE", "PETITION"})
ORDINARY = frozenset({3, 4})
URGENT = frozenset({0, 1})


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled message as judged."""

    lead_unit: str
    urgency: int
    decision: str
    level: int | None


def judge_messages(path: Path) -> tuple[Row, ...]:
    """Judge every message of a CSV with columns title, detail, urgency and lead_unit.

    Raises
    ------
    UnusableFile
        The file lacks one of these columns.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = {"title", "detail", "urgency", "lead_unit"} - set(reader.fieldnames or ())
        if missing:
            raise UnusableFile(f"{path} 缺少列 {sorted(missing)}；请换一个带标注的文件")
        return tuple(_judge(row) for row in reader)


def message_report(path: Path) -> dict[str, Json]:
    """Return false refusals and false urgent levels as shares of ordinary messages."""
    rows = judge_messages(path)
    other = [row for row in rows if row.lead_unit not in STATUTORY_UNITS]
    ordinary = [row for row in rows if row.urgency in ORDINARY]
    refused = sum(row.decision in REFUSALS for row in other)
    handed = sum(row.decision == EMERGENCY for row in other if row.urgency != 0)
    raised = sum(row.level in URGENT for row in ordinary)
    return {
        "messages": path.name,
        "n": len(rows),
        "false_refusals": {"n": len(other), "wrong": refused, "share": _share(refused, len(other))},
        "false_handoffs": {"n": len(other), "wrong": handed, "share": _share(handed, len(other))},
        "false_urgent": {
            "n": len(ordinary),
            "wrong": raised,
            "share": _share(raised, len(ordinary)),
        },
        "decisions": dict(sorted(Counter(row.decision for row in rows).items())),
    }


def _judge(row: dict[str, str]) -> Row:
    matches, offset = scan_request(row["detail"], row["title"])
    return Row(
        lead_unit=row["lead_unit"],
        urgency=int(row["urgency"]),
        decision=decide_matches(matches, row["detail"], offset=offset).acceptance.decision,
        level=raise_matches(matches, row["detail"], offset=offset).level,
    )


def _share(part: int, whole: int) -> float:
    return round(part / whole, 5) if whole else 0.0
