"""重写模型卡，附上评估报告 (write a model card anew, with evaluation reports).

triage card --model models/default-678bc16b --report 书信=evaluation/results/default_gold_dev.json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from training.card import write_card
from training.commands.train import read_notice
from triage.errors import UnusableFile
from triage.model.artifact import read_manifest
from triage.request import Json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--model", type=Path, required=True, help="model folder")
    parser.add_argument("--notice", type=Path, help="text on the data's sources")
    parser.add_argument("--report", action="append", default=[], metavar="TITLE=REPORT.json")


def run(args: argparse.Namespace) -> int:
    """Read the manifest and the reports, write `card.md`."""
    manifest = read_manifest(args.model)
    notice = read_notice(args.notice) if args.notice else ""
    reports = dict(_report(word, str(manifest["version"])) for word in args.report)
    write_card(args.model, manifest, notice, reports)
    return 0


def _report(word: str, version: str) -> tuple[str, Mapping[str, Json]]:
    title, separator, name = word.rpartition("=")
    if not separator or not title:
        raise UnusableFile(f"--report {word!r} 应写成 标题=报告.json")
    try:
        report = json.loads(Path(name).read_text("utf-8"))
        decisions = cast(Mapping[str, Json], report["decisions"])
        model = report["model"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableFile(f"报告 {name} 无法读取：应为 triage evaluate 写出的文件") from error
    found = model.get("version") if isinstance(model, dict) else model
    if found != version:
        raise UnusableFile(f"报告 {name} 测的是 {found}，不是 {version}：请先重新评估")
    return title, decisions
