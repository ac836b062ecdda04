"""用标注数据训练模型 (train a model from labelled requests; needs no torch and no GPU).

Learns whichever of topic, topic2, request_type, urgency, lead_unit, support_units and flags the
data label, with any label set. Near-duplicates stay in one fold; probabilities are calibrated on
held-out folds, and the held-out figures go into the manifest.

  triage train --data datasets/sample/train.jsonl --out runs/sample
  triage train --data a.jsonl --data b.jsonl --recipe my.toml --split time --out runs/city
  triage train --data a.jsonl --search default --out runs/city     # choose the recipe first
  triage train --data a.jsonl --encoder runs/encoder --out runs/city
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from tqdm import tqdm

from evaluation.held_out_scores import write_scores
from evaluation.truth import fingerprint, read_examples
from training.card import write_card
from training.commands.searching import search_first
from training.crossfit import vectors_of
from training.export import check_target, export
from training.fit import fit
from training.held_out import held_out_metrics
from training.recipe import load_recipe
from training.search.space import load_space
from triage.errors import UnusableFile
from triage.model.artifact import read_manifest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--data", type=Path, action="append", required=True, metavar="X.jsonl")
    parser.add_argument("--recipe", default="default", help="name or path of a recipe (TOML)")
    parser.add_argument("--split", choices=("group", "time"), default="group")
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    parser.add_argument("--name", default="model", help="first part of the version")
    parser.add_argument("--notice", type=Path, help="text on the data's sources, put on the card")
    parser.add_argument(
        "--search", metavar="SPACE", help="default or a TOML file: choose the recipe out of fold"
    )
    parser.add_argument("--encoder", type=Path, help="folder of triage encoder export")
    parser.add_argument(
        "--held-out-scores", type=Path, metavar="NPZ", help="write the out-of-fold probabilities"
    )
    parser.add_argument("--json", action="store_true", help="print the manifest's metrics as JSON")


def run(args: argparse.Namespace) -> int:
    """Train, measure out of fold, write the model folder."""
    started = time.monotonic()
    check_target(args.out, args.name)
    recipe = load_recipe(args.recipe)
    notice = read_notice(args.notice) if args.notice else ""
    space = load_space(args.search, recipe) if args.search else None
    examples = read_examples(args.data)
    if space is not None:
        recipe = search_first(examples, recipe, space, out=args.out, how=args.split)
    vectors = None
    if args.encoder is not None:
        with tqdm(total=len(examples), disable=None, file=sys.stderr, desc="编码") as rows:
            vectors = vectors_of(args.encoder, examples, on_row=rows.update)
    steps = recipe.folds + (4 if vectors is None else 5)
    with tqdm(total=steps, disable=None, file=sys.stderr) as bar:

        def on_step(step: str) -> None:
            bar.set_description(step)
            bar.update()

        fitted = fit(examples, recipe, how=args.split, vectors=vectors, on_step=on_step)
    if args.held_out_scores is not None:
        scores = {p.head.name: (p.head.labels, fitted.held_out[p.head.name]) for p in fitted.heads}
        write_scores(args.held_out_scores, [example.id for example in examples], scores)
    metrics = held_out_metrics(examples, fitted)
    version = export(
        fitted,
        recipe,
        args.out,
        name=args.name,
        data_sha256=fingerprint(examples),
        split=args.split,
        metrics=metrics,
        encoder=args.encoder,
    )
    write_card(args.out, read_manifest(args.out), notice)
    if args.json:
        print(json.dumps({"version": version, "metrics": metrics}, ensure_ascii=False))
    else:
        seconds = time.monotonic() - started
        print(f"模型 {version} 已写入 {args.out}：{len(examples)} 条数据，用时 {seconds:.0f} 秒")
    return 0


def read_notice(path: Path) -> str:
    """Read the text on the data's sources.

    Raises
    ------
    UnusableFile
        It is missing or not UTF-8.
    """
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise UnusableFile(f"无法读取来源说明 {path}：应为 UTF-8 的文本文件") from error
