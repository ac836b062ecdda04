"""检查标注：疑似误标、重复而标签不一、类的分布、与其他文件的泄漏 (audit labelled data).

Writes X.json (numbers), X.html (one file, charts inside) and X.suspects.csv (the work list: ids,
given and suggested label; no texts). Nothing is changed in the data. Takes about as long as
training. --with-text puts masked excerpts on the HTML page, which then must not leave the house.

  triage audit labels --data runs/city.jsonl --out runs/audit.json
  triage audit labels --data a.jsonl --against heldout.jsonl --out runs/audit.json --with-text
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from evaluation.page import to_html, write_texts
from evaluation.pictures import require_pictures
from evaluation.truth import Example, read_examples
from training.audit.duplicates import find_conflicts, find_leaks
from training.audit.findings import Against, Findings, to_csv, to_json
from training.audit.page import to_page
from training.audit.suspects import audited, find_suspects
from training.fit import Fitted, fit
from training.recipe import load_recipe
from triage.errors import UnusableFile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what is audited and the options."""
    add = parser.add_argument
    add("what", choices=("labels",), help="labels: 检查标注")
    add("--data", type=Path, action="append", required=True, metavar="X.jsonl")
    add(
        "--against", type=Path, action="append", default=[], metavar="Y.jsonl",
        help="a file that must not share requests with the data (a test set)",
    )  # fmt: skip
    add("--recipe", default="default", help="name or path of a recipe (TOML)")
    add("--out", type=Path, required=True, metavar="REPORT.json")
    add("--with-text", action="store_true", help="masked excerpts on the HTML page")
    add("--json", action="store_true", help="print the report too")


def run(args: argparse.Namespace) -> int:
    """Fit out of fold, look, write; always 0, for suspects are a finding and no failure."""
    if args.out.suffix != ".json":
        raise UnusableFile(f"--out {args.out} 应以 .json 结尾：其他文件会写在它旁边")
    require_pictures()
    examples = read_examples(args.data)
    others = [(path, read_examples([path])) for path in args.against]
    fitted = _fit(audited(examples), args.recipe)
    conflicts, sets = find_conflicts(examples)
    against = [
        Against(path.name, tuple(other), tuple(find_leaks(examples, other)))
        for path, other in others
    ]
    suspects = find_suspects(examples, fitted)
    findings = Findings(tuple(examples), suspects, tuple(conflicts), sets, tuple(against))
    report = to_json(findings)
    page = to_page(findings, report, with_text=args.with_text)
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    work = to_csv(findings)
    write_texts(
        [
            (args.out.with_suffix(".suspects.csv"), work),
            (args.out.with_suffix(".html"), to_html(page)),
            (args.out, text),
        ]
    )
    if args.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        count = sum(len(found) for found in suspects.values())
        leaks = sum(len(one.leaks) for one in against)
        print(f"{len(examples)} 条：疑似误标 {count} 处，矛盾 {len(conflicts)} 组，泄漏 {leaks} 对")
        print(f"报告已写入 {args.out}、同名的 .html 和 .suspects.csv", file=sys.stderr)
    return 0


def _fit(examples: Sequence[Example], name: str) -> Fitted:
    recipe = load_recipe(name)
    with tqdm(total=recipe.folds + 4, disable=None, file=sys.stderr) as bar:

        def on_step(step: str) -> None:
            bar.set_description(step)
            bar.update()

        return fit(examples, recipe, on_step=on_step)
