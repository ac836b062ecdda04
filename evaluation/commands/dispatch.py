r"""测量派单目录：争议与边界案例 (measure the dispatch catalogue on disputes and district lines).

Example:
    triage measure-dispatch --models-dir models --out evaluation/results/dispatch.json

Writes the report and, beside it, the same figures as Markdown.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from evaluation.dispatch import dispute_report, judge, read_disputes
from evaluation.dispatch_boundaries import ask_lines, boundary_report, read_line_cases
from evaluation.dispatch_messages import message_report
from evaluation.dispatch_page import to_markdown
from evaluation.page import write_texts
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
    add(
        "--messages",
        type=Path,
        default=Path("../shared/data/labelled/train.csv"),
        help="labelled real messages; skipped where the file is absent",
    )
    add("--out", type=Path, default=Path("evaluation/results/dispatch.json"))
    add("--json", action="store_true", help="print the report too")


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
    if args.messages.is_file():
        report["messages"] = message_report(together, args.messages)
    else:
        print(f"跳过真实来信：没有文件 {args.messages}", file=sys.stderr)
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    write_texts([(args.out, text), (args.out.with_suffix(".md"), to_markdown(report))])
    print(json.dumps(report, ensure_ascii=False) if args.json else to_markdown(report))
    return EXIT_CLEAN
