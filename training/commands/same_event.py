"""训练同一事件模型：统计、内置编码器、成对判断 (fit the same-event model).

Reads the developers' folder of data; texts stay there, the model holds hashes and numbers. With
--held-out it also writes what decisions that had not seen them say of the judged pairs, for
`triage measure-same-event`. --letters adds judged pairs that are fitted on. With --cross the model
carries an exported cross-encoder that reads doubtful pairs; with --encoder an exported
transformer's cosines stand beside those of the built-in encoder. With --publish it becomes the
current version of MODELS/same_event if the gate finds it no worse than the one in use; a refusal
says why.

  triage train-same-event --shared ../shared/data --out runs/same_event --held-out runs/pairs.json
  triage train-same-event --letters datasets/judged_pairs/letters.csv --cross runs/enc/cross-onnx
       --out runs/same_event --publish
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from evaluation.held_out_pairs import keyed_pairs, write_held_out_pairs
from evaluation.judged_pairs import SAME_EVENT, Pair
from evaluation.same_event_data import PAIRS, POOL, read_pairs, read_pool
from training.encoder.cross_logits import CROSS_LOGITS, read_cross_logits
from training.event_vectors import HonestEncoders
from training.same_event.encoder_fit import fit_encoder
from training.same_event.export import export
from training.same_event.fit import FOLDS, HeldOut, fit_decision, held_out
from training.same_event.letters import read_letters
from training.same_event.numbers import log_odds_of, numbers_of
from training.same_event.publishing import judge_candidate, publish
from training.same_event.statistics_fit import fit_rarity
from training.same_event.swaps import swapped_pairs
from training.same_event.texts import read_statistics
from training.same_event.topics import topics_of
from triage.catalogue import Catalogue
from triage.errors import UnusableFile
from triage.files import atomic_write, sha256
from triage.request import Json
from triage.same_event.cross_encoder import CrossEncoder
from triage.same_event.model import FOLDER
from triage.same_event.pair_features import Preparer
from triage.same_event.statistics import Rarity
from triage.text.elements import ElementExtractor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add = parser.add_argument
    add("--shared", type=Path, default=Path("../shared/data"), metavar="DIR")
    add("--out", type=Path, required=True, metavar="DIR", help="新的模型目录")
    add("--held-out", type=Path, metavar="P.json", help="折外概率，供 measure-same-event")
    add(
        "--letters",
        type=Path,
        metavar="P.csv",
        help="另外判定的对，如 datasets/judged_pairs/letters.csv",
    )
    add("--cross", type=Path, metavar="DIR", help="encoder cross-export 写出的目录")
    add("--encoder", type=Path, metavar="DIR", help="encoder export 写出的目录，与内置编码器并用")
    add("--models-dir", type=Path, default=Path("models"), metavar="DIR")
    add("--publish", action="store_true", help="训练后过门禁，设为当前版本")
    add("--against", type=Path, metavar="P.json", help="现用模型的折外概率，它自己没有带时用")


def run(args: argparse.Namespace) -> int:
    """Fit, write the folder, and publish it where asked to.

    Raises
    ------
    GateRefusal
        It was to be published and did not pass; the folder is there, nothing else was changed.
    """
    second = HonestEncoders.load(args.encoder) if args.encoder is not None else None
    pairs = read_pairs(args.shared)
    letters, entries = read_letters(args.shared, args.letters) if args.letters else ([], {})
    pool = read_pool(args.shared, {})
    texts = read_statistics(args.shared, pool)
    pool = read_pool(args.shared, topics_of(pool, texts))
    pool |= entries
    fitted = [*pairs, *letters]
    encoder, rarity = fit_encoder(texts), fit_rarity(texts)
    extractor = ElementExtractor(Catalogue.load().place_names())
    made = swapped_pairs(fitted, pool, texts, Rarity(rarity))
    preparer = Preparer(Rarity(rarity), encoder, extractor)
    read = None
    if args.cross is not None:
        cross = CrossEncoder.load(args.cross)
        if not (args.cross / CROSS_LOGITS).is_file():
            raise UnusableFile(
                f"{args.cross} 没有 {CROSS_LOGITS}，不知道它学过哪些判定："
                "应为 triage encoder cross-export 写出的目录"
            )
        read = log_odds_of(fitted, pool, cross, read_cross_logits(args.cross))
    judged = numbers_of(fitted, pool, made, preparer, second, read)
    with tqdm(total=FOLDS, desc="folds", disable=None, file=sys.stderr) as bar:
        unseen = held_out(judged, on_fold=bar.update)
    if args.held_out is not None:
        _write_held_out(args.held_out, pairs, unseen)
    keyed = [(pair.component, pair.query, pair.candidate) for pair in pairs]
    is_same = np.array([pair.label == SAME_EVENT for pair in pairs])
    probability = unseen.same[: len(pairs)]  # the gate compares on pairs that every model knows
    data: dict[str, Json] = {
        "pairs": len(pairs),
        "letters": len(letters),
        "made_pairs": len(made),
        "texts": len(texts),
        "data_sha256": {
            **{name: sha256(args.shared / name) for name in (PAIRS, POOL)},
            **({args.letters.name: sha256(args.letters)} if args.letters else {}),
        },
    }
    version = export(
        args.out, fit_decision(judged), encoder, rarity,
        data=data, second=args.encoder, cross=args.cross,
        held_out=lambda path: write_held_out_pairs(path, keyed, is_same, probability),
    )  # fmt: skip
    print(f"{version} → {args.out}", file=sys.stderr)
    if args.publish:
        registry = args.models_dir / FOLDER
        candidate = keyed_pairs(keyed, is_same, probability)
        verdict = judge_candidate(candidate, registry, args.against)
        for check in verdict.checks:
            print(f"{check.metric} {check.value:.4f}，现用 {check.current:.4f}", file=sys.stderr)
        for note in verdict.notes:
            print(note, file=sys.stderr)
        publish(args.out, version, verdict, registry)
    return 0


def _write_held_out(path: Path, pairs: list[Pair], unseen: HeldOut) -> None:
    """Write ids, labels, folds and probabilities, no text."""
    rows: list[Json] = [
        {
            "query": pair.query,
            "candidate": pair.candidate,
            "label": pair.label,
            "component": pair.component,
            "fold": int(unseen.fold[row]),
            "same": round(float(unseen.same[row]), 6),
            "fast": round(float(unseen.fast[row]), 6),
            "related": round(float(unseen.related[row]), 6),
            "merge_from": round(float(unseen.merge_from[row]), 6),
        }
        for row, pair in enumerate(pairs)
    ]
    with atomic_write(path) as file:
        file.write(json.dumps(rows, indent=0).encode() + b"\n")
