"""重写模型卡，附上评估报告 (write a model card anew, with evaluation reports).

With --results every report of the folder that measured this model goes onto the card; --report
adds others of `triage evaluate`. --examples are invented requests: they are quoted.

  triage card --model models/default --results evaluation/results --notice models/NOTICE.md \
      --examples datasets/sample/heldout.jsonl --examples datasets/sample/heldout_spoken.jsonl
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from evaluation.truth import read_examples
from training.card import write_card
from training.card_figures import Figures
from training.card_reports import Reports, read_report, read_reports
from training.commands.train import read_notice
from training.confusion_examples import Confusion, with_examples
from triage.catalogue import Catalogue
from triage.errors import UnusableFile
from triage.model.artifact import read_manifest
from triage.model.model import Model
from triage.request import Json

AGREEMENT = "label_agreement.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add = parser.add_argument
    add("--model", type=Path, required=True, metavar="DIR", help="model folder")
    add("--notice", type=Path, help="text on the data's sources")
    add("--results", type=Path, metavar="DIR", help="folder of reports (evaluation/results)")
    add("--report", action="append", default=[], metavar="TITLE=REPORT.json")
    add(
        "--examples",
        type=Path,
        action="append",
        metavar="X.jsonl",
        help="invented labelled requests that may be quoted",
    )


def run(args: argparse.Namespace) -> int:
    """Read the manifest and the reports, write `card.md`."""
    manifest = read_manifest(args.model)
    version = str(manifest["version"])
    notice = read_notice(args.notice) if args.notice else ""
    reports = read_reports(args.results, version) if args.results else Reports()
    more = dict(_report(word, version) for word in args.report)
    names = {code: topic.name for code, topic in Catalogue.load().topics.items()}
    write_card(
        args.model,
        manifest,
        notice,
        replace(reports, found={**more, **reports.found}),
        _confusions(manifest, args.model, args.examples or ()),
        names,
        _agreement(args.results),
    )
    return 0


def _confusions(
    manifest: Mapping[str, Json], folder: Path, samples: Sequence[Path]
) -> list[Confusion]:
    metrics = cast(Mapping[str, Mapping[str, Mapping[str, Any]]], manifest["metrics"])
    found = metrics.get("all", {}).get("topic", {}).get("confusions", [])
    examples = read_examples(samples) if samples else []
    return with_examples(found, Model.load(folder), examples) if found else []


def _agreement(results: Path | None) -> Figures | None:
    path = results / AGREEMENT if results else None
    return read_report(path) if path is not None and path.is_file() else None


def _report(word: str, version: str) -> tuple[str, Figures]:
    title, separator, name = word.rpartition("=")
    if not separator or not title:
        raise UnusableFile(f"--report {word!r} 应写成 标题=报告.json")
    report = read_report(Path(name))
    if "decisions" not in report or "model" not in report:
        raise UnusableFile(f"报告 {name} 无法读取：应为 triage evaluate 写出的文件")
    if report["model"] != version:
        raise UnusableFile(f"报告 {name} 测的是 {report['model']}，不是 {version}：请先重新评估")
    return title, report
