"""How often the labelled lead of a real message is barred by its entry, or named as accused.

A high share for one entry says that the entry is wrong, or that the labels are; the report names
entries and counts, never a text.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from triage.errors import UnusableFile
from triage.files import sha256
from triage.pipeline import Pipeline
from triage.request import CitizenRequest, Json

CHUNK = 256


def message_report(pipeline: Pipeline, path: Path) -> dict[str, Json]:
    """Ask the pipeline about every row of a labelled CSV (title, detail, lead_unit).

    Raises
    ------
    UnusableFile
        The file cannot be read or lacks a column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [
                (row["title"], row["detail"] or row["title"], row["lead_unit"])
                for row in csv.DictReader(stream)
            ]
    except (OSError, KeyError, csv.Error) as error:
        raise UnusableFile(f"无法读取标注数据 {path}：{error!r}") from error
    against: Counter[str] = Counter()
    ruled = decided = accused = 0
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        said = pipeline.triage(
            [CitizenRequest(str(start), text, title) for title, text, _ in chunk]
        )
        for (_, _, lead), one in zip(chunk, said, strict=True):
            if one.duty is None:
                continue
            ruled += not one.duty.is_default
            decided += one.duty.decided
            accused += lead in one.accused
            if lead in one.duty.excluded:
                against[f"{one.duty.code} {lead}"] += 1
    total = sum(against.values())
    return {
        "n": len(rows),
        "data_sha256": sha256(path),
        "governed_by_a_condition": ruled,
        "lead_moved": decided,
        "lead_barred": total,
        "share_barred": round(total / len(rows), 5) if rows else None,
        "lead_accused": accused,
        "barred_by_entry": dict(against.most_common()),
    }
