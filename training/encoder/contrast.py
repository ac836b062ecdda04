"""Contrastive tuning: what belongs together comes closer than the rest of the batch.

Pairs are title ↔ text of one request (needs no labels) and two requests of one topic; those of one
event bring hard negatives (`training.encoder.hard_negatives`). The loss is sentence-transformers'
multiple negatives ranking (Henderson et al. 2017): all others of a batch are negatives, so a batch
holds no topic twice when pairs come from topics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

from evaluation.truth import Example
from training.encoder.batches import Tokenised
from training.encoder.descent import Pace, descend

Tuple = tuple[int, ...]
"""Rows of an anchor, of what belongs to it and, if any, of hard negatives."""
Batches = Callable[[np.random.Generator], Iterator[list[Tuple]]]


def contrast(
    model: SentenceTransformer,
    tokens: Tokenised,
    batches: Batches,
    pace: Pace,
    *,
    seed: int,
    on_step: Callable[[float], object] = lambda loss: None,
) -> None:
    """Tune `model` in place; an epoch of `batches` has tuples of rows, of one length a batch."""
    torch.manual_seed(seed)
    device = str(model.device)
    loss = MultipleNegativesRankingLoss(model)
    model.train()

    def losses() -> Iterator[Callable[[], torch.Tensor]]:
        rng = np.random.default_rng(seed)
        while True:
            for tuples in batches(rng):
                sides = [tokens.features(side, device) for side in zip(*tuples, strict=True)]
                yield partial(loss, sides, None)

    descend([(model.parameters(), 1.0)], losses(), pace, device=model.device.type, on_step=on_step)
    model.eval()


def title_batches(titled: NDArray[np.int64], offset: int, size: int) -> Batches:
    """Pair row i (a title) with row `offset` + i (its text), `size` pairs a batch."""

    def epoch(rng: np.random.Generator) -> Iterator[list[Tuple]]:
        order = rng.permutation(titled)
        for start in range(0, len(order) - size + 1, size):
            yield [(int(row), offset + int(row)) for row in order[start : start + size]]

    return epoch


def label_batches(examples: Sequence[Example], rows: NDArray[np.int64], size: int) -> Batches:
    """Pair requests of one topic; a batch holds each topic once at most."""
    by_topic: dict[str, list[int]] = {}
    for row in rows.tolist():
        topic = examples[row].topic
        if topic is not None:
            by_topic.setdefault(topic, []).append(row)
    paired = [members for members in by_topic.values() if len(members) >= 2]

    def epoch(rng: np.random.Generator) -> Iterator[list[Tuple]]:
        total = sum(map(len, paired))
        share = np.array([len(members) for members in paired]) / max(1, total)
        width = min(size, len(paired))
        if width < 2:  # a pair alone has nothing to be told from
            return
        for _ in range(total // (2 * width)):
            drawn = rng.choice(len(paired), width, replace=False, p=share)
            yield [_two(paired[index], rng) for index in drawn]

    return epoch


def _two(members: Sequence[int], rng: np.random.Generator) -> Tuple:
    first, second = rng.choice(len(members), 2, replace=False)
    return members[first], members[second]
