"""测量依据是否属实：去掉依据，把握掉多少 (measure the faithfulness of evidence).

For every decision the confidence lost without its evidence, against random spans of the same
lengths, paired, with intervals. A set is NAME=MODEL:DATA; the report holds no text.

  triage measure-evidence --set heldout=models/default:datasets/sample/heldout.jsonl --out e.json
"""

from __future__ import annotations

import argparse
import sys

from tqdm import tqdm

from evaluation.commands.reporting import add_report, add_sets, say
from evaluation.evidence import curves, deletions
from evaluation.evidence_page import evidence_page
from evaluation.measured_sets import read_set
from triage.request import Json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add_sets(parser)
    add_report(parser)


def run(args: argparse.Namespace) -> int:
    """Measure each set, write the report and its page."""
    report: dict[str, Json] = {}
    for words in args.sets:
        chosen = read_set(words, limit=args.limit)
        with tqdm(total=len(chosen.examples), disable=None, file=sys.stderr) as bar:
            found = deletions(chosen.pipeline, chosen.examples, on_row=lambda: bar.update())
        report[chosen.name] = {**chosen.to_json(), "decisions": curves(found)}
    say(args, report, evidence_page(report))
    return 0
