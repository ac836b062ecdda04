"""测量多事项拆分：有无第二件、主题、误拆、位置 (measure the finding of second matters).

The out-of-fold figures are the model's own, from the run that fitted it; held-out requests and
written cases are asked of the whole pipeline. Cases carry a span and a topic for each matter.

  triage measure-matters --models-dir models --data datasets/sample/heldout.jsonl --out matters.json
  triage measure-matters --model runs/city --cases tests/data/matters_cases.jsonl --out m.json
"""

from __future__ import annotations

import argparse
from pathlib import Path

from evaluation.commands.reporting import add_report, say
from evaluation.matters_cases import measure_cases, read_cases
from evaluation.matters_page import page
from evaluation.matters_requests import measure_requests
from evaluation.truth import read_examples
from triage.files import sha256
from triage.model.artifact import read_manifest
from triage.model.registry import current_folder
from triage.pipeline import Pipeline
from triage.request import Json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add = parser.add_argument
    add("--models-dir", type=Path, default=Path("models"), help="已发布的模型")
    add("--model", type=Path, help="a model folder, instead of the published one")
    add("--data", type=Path, action="append", default=[], metavar="X.jsonl", help="留出的诉求")
    add("--cases", type=Path, metavar="C.jsonl", help="手写案例，带位置与主题")
    add_report(parser)


def run(args: argparse.Namespace) -> int:
    """Measure, write the report and its page, print the page."""
    folder = args.model or current_folder(args.models_dir)
    pipeline = Pipeline.from_model(folder)
    out_of_fold = read_manifest(folder).get("second_matter")
    report: dict[str, Json] = {"model": pipeline.model.version, "out_of_fold": out_of_fold}
    requests: dict[str, Json] = {}
    for path in args.data:
        requests[path.name] = _of_file(path, measure_requests(pipeline, read_examples([path])))
    report["requests"] = requests
    if args.cases is not None:
        report["cases"] = _of_file(args.cases, measure_cases(pipeline, read_cases(args.cases)))
    say(args, report, page(report))
    return 0


def _of_file(path: Path, figures: dict[str, Json]) -> dict[str, Json]:
    return {"data": path.name, "data_sha256": sha256(path), **figures}
