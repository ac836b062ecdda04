"""训练同一事件模型：统计、内置编码器、成对判断 (fit the same-event model).

Reads the developers' folder of data; texts stay there, the model holds hashes and numbers. With
--held-out it also writes what decisions that had not seen them say of the judged pairs, for
`triage measure-same-event`. With --publish it becomes the current version of MODELS/same_event.

  triage train-same-event --shared ../shared/data --out runs/same_event --held-out runs/pairs.json
"""

from __future__ import annotations

import argparse
import json
import sys
from functools import cache
from pathlib import Path

import numpy as np
from tqdm import tqdm

from evaluation.same_event_data import PAIRS, POOL, Pair, read_pairs, read_pool
from training.install import install
from training.same_event.encoder_fit import fit_encoder
from training.same_event.export import export
from training.same_event.fit import FOLDS, HeldOut, Judged, fit_decision, held_out
from training.same_event.statistics_fit import fit_rarity
from training.same_event.swaps import Swapped, swapped_pairs
from training.same_event.texts import read_statistics
from training.same_event.topics import topics_of
from triage.catalogue import Catalogue
from triage.files import atomic_write, sha256
from triage.model.registry import make_current
from triage.request import Json
from triage.same_event.entry import Entry
from triage.same_event.model import FOLDER
from triage.same_event.pair_features import NAMES, Preparer, pair_features
from triage.same_event.statistics import Rarity
from triage.text.elements import ElementExtractor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add = parser.add_argument
    add("--shared", type=Path, default=Path("../shared/data"), metavar="DIR")
    add("--out", type=Path, required=True, metavar="DIR", help="新的模型目录")
    add("--held-out", type=Path, metavar="P.json", help="折外概率，供 measure-same-event")
    add("--models-dir", type=Path, default=Path("models"), metavar="DIR")
    add("--publish", action="store_true", help="训练后设为当前版本")


def run(args: argparse.Namespace) -> int:
    """Fit, write the folder, and publish it where asked to."""
    pairs = read_pairs(args.shared)
    pool = read_pool(args.shared, {})
    texts = read_statistics(args.shared, pool)
    pool = read_pool(args.shared, topics_of(pool, texts))
    encoder, rarity = fit_encoder(texts), fit_rarity(texts)
    extractor = ElementExtractor(Catalogue.load().place_names())
    made = swapped_pairs(pairs, pool, texts, Rarity(rarity))
    judged = _judged(pairs, pool, made, Preparer(Rarity(rarity), encoder, extractor))
    if args.held_out is not None:
        with tqdm(total=FOLDS, desc="folds", disable=None, file=sys.stderr) as bar:
            unseen = held_out(judged, on_fold=bar.update)
        _write_held_out(args.held_out, pairs, unseen)
    data: dict[str, Json] = {
        "pairs": len(pairs),
        "made_pairs": len(made),
        "texts": len(texts),
        "data_sha256": {name: sha256(args.shared / name) for name in (PAIRS, POOL)},
    }
    version = export(args.out, fit_decision(judged), encoder, rarity, data=data)
    if args.publish:
        registry = args.models_dir / FOLDER
        make_current(registry, install(args.out, registry))
    print(f"{version} → {args.out}", file=sys.stderr)
    return 0


def _judged(
    pairs: list[Pair], pool: dict[str, Entry], made: list[Swapped], preparer: Preparer
) -> Judged:
    """Return the features of the judged pairs, then of those that were made, which are 0."""
    both = [(pool[pair.query], pool[pair.candidate]) for pair in pairs]
    both += [(one, copy) for one, copy, _ in made]
    prepare = cache(preparer.prepare)
    bar = tqdm(both, desc="pairs", disable=None, file=sys.stderr)
    rows = [pair_features(prepare(one), [prepare(other)]) for one, other in bar]
    every = Judged(
        np.concatenate(rows),
        np.array([*(pair.label for pair in pairs), *(0 for _ in made)]),
        np.array([*(pair.component for pair in pairs), *(component for *_, component in made)]),
        np.arange(len(both)) >= len(pairs),
    )
    # A copy in which no exchanged name is seen teaches only that likeness means nothing.
    told = [NAMES.index(name) for name in ("copied_but_exchanged", "copied_but_number")]
    seen = (every.features[:, told] > 0).any(axis=1)
    return every.at(np.flatnonzero(~every.is_made | seen))


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
            "related": round(float(unseen.related[row]), 6),
            "merge_from": round(float(unseen.merge_from[row]), 6),
        }
        for row, pair in enumerate(pairs)
    ]
    with atomic_write(path) as file:
        file.write(json.dumps(rows, indent=0).encode() + b"\n")
