"""编码器：导入、预训练、调优、导出为 ONNX (import, pre-train, tune and export a text encoder).

An encoder is a block of features beside the hashed n-grams, for a city with labels, hours of a CPU
or a GPU, and a checkpoint of its own; the shipped model has none. Needs the extra `tune`:

  pip install 'citizen-triage[tune]'
  triage encoder import --model /data/bge-small-zh --licence MIT --out runs/enc/base
  triage encoder tune --model runs/enc/base --data runs/data.jsonl --folds 5 --out runs/enc/tuned
  triage encoder export --model runs/enc/tuned --trim runs/data.jsonl --out runs/enc/onnx
  triage train --data runs/data.jsonl --encoder runs/enc/onnx --out runs/city

For the same-event decision, on judged pairs (query_id, candidate_id, label 0 / 1 / 2, component):

  triage encoder tune --model runs/enc/base --data runs/data.jsonl --pairs runs/pairs.csv
       --contrast same-event --contrast-epochs 10 --out runs/enc/events

A cross-encoder reads two requests side by side, better and a thousand times slower:

  triage encoder cross --model runs/enc/base --data runs/data.jsonl --pairs runs/pairs.csv --views
       --out runs/enc/cross
  triage encoder cross-export --model runs/enc/cross --out runs/enc/cross-onnx

Without a checkpoint, from scratch:

  triage encoder pretrain --texts a.txt.xz --texts b.jsonl --out runs/enc/base

Nothing here speaks to the network, except `import --hub NAME`.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from evaluation.truth import read_examples
from training.commands.encoder_cross import add_cross, add_cross_export
from training.commands.encoder_options import add_common, add_pace
from training.commands.stage_bar import StageBar
from triage.errors import MissingExtraError, UnusableFile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their options."""
    actions = parser.add_subparsers(required=True)
    _add_import(actions.add_parser("import", help="导入本地检查点（或加 --hub 下载）"))
    _add_pretrain(actions.add_parser("pretrain", help="没有检查点时，用自有文本从头预训练"))
    _add_tune(actions.add_parser("tune", help="用本市数据调优：对比、监督，逐折交叉拟合"))
    _add_export(actions.add_parser("export", help="导出为 ONNX（fp32 与 int8）"))
    add_cross(actions.add_parser("cross", help="交叉编码器：并排读两条诉求，逐折交叉拟合"))
    add_cross_export(actions.add_parser("cross-export", help="交叉编码器导出为 ONNX（int8）"))


def run(args: argparse.Namespace) -> int:
    """Run the chosen action; returns the exit code.

    Raises
    ------
    MissingExtraError
        torch or another library of the extra `tune` is not installed.
    """
    if not getattr(args, "hub", False):
        os.environ["HF_HUB_OFFLINE"] = "1"  # read when huggingface_hub is first imported
    try:
        answer = args.action(args)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in {"triage", "training", "evaluation"}:
            raise
        raise MissingExtraError(
            f"triage encoder 需要额外的依赖（缺少 {error.name}）："
            "pip install 'citizen-triage[tune]'"
        ) from error
    print(json.dumps(answer, ensure_ascii=False, indent=None if args.json else 1))
    return 0


def _add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", required=True, help="local folder; with --hub, a name")
    parser.add_argument("--hub", action="store_true", help="fetch the name from Hugging Face")
    parser.add_argument("--licence", help="licence of the checkpoint, where its card has none")
    parser.add_argument("--prefix", default="", help='before every text; E5 wants "query: "')
    parser.add_argument("--max-tokens", type=int, default=160)
    parser.add_argument("--layers", type=int, help="keep only the first layers")
    _add_trim(parser)
    add_common(parser, _import)


def _add_pretrain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--texts", type=Path, action="append", required=True, metavar="FILE")
    parser.add_argument("--tokenizer", type=Path, help="tokenizer.json (BERT's); fitted if none")
    parser.add_argument("--vocabulary", type=int, default=8_000, help="tokens, where fitted")
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--max-tokens", type=int, default=128)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--licence", default="own texts")
    parser.add_argument("--tokens", type=int, help="with --tokenizer: the most frequent ones only")
    parser.add_argument("--start", type=Path, metavar="DIR", help="checkpoint to go on from")
    parser.add_argument("--compile", action="store_true", help="compile the network first (GPU)")
    add_pace(parser, batch=32, rate=3e-4)
    add_common(parser, _pretrain)


def _add_tune(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, required=True, help="checkpoint folder")
    parser.add_argument("--data", type=Path, action="append", required=True, metavar="X.jsonl")
    parser.add_argument("--contrast", choices=("title", "label", "same-event"), action="append",
                        default=[])  # fmt: skip
    parser.add_argument("--contrast-epochs", type=int, default=1)
    parser.add_argument("--pairs", type=Path, metavar="CSV",
                        help="with same-event: query_id,candidate_id,label,component")  # fmt: skip
    parser.add_argument("--negatives", type=int, default=4, help="with same-event: hard negatives")
    parser.add_argument("--epochs", type=int, help="of supervised tuning; 0 for none (3)")
    parser.add_argument("--folds", type=int, default=5, help="cross-fitted copies; 0 for none")
    add_pace(parser, batch=32, rate=5e-5)
    add_common(parser, _tune)


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, required=True, help="checkpoint folder")
    parser.add_argument("--precision", choices=("int8", "fp32"), default="int8")
    _add_trim(parser)
    add_common(parser, _export)


def _add_trim(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--trim", type=Path, action="append", default=[], metavar="FILE",
                        help="keep only tokens of these texts (.txt, .txt.xz, .jsonl)")  # fmt: skip
    parser.add_argument("--tokens", type=int, help="with --trim: the most frequent ones only")


def _import(args: argparse.Namespace) -> dict[str, object]:
    from training.encoder.checkpoint import Origin
    from training.encoder.sources import bring_in, find_licence, find_source

    source = find_source(args.model, hub=args.hub)
    licence = find_licence(source, args.licence)
    origin = Origin(Path(args.model).name if not args.hub else args.model, licence, args.prefix,
                    args.max_tokens)  # fmt: skip
    tokens = bring_in(
        source, args.out, origin, layers=args.layers, trim_texts=args.trim, at_most=args.tokens
    )
    return {"out": str(args.out), "licence": licence, "tokens": tokens}


def _pretrain(args: argparse.Namespace) -> dict[str, object]:
    from training.encoder.descent import Pace
    from training.encoder.pretrain import Shape, pretrain
    from training.encoder.texts import read_texts
    from training.encoder.tokenizer import fit_tokenizer, read_tokenizer
    from training.encoder.trim import trim_tokenizer

    texts = list(read_texts(args.texts))
    tokenizer = (
        read_tokenizer(args.tokenizer) if args.tokenizer else fit_tokenizer(texts, args.vocabulary)
    )
    if args.tokens:
        tokenizer = trim_tokenizer(tokenizer, texts, at_most=args.tokens)
    with StageBar() as bar:
        origin = pretrain(
            texts, tokenizer, args.out,
            Shape(args.layers, args.width, args.heads, args.max_tokens),
            Pace(args.steps, args.rate, args.minutes, args.bf16),
            batch=args.batch, seed=args.seed, licence=args.licence, start=args.start,
            compiled=args.compile, on_step=lambda loss: bar.told("预训练", loss),
        )  # fmt: skip
    told = bar.summary()["预训练"]
    speed = round(told["steps"] * args.batch * args.max_tokens / max(told["seconds"], 1e-3))
    return {
        "out": str(args.out),
        "history": list(origin.history),
        "tokens": tokenizer.get_vocab_size(),
        "loss": told,
        "tokens_per_second": speed,
    }


def _tune(args: argparse.Namespace) -> dict[str, object]:
    from training.encoder.tune import Plan, tune
    from training.encoder.tune_events import tune_events

    if args.folds == 1:
        raise UnusableFile("--folds 1 不能交叉拟合：应为 0 或至少 2")
    events = _is_of_events(args)
    epochs = args.epochs if args.epochs is not None else 0 if events else 3
    plan = Plan(
        tuple(dict.fromkeys(args.contrast)), args.contrast_epochs, epochs, args.folds,
        args.batch, args.rate, args.seed, args.minutes, args.bf16, args.negatives,
    )  # fmt: skip
    examples = read_examples(args.data)
    with StageBar() as bar:
        if events:
            told = bar.told
            origin = tune_events(args.model, examples, args.pairs, args.out, plan, on_step=told)
        else:
            origin = tune(args.model, examples, args.out, plan, on_step=bar.told)
    return {"out": str(args.out), "history": list(origin.history), "loss": bar.summary()}


def _is_of_events(args: argparse.Namespace) -> bool:
    """Say whether judged pairs are learned; they are learned alone."""
    if "same-event" not in args.contrast:
        if args.pairs is not None:
            raise UnusableFile("--pairs 只用于 --contrast same-event：请加上它，或去掉 --pairs")
        return False
    if args.pairs is None:
        raise UnusableFile("--contrast same-event 需要 --pairs：判定过的对（CSV）")
    if args.contrast != ["same-event"] or args.epochs:
        raise UnusableFile(
            "--contrast same-event 单独调优：标题对比请先另做一步（--contrast title --epochs 0），"
            "主题等标签的监督调优会另用一个编码器"
        )
    if args.negatives < 0 or args.contrast_epochs < 1:
        raise UnusableFile("--negatives 应不小于 0，--contrast-epochs 应不小于 1")
    return True


def _export(args: argparse.Namespace) -> dict[str, object]:
    from dataclasses import asdict

    from training.encoder.onnx import export_encoder

    parity, tokens = export_encoder(
        args.model, args.out, int8=args.precision == "int8", trim_texts=args.trim,
        at_most=args.tokens,
    )  # fmt: skip
    return {"out": str(args.out), "tokens": tokens, **asdict(parity)}
