"""测量脱敏的精确率与召回 (measure the masking of personal data).

The report holds the SHA-256 of the case file, so a figure can be traced to what it was measured on.

    triage measure-masking --cases tests/data/mask_cases.jsonl \
        --out evaluation/results/masking.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from evaluation.masking import MaskError, MaskingReport, read_cases, score_masking
from triage.files import atomic_write, sha256

_WIDTH = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--cases", type=Path, required=True, help="用例文件（JSONL）")
    parser.add_argument("--out", type=Path, required=True, help="写入的报告（JSON）")
    parser.add_argument("--errors", action="store_true", help="列出每一处错漏")


def run(args: argparse.Namespace) -> int:
    """Measure, write the report, print a table."""
    report = score_masking(read_cases(args.cases))
    record = {"case_file": args.cases.name, "case_file_sha256": sha256(args.cases)}
    text = json.dumps(record | report.to_json(), ensure_ascii=False, indent=2) + "\n"
    with atomic_write(args.out) as file:
        file.write(text.encode())
    _print_table(report)
    if args.errors:
        for error in report.errors:
            print(_line(error))
    return 0


def _print_table(report: MaskingReport) -> None:
    print(f"{'type':<{_WIDTH}} {'n':>5} {'precision':>9} {'recall':>7} {'leaked':>7}")
    for name, tally in [*report.by_type.items(), ("overall", report.overall)]:
        precision, recall = (
            "-" if share is None else f"{share:.3f}" for share in (tally.precision, tally.recall)
        )
        print(f"{name:<{_WIDTH}} {tally.gold:>5} {precision:>9} {recall:>7} {tally.leaked:>7}")


def _line(error: MaskError) -> str:
    start, end, kind = error.place
    word = "missed" if error.is_missed else "wrong "
    text = error.case.text
    return f"{word} {kind:<9} {error.case.id} {text[:start]}[{text[start:end]}]{text[end:]}"
