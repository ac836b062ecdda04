"""测量追问是否问得对：拿掉要素，看该不该问、问没问 (measure the questions that are asked).

Elements are taken out of requests; a question is right where that changed the decision. Spans are
those marked in the data, else the extractor's. `by_threshold` is for choosing thresholds, on a
model that never saw the data. A set is NAME=MODEL:DATA, or NAME=MODEL:DATA@DISTRICT where the
data's places are coded; the report holds no text.

  triage measure-questions --set heldout=models/default:datasets/sample/heldout.jsonl --out q.json
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from evaluation.commands.reporting import add_report, add_sets, say
from evaluation.elements import read_marked
from evaluation.measured_sets import MeasuredSet, read_set
from evaluation.questions import by_threshold, removals, scores
from evaluation.questions_page import questions_page
from triage.explain.questions import THRESHOLDS
from triage.request import Json
from triage.text.elements import ElementSpan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add_sets(parser)
    add_report(parser)


def run(args: argparse.Namespace) -> int:
    """Measure each set, write the report and its page."""
    report: dict[str, Json] = {}
    for words in args.sets:
        chosen = read_set(words, limit=args.limit)
        report[chosen.name] = _measured(chosen)
    say(args, report, questions_page(report))
    return 0


def _measured(chosen: MeasuredSet) -> Json:
    marks = _marks(chosen.data)
    with tqdm(total=len(chosen.examples), disable=None, file=sys.stderr) as bar:
        found = removals(
            chosen.pipeline,
            chosen.examples,
            marks,
            keep_district=chosen.district is not None,
            on_row=lambda: bar.update(),
        )
    return {
        **chosen.to_json(),
        "spans": "extracted" if marks is None else "marked",
        "thresholds": dict(THRESHOLDS),
        "scores": scores(found),
        "by_threshold": by_threshold(found),
    }


def _marks(data: Path) -> dict[str, Sequence[ElementSpan]] | None:
    """Return the marked spans by id; None where the first line of the data marks none."""
    with data.open("rb") as lines:
        first = json.loads(next(lines, b"{}"))
    if "elements" not in first:
        return None
    return {request.id: request.spans for request in read_marked(data)}
