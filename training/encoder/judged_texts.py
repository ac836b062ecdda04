"""Gather what the cross-encoder is taught on from the developers' `../shared/data`.

Run `python -m training.encoder.judged_texts ../shared/data datasets/judged_pairs/letters.csv DIR`.
Writes `data.jsonl` (the judged messages, masked) and `pairs.csv` (`dup_dev` and the letters
together), as `triage encoder cross --data --pairs` reads them. Texts stay out of the project.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import orjson

from evaluation.judged_pairs import COLUMNS
from evaluation.same_event_data import read_pairs, read_pool
from training.same_event.letters import read_letters


def main(shared: Path, letters_file: Path, out: Path) -> int:
    """Write both files."""
    letters, entries = read_letters(shared, letters_file)
    pairs, told = [*read_pairs(shared), *letters], read_pool(shared, {}) | entries
    out.mkdir(parents=True, exist_ok=True)
    with (out / "data.jsonl").open("wb") as file:
        for entry in told.values():
            row = {"id": entry.id, "title": entry.title, "text": entry.detail}
            file.write(orjson.dumps(row) + b"\n")
    with (out / "pairs.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((one.query, one.candidate, one.label, one.component) for one in pairs)
    sys.stdout.write(f"{len(told)} messages, {len(pairs)} pairs\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*map(Path, sys.argv[1:4])))
