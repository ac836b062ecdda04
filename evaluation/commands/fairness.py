"""测量公平：按区县、长度、文体、身份用语看差距 (measure gaps between groups of requests).

Groups stand beside the rest with intervals; a gap of more than five points needs a written reason
(evaluation/fairness_reasons.toml, or --reasons). With --strict, one without a reason makes the exit
code 1. Also changes only the wording of who is concerned and counts the decisions that change.

  triage measure-fairness --model models/default --data heldout.jsonl --out fairness.json --strict
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from tqdm import tqdm

from evaluation.bootstrap import RESAMPLES
from evaluation.commands.evaluate import positive
from evaluation.commands.reporting import add_report, say
from evaluation.counterfactual import clear_changes, measure_rewordings
from evaluation.fairness import flagged, measure_groups
from evaluation.fairness_page import fairness_page, name_of
from evaluation.fairness_reasons import Reason, read_reasons, reason_for
from evaluation.outcomes import predict
from evaluation.page import to_markdown
from evaluation.truth import Example, fingerprint, read_examples
from triage.errors import UnusableFile
from triage.pipeline import Pipeline
from triage.request import Json

SCHEMA = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add = parser.add_argument
    add("--model", type=Path, required=True, metavar="DIR", help="model folder")
    add("--data", type=Path, action="append", required=True, metavar="X.jsonl")
    add("--reasons", type=Path, metavar="TOML", help="written reasons (those of the package)")
    add("--strict", action="store_true", help="exit 1 where a gap has no written reason")
    add("--resamples", type=positive, default=RESAMPLES, help="bootstrap resamples (1000)")
    add("--settings", type=Path, metavar="TOML", help="a city's settings (thresholds, steps)")
    add_report(parser)


def run(args: argparse.Namespace) -> int:
    """Measure every set, write the report and its page; 1 where --strict finds no reason."""
    if args.out.suffix != ".json":
        raise UnusableFile(f"--out {args.out} 应以 .json 结尾：Markdown 会写在它旁边")
    reasons = read_reasons(args.reasons)
    pipeline = Pipeline.from_model(args.model, settings_file=args.settings)
    sets: dict[str, Json] = {}
    gaps: list[dict[str, Json]] = []
    for path in args.data:
        part = _measure(pipeline, read_examples([path]), path.stem, args.resamples)
        sets[path.stem] = part
        gaps += _gaps(path.stem, part, reasons)
    report: dict[str, Json] = {
        "schema": SCHEMA,
        "model": pipeline.versions.model,
        "rules": pipeline.versions.rules,
        "flagged": cast(Json, gaps),
        "sets": sets,
    }
    page = to_markdown(fairness_page(report))
    say(args, report, page)
    return _verdict(gaps) if args.strict else 0


def _measure(
    pipeline: Pipeline, examples: Sequence[Example], name: str, resamples: int
) -> dict[str, Json]:
    with tqdm(unit="条", desc=name, disable=None, file=sys.stderr) as bar:
        predictions = predict(pipeline, examples, bar.update)
        return {
            "examples_sha256": fingerprint(examples),
            **measure_groups(pipeline, examples, predictions, resamples=resamples),
            "wording": measure_rewordings(pipeline, examples, predictions, on_rows=bar.update),
        }


def _gaps(name: str, part: dict[str, Any], reasons: Sequence[Reason]) -> list[dict[str, Json]]:
    groups = part["groups"]
    found = [(gap, groups[gap.group]["figures"][gap.figure]) for gap in flagged(groups)]
    return [
        {
            "set": name,
            "group": gap.group,
            "figure": gap.figure,
            **figures,
            "reason": reason_for(gap, reasons),
        }
        for gap, figures in [*found, *clear_changes(part["wording"])]
    ]


def _verdict(gaps: Sequence[dict[str, Json]]) -> int:
    without = [gap for gap in gaps if gap["reason"] is None]
    for gap in without:
        print(
            f"{name_of(str(gap['group']))} 的 {gap['figure']} 差 {gap['gap']}，没有书面理由："
            f'请查明原因，写进理由文件（group = "{gap["group"]}"）',
            file=sys.stderr,
        )
    return 1 if without else 0
