r"""测量派单目录：争议与边界案例 (measure the dispatch catalogue on disputes and district lines).

Example:
    triage measure-dispatch --models-dir models --out evaluation/results/dispatch.json

Writes the report and, beside it, the same figures as Markdown.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from evaluation.commands.reporting import add_messages, add_report, messages_of, say
from evaluation.dispatch import dispute_report, judge, read_disputes
from evaluation.dispatch_boundaries import ask_lines, boundary_report, read_line_cases
from evaluation.dispatch_messages import message_report
from evaluation.dispatch_page import to_markdown
from triage.cli import EXIT_CLEAN
from triage.files import sha256
from triage.model.registry import current_folder
from triage.pipeline import Pipeline
from triage.request import Json

ALONE = "[steps]\nduty = false\n"
"""Settings of the model alone."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `triage measure-dispatch`."""
    add = parser.add_argument
    add("--models-dir", type=Path, default=Path("models"), help="published models (models)")
    add("--catalogue", type=Path, metavar="DIR", help="a city's folder of code lists")
    add("--disputes", type=Path, default=Path("tests/data/dispute_cases.jsonl"))
    add("--boundaries", type=Path, default=Path("tests/data/boundary_cases.jsonl"))
    add_messages(parser)
    add_report(parser, Path("evaluation/results/dispatch.json"))


def run(args: argparse.Namespace) -> int:
    """Measure, write, say the main figures."""
    folder = current_folder(args.models_dir)
    together = Pipeline.from_model(folder, catalogue_dir=args.catalogue)
    with tempfile.TemporaryDirectory() as where:
        settings = Path(where, "alone.toml")
        settings.write_text(ALONE, "utf-8")
        alone = Pipeline.from_model(folder, catalogue_dir=args.catalogue, settings_file=settings)
    disputes, lines = read_disputes(args.disputes), read_line_cases(args.boundaries)
    report: dict[str, Json] = {
        "model": together.versions.model,
        "catalogue": together.versions.catalogue,
        "disputes_sha256": sha256(args.disputes),
        "boundaries_sha256": sha256(args.boundaries),
        "disputes": dispute_report(judge(alone, disputes), judge(together, disputes)),
        "boundaries": boundary_report(ask_lines(together, lines)),
        "messages": None,
    }
    if messages := messages_of(args):
        report["messages"] = message_report(together, messages)
    say(args, report, to_markdown(report))
    return EXIT_CLEAN
