"""测量依据是否属实：去掉依据，把握掉多少 (measure the faithfulness of evidence).

For every decision the confidence lost without its evidence, against random spans of the same
lengths, paired, with intervals. A set is NAME=MODEL:DATA; the report holds no text.

  triage measure-evidence --set heldout=models/default:datasets/sample/heldout.jsonl --out e.json
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tqdm import tqdm

from evaluation.evidence import curves, deletions
from evaluation.evidence_page import evidence_page
from evaluation.measured_sets import read_set
from evaluation.page import write_texts
from triage.request import Json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add = parser.add_argument
    add("--set", action="append", required=True, dest="sets", metavar="名称=模型:数据.jsonl")
    add("--limit", type=int, metavar="N", help="examples taken of each set (default: all)")
    add("--out", type=Path, required=True, metavar="R.json", help="report; R.md is written beside")
    add("--json", action="store_true", help="print the report")


def run(args: argparse.Namespace) -> int:
    """Measure each set, write the report and its page."""
    report: dict[str, Json] = {}
    for words in args.sets:
        chosen = read_set(words, limit=args.limit)
        with tqdm(total=len(chosen.examples), disable=None, file=sys.stderr) as bar:
            found = deletions(chosen.pipeline, chosen.examples, on_row=lambda: bar.update())
        report[chosen.name] = {**chosen.to_json(), "decisions": curves(found)}
    text = json.dumps(report, ensure_ascii=False, indent=2) + "\n"
    page = evidence_page(report)
    write_texts([(args.out, text), (args.out.with_suffix(".md"), page)])
    print(text if args.json else page, end="")
    return 0
