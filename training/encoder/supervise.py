"""Supervised tuning: all layers learn topic, lead unit, request type and urgency jointly.

One linear head a decision on the pooled vector, mean cross-entropy. Afterwards the heads stay as
the encoder's last layer, so that its vector is its opinion: centred scores of every label. That is
also what makes cross-fitting sound: copies tuned on other folds speak of the same labels in the
same places, while their inner dimensions have nothing in common.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense, Normalize
from torch import nn

from training.encoder.batches import Features, Tokenised
from training.encoder.descent import Pace, descend
from training.encoder.targets import UNSAID, Target

HEAD_RATE = 20.0
"""Fresh heads learn faster than the body by this factor."""


def supervise(
    model: SentenceTransformer,
    tokens: Tokenised,
    targets: Sequence[Target],
    rows: NDArray[np.int64],
    pace: Pace,
    *,
    batch: int,
    seed: int,
    on_step: Callable[[float], object] = lambda loss: None,
) -> None:
    """Tune `model` in place on some rows, and end it with the heads.

    Parameters
    ----------
    rows : int64, which examples may be learned from
    """
    torch.manual_seed(seed)
    device = str(model.device)
    if isinstance(model[-1], Normalize):  # heads want the length too; it comes back at the end
        del model[-1]
    heads = nn.ModuleList(
        nn.Linear(_width(model), len(target.labels)).to(device) for target in targets
    )
    classes = torch.from_numpy(np.stack([target.classes for target in targets])).to(device)
    model.train()

    def losses() -> Iterator[Callable[[], torch.Tensor]]:
        rng = np.random.default_rng(seed)
        while True:
            for chosen in tokens.shuffled(rows, batch, rng):
                features = tokens.features(chosen, device)
                yield partial(_loss, model, heads, features, classes[:, chosen])

    descend(
        [(model.parameters(), 1.0), (heads.parameters(), HEAD_RATE)],
        losses(), pace, device=model.device.type, on_step=on_step,
    )  # fmt: skip
    model.eval()
    _end_with(model, heads)


def _width(model: SentenceTransformer) -> int:
    with torch.no_grad():
        ids = torch.ones((1, 2), dtype=torch.int64, device=model.device)
        found = model({"input_ids": ids, "attention_mask": ids})["sentence_embedding"]
    return int(found.shape[1])


def _loss(
    model: SentenceTransformer, heads: nn.ModuleList, features: Features, classes: torch.Tensor
) -> torch.Tensor:
    vectors = model(features)["sentence_embedding"]
    parts = [
        nn.functional.cross_entropy(head(vectors).float(), truth, ignore_index=UNSAID)
        for head, truth in zip(heads, classes, strict=True)
        if bool((truth != UNSAID).any())
    ]
    return torch.stack(parts).mean()


def _end_with(model: SentenceTransformer, heads: nn.ModuleList) -> None:
    """Append one layer of all heads, each centred over its labels, and unit length."""
    with torch.no_grad():
        weight = torch.cat([head.weight - head.weight.mean(dim=0) for head in heads]).cpu()
        bias = torch.cat([head.bias - head.bias.mean() for head in heads]).cpu()
    last = Dense(
        weight.shape[1], weight.shape[0],
        activation_function=None, init_weight=weight, init_bias=bias,
    )  # fmt: skip
    for module in (last, Normalize()):
        model.append(module.to(model.device))
