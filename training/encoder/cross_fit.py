"""Teach a cross-encoder pairs, and ask it about pairs.

The loss is cross-entropy of two yes-or-no questions, which may be answered by degrees. Where pairs
come from is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import nn

from training.encoder.cross_encoder import ANSWERS, CrossNetwork
from training.encoder.cross_pairs import TokenPairs
from training.encoder.descent import Pace, descend, device_of_choice
from triage.model.calibration import Array

SCORED_TOGETHER = 64
"""Pairs a batch where nothing is learned."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Pairs and what is true of them.

    `targets` float32 (n, 2) in [0, 1]: one event, at least related; `weights` float32 (2,): how
    much each of the two questions counts.
    """

    pairs: TokenPairs
    targets: Array
    weights: Array


def fit_cross(
    network: CrossNetwork,
    lesson: Lesson,
    pace: Pace,
    *,
    batch: int,
    seed: int,
    on_step: Callable[[float], object] = lambda loss: None,
) -> None:
    """Teach the network in place, each pair either way round; leaves it on the device it used."""
    torch.manual_seed(seed)
    device = device_of_choice()
    network.train().to(device)
    targets, weights = (torch.from_numpy(each) for each in (lesson.targets, lesson.weights))

    def losses() -> Iterator[Callable[[], torch.Tensor]]:
        rng = np.random.default_rng(seed)
        while True:
            for rows in lesson.pairs.shuffled(batch, rng):
                features = lesson.pairs.either_way(rows, rng)
                told = [each.to(device) for each in (*features, targets[rows], weights)]
                yield partial(_loss, network, *told)

    descend([(network.parameters(), 1.0)], losses(), pace, device=device, on_step=on_step)
    network.eval()


def score_pairs(network: CrossNetwork, pairs: TokenPairs) -> Array:
    """Return the log-odds of each pair in its canonical order, float32 (n, 2)."""
    device = device_of_choice()
    network.eval().to(device)
    found = np.zeros((len(pairs.sides), ANSWERS), np.float32)
    with torch.no_grad():
        for rows in pairs.longest_first(SCORED_TOGETHER):
            features = [each.to(device) for each in pairs.canonical(rows)]
            found[rows] = network(*features).float().cpu().numpy()
    return found


def _loss(
    network: CrossNetwork,
    ids: torch.Tensor,
    types: torch.Tensor,
    mask: torch.Tensor,
    targets: torch.Tensor,
    weights: torch.Tensor,
) -> torch.Tensor:
    said = network(ids, types, mask).float()
    each = nn.functional.binary_cross_entropy_with_logits(said, targets, reduction="none")
    return (each * weights).sum() / (weights.sum() * len(targets))
