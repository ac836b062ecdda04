"""The cross-encoder's two actions of `triage encoder`: teach one, and export it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from evaluation.truth import read_examples
from training.commands.encoder_options import add_common, add_pace
from training.commands.stage_bar import StageBar
from triage.errors import UnusableFile


def add_cross(parser: argparse.ArgumentParser) -> None:
    """Declare `triage encoder cross`."""
    parser.add_argument("--model", type=Path, required=True, help="checkpoint folder, BERT")
    parser.add_argument("--data", type=Path, action="append", required=True, metavar="X.jsonl")
    parser.add_argument("--pairs", type=Path, required=True, metavar="CSV",
                        help="query_id,candidate_id,label,component")  # fmt: skip
    parser.add_argument("--paraphrases", type=Path, action="append", default=[], metavar="FILE",
                        help="lines of text, text and score, with tabs between")  # fmt: skip
    parser.add_argument("--views", action="store_true",
                        help="learn requests from two sides, and beside neighbours")  # fmt: skip
    parser.add_argument("--view-epochs", type=int, default=2, help="of paraphrases and views")
    parser.add_argument("--epochs", type=int, default=4, help="of judged pairs")
    parser.add_argument("--folds", type=int, default=5, help="cross-fitted copies; 0 for none")
    parser.add_argument("--side-tokens", type=int, default=122, help="read of each request")
    add_pace(parser, batch=32, rate=6e-5)
    add_common(parser, _cross)


def add_cross_export(parser: argparse.ArgumentParser) -> None:
    """Declare `triage encoder cross-export`."""
    parser.add_argument("--model", type=Path, required=True, help="folder of encoder cross")
    add_common(parser, _cross_export)


def _cross(args: argparse.Namespace) -> dict[str, object]:
    from training.encoder.cross_tune import CrossPlan, tune_cross

    _check(args)
    plan = CrossPlan(
        epochs=args.epochs, view_epochs=args.view_epochs, folds=args.folds, batch=args.batch,
        rate=args.rate, side_tokens=args.side_tokens, views=args.views, seed=args.seed,
        minutes=args.minutes, bf16=args.bf16,
    )  # fmt: skip
    examples = read_examples(args.data)
    with StageBar() as bar:
        taught = tune_cross(
            args.model, examples, args.pairs, args.out, plan, paraphrases=args.paraphrases,
            on_step=bar.told,
        )  # fmt: skip
    history = list(taught.origin.history)
    return {"out": str(args.out), "history": history, "loss": bar.summary()}


def _check(args: argparse.Namespace) -> None:
    if args.folds < 0 or args.folds == 1:
        raise UnusableFile(f"--folds {args.folds} 不能交叉拟合：应为 0 或至少 2")
    if args.epochs < 1 or args.view_epochs < 1 or args.batch < 1:
        raise UnusableFile("--epochs、--view-epochs 与 --batch 应不小于 1")


def _cross_export(args: argparse.Namespace) -> dict[str, object]:
    from training.encoder.cross_onnx import export_cross

    return {"out": str(args.out), **asdict(export_cross(args.model, args.out))}
