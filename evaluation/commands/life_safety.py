r"""测量生命安全：0–1 级的召回与误报 (measure how many dangers are found, rules and model together).

Example:
    triage measure-safety --models-dir models --held-out runs/held_out.npz \
        --out evaluation/results/life_safety.json

Writes the report and, beside it, the same figures as Markdown. `--held-out` is what
`triage train --held-out-scores` wrote for the same messages.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from evaluation.commands.reporting import add_messages, add_report, messages_of, say
from evaluation.held_out_scores import read_scores
from evaluation.life_safety import ask, case_report, read_cases
from evaluation.life_safety_messages import message_report
from evaluation.life_safety_page import to_markdown
from triage.cli import EXIT_CLEAN
from triage.files import sha256
from triage.model.registry import current_folder
from triage.pipeline import Pipeline
from triage.request import Json
from triage.settings import load_settings
from triage.steps.rules import rule_book


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `triage measure-safety`."""
    add = parser.add_argument
    add("--models-dir", type=Path, default=Path("models"), help="published models (models)")
    add("--settings", type=Path, metavar="TOML", help="a city's settings, thresholds among them")
    add("--cases", type=Path, default=Path("tests/data/life_safety_cases.jsonl"))
    add("--spoken", type=Path, default=Path("datasets/sample/heldout_spoken.jsonl"))
    add("--held-out", type=Path, metavar="NPZ", help="out-of-fold probabilities of the messages")
    add_messages(parser)
    add_report(parser, Path("evaluation/results/life_safety.json"))


def run(args: argparse.Namespace) -> int:
    """Measure, write, say the main figures."""
    pipeline = Pipeline.from_model(current_folder(args.models_dir), settings_file=args.settings)
    thresholds = load_settings(args.settings).urgent_thresholds
    cases, spoken = read_cases(args.cases), read_cases(args.spoken)
    report: dict[str, Json] = {
        "model": pipeline.versions.model,
        "rules": rule_book().version,
        "thresholds": list(thresholds),
        "cases_sha256": sha256(args.cases),
        "spoken_sha256": sha256(args.spoken),
        "cases": case_report(ask(pipeline, cases)),
        "spoken": case_report(ask(pipeline, spoken)),
        "messages": None,
    }
    if messages := messages_of(args):
        scores = read_scores(args.held_out, "urgency") if args.held_out else None
        report["messages"] = message_report(messages, scores, thresholds)
    say(args, report, to_markdown(report))
    return EXIT_CLEAN
