r"""测量受理判定与安全规则 (measure the acceptance gate).

Example:
    triage measure-acceptance --cases tests/data/acceptance_cases.jsonl \
        --messages ../shared/data/labelled/train.csv --out evaluation/results/acceptance.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from evaluation.acceptance import report
from evaluation.acceptance_messages import message_report
from evaluation.acceptance_spoken import spoken_report
from evaluation.commands.reporting import add_messages, messages_of
from triage.cli import EXIT_CLEAN
from triage.files import atomic_write
from triage.request import Json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `triage measure-acceptance`."""
    parser.add_argument(
        "--cases",
        type=Path,
        default=Path("tests/data/acceptance_cases.jsonl"),
        help="frozen cases, one JSON object a line (default: %(default)s)",
    )
    add_messages(parser)
    parser.add_argument(
        "--spoken",
        type=Path,
        default=Path("datasets/sample/heldout.jsonl"),
        help="held-out spoken requests with urgency (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("evaluation/results/acceptance.json"),
        help="where the report goes (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Write the report and print a short summary."""
    result: dict[str, Json] = {"acceptance": report(args.cases)}
    messages = messages_of(args)
    result["messages"] = message_report(messages) if messages else None
    result["spoken"] = spoken_report(args.spoken)
    with atomic_write(args.out) as file:
        file.write(json.dumps(result, ensure_ascii=False, indent=1).encode("utf-8") + b"\n")
    _summary(result)
    return EXIT_CLEAN


def _summary(result: dict[str, Json]) -> None:
    cases = result["acceptance"]
    if isinstance(cases, dict):
        print(f"规则 {cases['rules']}：{cases['n']} 条用例，判定准确率 {cases['accuracy']}")
        for group in ("decisions", "risk_flags"):
            figures = cases[group]
            if isinstance(figures, dict):
                for name, item in figures.items():
                    print(f"  {name}: {json.dumps(item)}")
        print(f"  transfer_to {cases['transfer_to_accuracy']}, route {cases['route_accuracy']}")
    messages = result["messages"]
    if isinstance(messages, dict):
        for name in ("false_refusals", "false_handoffs", "false_urgent"):
            print(f"  {name}: {json.dumps(messages[name])}")
