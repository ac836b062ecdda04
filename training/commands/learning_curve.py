"""学习曲线：再标一千条值多少，先补哪些类 (what more labels would buy, overall and by class).

Fits growing sets of the data, asks each about one held-out fold, fits an inverse power law. Writes
X.json, X.md and X.html (one file, chart inside); no texts, no ids.

  triage learning-curve --data runs/city.jsonl --out runs/curve.json
  triage learning-curve --data a.jsonl --data b.jsonl --sizes 6 --seeds 5 --out runs/curve.json
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tqdm import tqdm

from evaluation.page import to_html, to_markdown, write_texts
from evaluation.pictures import require_pictures
from evaluation.truth import fingerprint, read_examples
from training.curve.curve import METRICS, classes, curve
from training.curve.points import Points, measure
from training.curve.report import Worth, sentence, to_json, to_page
from training.recipe import load_recipe
from triage.errors import UnusableFile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add = parser.add_argument
    add("--data", type=Path, action="append", required=True, metavar="X.jsonl")
    add("--out", type=Path, required=True, metavar="REPORT.json")
    add("--recipe", default="default", help="name or path of a recipe (TOML)")
    add("--sizes", type=int, choices=range(4, 13), default=7, help="points of the curve (7)")
    add("--seeds", type=int, choices=range(1, 11), default=3, help="draws of each size (3)")
    add("--json", action="store_true", help="print the report too")


def run(args: argparse.Namespace) -> int:
    """Measure, fit, write."""
    if args.out.suffix != ".json":
        raise UnusableFile(f"--out {args.out} 应以 .json 结尾：其他文件会写在它旁边")
    require_pictures()
    recipe = load_recipe(args.recipe)
    examples = read_examples(args.data)
    with tqdm(
        total=args.seeds * (args.sizes - 1) + 1, disable=None, file=sys.stderr, unit="次"
    ) as bar:

        def on_set(rows: int) -> None:
            bar.set_description(f"{rows} 条")
            bar.update()

        points = measure(examples, recipe, sizes=args.sizes, seeds=args.seeds, on_set=on_set)
    heads = [head.name for head in points.heads]
    curves = [curve(points, head, metric) for head in heads for metric in METRICS]
    worth = {head.name: _worth(points, head.name, head.labels) for head in points.heads}
    held = len(next(iter(points.truth.values())))
    report = to_json(curves, worth, data_sha256=fingerprint(examples), held=held, seeds=args.seeds)
    page = to_page(curves, worth, held=held, seeds=args.seeds)
    write_texts(
        [
            (args.out.with_suffix(".html"), to_html(page)),
            (args.out.with_suffix(".md"), to_markdown(page)),
            (args.out, json.dumps(report, ensure_ascii=False, indent=1) + "\n"),
        ]
    )
    if args.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        print("\n".join(sentence(one) for one in curves))
        print(f"报告已写入 {args.out} 和同名的 .md、.html", file=sys.stderr)
    return 0


def _worth(points: Points, head: str, labels: tuple[str, ...]) -> Worth:
    found, gain = classes(points, head)
    return Worth(labels, found, gain)
