"""Count how often each typical value of an element is said, by first-level topic.

Writes `triage/explain/data/shares.csv` anew from the words of `elements.csv`; counts only, no text.

    python tests/benchmarks/count_element_shares.py runs/letters.jsonl datasets/sample/train.jsonl
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from pathlib import Path

from evaluation.truth import read_examples
from triage.catalogue import Catalogue

DATA = Path(__file__).parents[2] / "triage" / "explain" / "data"
ALL = ""


def main(paths: list[Path]) -> None:
    with (DATA / "elements.csv").open(encoding="utf-8", newline="") as file:
        values = list(csv.DictReader(file))
    counts: dict[str, Counter[str]] = {row["value"]: Counter() for row in values}
    l1_of = {code: entry.l1 for code, entry in Catalogue.load().topics.items()}
    for example in read_examples(paths):
        said = f"{example.title}。{example.text}"
        for row in values:
            if re.search(row["words"], said):
                counts[row["value"]].update((l1_of[example.topic or ""], ALL))
    with (DATA / "shares.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("value", "l1", "share"))
        for l1 in (ALL, *sorted(set(l1_of.values()))):
            for element in dict.fromkeys(row["element"] for row in values):
                own = [row["value"] for row in values if row["element"] == element]
                total = sum(counts[value][l1] + 1 for value in own)
                for value in own:
                    rows.writerow((value, l1, round((counts[value][l1] + 1) / total, 4)))


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
