"""比较两个模型：差值与区间、分组、改对改错的清单 (compare two models on labelled requests).

Writes X.json, X.md, X.html (one file, charts inside) and X.changes.csv: every decision that the two
answer differently, with the truth. A and B are model folders, versions among the published ones, or
`current`. Differences are B less A.

  triage compare current runs/city --data heldout.jsonl --out runs/compare.json
  triage compare default-1a2b3c4d city-5e6f7a8b --data heldout.jsonl --out c.json --json
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from evaluation.bootstrap import RESAMPLES
from evaluation.changes import find_changes, to_csv
from evaluation.commands.evaluate import ask_with_bar, positive
from evaluation.comparison import compare
from evaluation.comparison_page import to_page, verdict
from evaluation.page import to_html, to_markdown, write_texts
from evaluation.pictures import require_pictures
from evaluation.truth import read_examples
from triage.errors import ArtifactError, UnusableFile
from triage.model.artifact import read_manifest
from triage.model.registry import current_folder, version_folder

CURRENT = "current"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add = parser.add_argument
    models = Path(os.environ.get("TRIAGE_MODELS_DIR", "models"))
    add("a", metavar="A", help="model folder, published version, or current")
    add("b", metavar="B", help="the one to judge")
    add(
        "--data", type=Path, action="append", required=True, metavar="X.jsonl",
        help="labelled requests that neither was trained on",
    )  # fmt: skip
    add("--out", type=Path, required=True, metavar="REPORT.json")
    add("--models-dir", type=Path, default=models, metavar="DIR", help="published models")
    add("--resamples", type=positive, default=RESAMPLES, help="bootstrap resamples (1000)")
    add("--no-pictures", action="store_true", help="no chart; matplotlib is not needed")
    add("--catalogue", type=Path, metavar="DIR", help="a city's folder of code lists")
    add("--settings", type=Path, metavar="TOML", help="a city's settings (thresholds, steps)")
    add("--json", action="store_true", help="print the report too")


def run(args: argparse.Namespace) -> int:
    """Ask both, compare, write; always 0, for a worse model is not a failed comparison."""
    if args.out.suffix != ".json":
        raise UnusableFile(f"--out {args.out} 应以 .json 结尾：其他文件会写在它旁边")
    if not args.no_pictures:
        require_pictures()
    folders = [find_model(name, args.models_dir) for name in (args.a, args.b)]
    trained_on = [str(read_manifest(folder).get("data_sha256")) for folder in folders]
    examples = read_examples(args.data)
    a, b = (ask_with_bar(folder, examples, args) for folder in folders)
    changes = find_changes(a, b, examples)
    report = compare(a, b, examples, changes, trained_on=trained_on, resamples=args.resamples)
    page = to_page(report, with_chart=not args.no_pictures)
    report["verdict"] = verdict(report)
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    write_texts(
        [
            (args.out.with_suffix(".changes.csv"), to_csv(changes)),
            (args.out.with_suffix(".html"), to_html(page)),
            (args.out.with_suffix(".md"), to_markdown(page)),
            (args.out, text),
        ]
    )
    print(json.dumps(report, ensure_ascii=False) if args.json else report["verdict"])
    return 0


def find_model(name: str, models_dir: Path) -> Path:
    """Return the folder of a model: a path, a published version, or the current one.

    Raises
    ------
    ArtifactError
        There is no such folder, and nothing of that name is published.
    """
    if name == CURRENT:
        return current_folder(models_dir)
    path = Path(name)
    if path.is_dir():
        return path
    if "/" in name or not version_folder(models_dir, name).is_dir():
        raise ArtifactError(
            f"找不到模型 {name}：应为模型文件夹、{models_dir} 里已发布的版本，或 {CURRENT}"
        )
    return version_folder(models_dir, name)
