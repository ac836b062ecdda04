"""Token ids in batches: texts of like length together, padded to the longest of their batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

POOL = 50
"""Batches that are sorted by length together: enough to save padding, few enough to stay mixed."""

Features = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Tokenised:
    """Texts as token ids, special tokens among them, cut to the model's length."""

    ids: tuple[tuple[int, ...], ...]
    pad: int

    @classmethod
    def of(cls, model: SentenceTransformer, texts: Sequence[str]) -> Tokenised:
        """Tokenise texts that bear their prefix."""
        tokenizer = model.tokenizer
        cut = tokenizer(list(texts), truncation=True, max_length=model.max_seq_length)
        return cls(tuple(map(tuple, cut["input_ids"])), int(tokenizer.pad_token_id or 0))

    def features(self, rows: Sequence[int], device: str) -> Features:
        """Return the padded batch of some rows, as sentence-transformers modules take it."""
        width = max(len(self.ids[row]) for row in rows)
        ids = torch.full((len(rows), width), self.pad)
        mask = torch.zeros((len(rows), width), dtype=torch.int64)
        for index, row in enumerate(rows):
            ids[index, : len(self.ids[row])] = torch.tensor(self.ids[row])
            mask[index, : len(self.ids[row])] = 1
        return {"input_ids": ids.to(device), "attention_mask": mask.to(device)}

    def shuffled(
        self, rows: NDArray[np.int64], size: int, rng: np.random.Generator
    ) -> Iterator[list[int]]:
        """Yield the rows once, in batches of `size` of like length, in random order."""
        lengths = np.array([len(ids) for ids in self.ids], np.int64)
        return shuffled_alike(rows, lengths, size, rng)


def shuffled_alike(
    rows: NDArray[np.int64], lengths: NDArray[np.int64], size: int, rng: np.random.Generator
) -> Iterator[list[int]]:
    """Yield the rows once, in batches of `size` of like length, in random order.

    `lengths` are those of all rows, those that are left out too.
    """
    order = rng.permutation(rows)
    batches = []
    for start in range(0, len(order), size * POOL):
        pool = order[start : start + size * POOL]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        batches += [pool[i : i + size].tolist() for i in range(0, len(pool), size)]
    for index in rng.permutation(len(batches)):
        yield batches[index]
