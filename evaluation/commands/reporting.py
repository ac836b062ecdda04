"""The options and the ending that commands which measure have in common: a report and its page.

The report is JSON, the page beside it Markdown with the same figures; what is measured each command
knows itself.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from evaluation.page import write_texts
from triage.request import Json

REAL_MESSAGES = Path("../shared/data/labelled/train.csv")
"""Where developers keep labelled real messages; they are not part of the project."""


def add_report(parser: argparse.ArgumentParser, out: Path | None = None) -> None:
    """Declare `--out` (required where there is no default) and `--json`."""
    parser.add_argument(
        "--out",
        type=Path,
        default=out,
        required=out is None,
        metavar="R.json",
        help="report; R.md is written beside" + (f" ({out})" if out else ""),
    )
    parser.add_argument("--json", action="store_true", help="print the report, not its page")


def add_sets(parser: argparse.ArgumentParser) -> None:
    """Declare `--set`, several of them, and `--limit`."""
    parser.add_argument(
        "--set", action="append", required=True, dest="sets", metavar="名称=模型:数据.jsonl"
    )
    parser.add_argument(
        "--limit", type=int, metavar="N", help="examples taken of each set (default: all)"
    )


def add_messages(parser: argparse.ArgumentParser) -> None:
    """Declare `--messages`."""
    parser.add_argument(
        "--messages",
        type=Path,
        default=REAL_MESSAGES,
        help="labelled real messages; skipped where the file is absent",
    )


def messages_of(args: argparse.Namespace) -> Path | None:
    """Return the file of real messages; None, and a word of it, where it is absent."""
    path: Path = args.messages
    if path.is_file():
        return path
    print(f"跳过真实来信：没有文件 {path}", file=sys.stderr)
    return None


def say(args: argparse.Namespace, report: Mapping[str, Json], page: str) -> None:
    """Write the report and its page, both or neither, and print the one that is asked for."""
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    write_texts([(args.out, text), (args.out.with_suffix(".md"), page)])
    print(text if args.json else page, end="")
