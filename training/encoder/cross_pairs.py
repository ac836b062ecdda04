"""Pairs of texts as token ids: sides cut to one length, pairs of like length batched together.

In what order the two sides are scored is the runtime's word (`side_by_side`); while learning either
may come first. What is asked of a pair is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.encoder.batches import shuffled_alike
from training.encoder.tokenizer import special_ids
from triage.same_event.cross_encoder import side_by_side

Ids: TypeAlias = list[int]
Features: TypeAlias = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""Token ids, token types, attention mask, as the network takes them; int64 (n, width)."""


@dataclass(frozen=True, slots=True)
class TokenPairs:
    """Both sides of each pair, without special tokens, and the ids of [CLS], [SEP] and [PAD]."""

    sides: Sequence[tuple[Ids, Ids]]
    cls: int
    sep: int
    pad: int

    @classmethod
    def of(
        cls, pairs: Sequence[tuple[str, str]], tokenizer: Tokenizer, side_tokens: int
    ) -> TokenPairs:
        """Tokenise pairs; a text is cut once, however many pairs it stands in."""
        texts = list(dict.fromkeys(chain.from_iterable(pairs)))
        encoded = tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        ids = {text: each.ids[:side_tokens] for text, each in zip(texts, encoded, strict=True)}
        special = special_ids(tokenizer)
        ends = (special[name] for name in ("[CLS]", "[SEP]", "[PAD]"))
        return cls([(ids[one], ids[other]) for one, other in pairs], *ends)

    def canonical(self, rows: Sequence[int]) -> Features:
        """Return the batch of some pairs in the order in which they are scored."""
        return self._padded([side_by_side(*self.sides[row], self.cls, self.sep) for row in rows])

    def either_way(self, rows: Sequence[int], rng: np.random.Generator) -> Features:
        """Return the batch of some pairs, either side first, by chance."""
        laid = []
        for row, turned in zip(rows, rng.random(len(rows)) < 0.5, strict=True):
            first, second = self.sides[row][::-1] if turned else self.sides[row]
            ids = [self.cls, *first, self.sep, *second, self.sep]
            laid.append((ids, [0] * (len(first) + 2) + [1] * (len(second) + 1)))
        return self._padded(laid)

    def shuffled(self, size: int, rng: np.random.Generator) -> Iterator[list[int]]:
        """Yield all rows once, in batches of `size` of like length, in random order."""
        return shuffled_alike(np.arange(len(self.sides)), self._lengths(), size, rng)

    def longest_first(self, size: int) -> Iterator[list[int]]:
        """Yield all rows once, in batches of like length: what needs most memory comes first."""
        order = np.argsort(-self._lengths(), kind="stable")
        for start in range(0, len(order), size):
            yield order[start : start + size].tolist()

    def _lengths(self) -> NDArray[np.int64]:
        return np.array([len(one) + len(other) for one, other in self.sides], np.int64)

    def _padded(self, laid: Sequence[tuple[Ids, Ids]]) -> Features:
        width = max(len(ids) for ids, _ in laid)
        ids = torch.full((len(laid), width), self.pad)
        types, mask = torch.zeros_like(ids), torch.zeros_like(ids)
        for row, (of_row, types_of_row) in enumerate(laid):
            ids[row, : len(of_row)] = torch.tensor(of_row)
            types[row, : len(of_row)] = torch.tensor(types_of_row)
            mask[row, : len(of_row)] = 1
        return ids, types, mask
