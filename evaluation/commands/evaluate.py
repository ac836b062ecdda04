"""评估模型：各项指标、切片、混淆、图 (measure a model on labelled requests).

Writes X.json, X.md beside it, and PNG pictures into X-pictures/. Labels that the model does not
know count as wrong and are listed. Exit code 2 where the data or the model cannot be used.

  triage evaluate --model runs/city --data heldout.jsonl --out report.json
  triage evaluate --model models/base-1a2b3c4d --data heldout.jsonl --out r.json --no-pictures
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from tqdm import tqdm

from evaluation.answers import Answers, ask
from evaluation.bootstrap import RESAMPLES
from evaluation.markdown import NAMES, to_markdown
from evaluation.pictures import draw, require_pictures
from evaluation.report import build_report
from evaluation.truth import Example, read_examples
from triage.errors import UnusableFile
from triage.files import atomic_write
from triage.model.artifact import read_manifest
from triage.request import Json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add = parser.add_argument
    add("--model", type=Path, required=True, metavar="DIR", help="model folder")
    add(
        "--data",
        type=Path,
        action="append",
        required=True,
        metavar="X.jsonl",
        help="labelled requests",
    )
    add("--out", type=Path, required=True, metavar="REPORT.json")
    add("--resamples", type=positive, default=RESAMPLES, help="bootstrap resamples (1000)")
    add("--no-pictures", action="store_true", help="no PNG files; matplotlib is not needed")
    add("--catalogue", type=Path, metavar="DIR", help="a city's folder of code lists")
    add("--settings", type=Path, metavar="TOML", help="a city's settings (thresholds, steps)")
    add("--json", action="store_true", help="print the report too")


def positive(text: str) -> int:
    """Read a positive whole number from the command line."""
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def run(args: argparse.Namespace) -> int:
    """Measure and write; always 0, for a weak model is not a failed measurement."""
    if args.out.suffix != ".json":
        raise UnusableFile(f"--out {args.out} 应以 .json 结尾：Markdown 和图片会写在它旁边")
    if not args.no_pictures:
        require_pictures()
    manifest = read_manifest(args.model)
    examples = read_examples(args.data)
    answers = ask_with_bar(args.model, examples, args)
    report = build_report(
        answers,
        examples,
        trained_on=str(manifest.get("data_sha256")),
        resamples=args.resamples,
    )
    _write(report, answers, args)
    if args.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _print_summary(report, args.out)
    return 0


def ask_with_bar(folder: Path, examples: list[Example], args: argparse.Namespace) -> Answers:
    """Ask the model of a folder, with a progress bar."""
    with tqdm(
        total=len(examples), unit="条", desc=folder.name, disable=None, file=sys.stderr
    ) as bar:
        return ask(
            folder,
            examples,
            catalogue_dir=args.catalogue,
            settings_file=args.settings,
            on_rows=bar.update,
        )


def _write(report: Mapping[str, Json], answers: Answers, args: argparse.Namespace) -> None:
    pictures: dict[str, Path] = {}
    page = args.out.with_suffix(".md")
    try:
        if not args.no_pictures:
            pictures = draw(answers.decisions, args.out.with_name(f"{args.out.stem}-pictures"))
        paths = {
            caption: Path(os.path.relpath(path, page.parent)).as_posix()
            for caption, path in pictures.items()
        }
        for path, text in (
            (page, to_markdown(report, paths)),
            (args.out, json.dumps(report, ensure_ascii=False, indent=1) + "\n"),
        ):
            with atomic_write(path) as file:
                file.write(text.encode())
    except OSError as error:
        raise UnusableFile(f"无法写入 {args.out}：{error.strerror}；请换一个位置") from error


def _print_summary(report: Mapping[str, Json], out: Path) -> None:
    decisions = cast(Mapping[str, Mapping[str, Json]], report["decisions"])
    for name, figures in decisions.items():
        metric = "accuracy" if "micro_f1" not in figures else "micro_f1"
        ends = cast(Mapping[str, list[Json]], figures["interval"])[metric]
        print(
            f"{NAMES.get(name, name)}（{name}）：{metric} {figures[metric]} "
            f"[{ends[0]}, {ends[1]}]，macro_f1 {figures['macro_f1']}，"
            f"ece {figures['ece']}，{figures['n']} 条"
        )
    if report["is_training_data"]:
        print("注意：这就是训练数据，上面的数字不能说明模型的好坏", file=sys.stderr)
    print(f"报告已写入 {out} 和 {out.with_suffix('.md').name}", file=sys.stderr)
