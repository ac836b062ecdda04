"""测量要素抽取 (measure the extraction of place, time, object and demand).

Figures by type with overlap credit, exact and by character, the accuracy of what is said to be
missing, and the time a request takes. The report holds the SHA-256 of the marked file.

  triage measure-elements --data datasets/sample/heldout.jsonl --out elements.json
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

from evaluation.elements import ElementsReport, MarkedRequest, read_marked, score_elements
from triage.catalogue import Catalogue
from triage.files import atomic_write, sha256
from triage.request import Json
from triage.text.elements import ElementExtractor

_WIDTH = 15
_ROUNDS = 5
"""Rounds over all requests; the fastest one is reported."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="X.jsonl", help="带要素标注的诉求")
    add("--out", type=Path, required=True, metavar="R.json", help="写入的报告")
    add("--catalogue", type=Path, metavar="DIR", help="a city's folder of code lists")


def run(args: argparse.Namespace) -> int:
    """Measure, write the report, print a table."""
    requests = read_marked(args.data)
    extractor = ElementExtractor(Catalogue.load(args.catalogue).place_names())
    report = score_elements(extractor, requests)
    record: dict[str, Json] = {"data": args.data.name, "data_sha256": sha256(args.data)}
    record |= report.to_json() | {"speed": _speed(extractor, requests)}
    text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    with atomic_write(args.out) as file:
        file.write(text.encode())
    _print_table(report)
    return 0


def _speed(extractor: ElementExtractor, requests: Sequence[MarkedRequest]) -> dict[str, Json]:
    """Return microseconds a request of the fastest round, on one core, texts in turn."""
    best = float("inf")
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        for request in requests:
            extractor.extract(request.text)
        best = min(best, time.perf_counter() - start)
    characters = sum(len(request.text) for request in requests) / len(requests)
    return {
        "microseconds_a_request": round(1e6 * best / len(requests), 1),
        "characters_a_request": round(characters, 1),
    }


def _print_table(report: ElementsReport) -> None:
    print(f"{'type':<{_WIDTH}} {'n':>5} {'found':>5} precision recall    f1 exact chars")
    for name, tally in [*report.by_type.items(), ("overall", report.overall)]:
        record = tally.to_json()
        shares = (record[key] for key in ("precision", "recall", "f1", "exact_f1", "character_f1"))
        precision, recall, f1, exact, chars = (
            "-" if share is None else f"{share:.3f}" for share in shares
        )
        print(
            f"{name:<{_WIDTH}} {tally.marked:>5} {tally.found:>5} {precision:>9} {recall:>6} "
            f"{f1:>5} {exact:>5} {chars:>5}"
        )
    missing = report.to_json()["missing_accuracy"]
    print("missing", missing, "all four", report.to_json()["missing_all_right"])
