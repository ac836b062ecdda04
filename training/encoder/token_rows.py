"""Texts end to end in rows of one width: what masked-language pre-training reads.

Texts are cut into tokens once; each round over them shuffles the texts, not the tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from triage.errors import UnusableFile

_SLICE = 4_096

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TokenRows:
    """All texts as one run of token ids, each closed by [SEP]; text i ends before `ends[i]`."""

    ids: NDArray[np.int32]
    ends: NDArray[np.int64]
    first: int

    @classmethod
    def of(cls, texts: Sequence[str], tokenizer: Tokenizer, special: dict[str, int]) -> TokenRows:
        """Cut texts into tokens, whole texts.

        Raises
        ------
        UnusableFile
            There is no text.
        """
        tokenizer.no_truncation()
        tokenizer.no_padding()
        parts: list[NDArray[np.int32]] = [np.zeros(0, np.int32)]
        lengths: list[int] = []
        for start in range(0, len(texts), _SLICE):
            flat: list[int] = []
            chosen = list(texts[start : start + _SLICE])
            for encoded in tokenizer.encode_batch_fast(chosen, add_special_tokens=False):
                flat += [*encoded.ids, special["[SEP]"]]
                lengths.append(len(encoded.ids) + 1)
            parts.append(np.array(flat, np.int32))
        if not lengths:
            raise UnusableFile("没有可以预训练的文本：请给出更多文本")
        return cls(np.concatenate(parts), np.cumsum(lengths), special["[CLS]"])

    def batches(self, width: int, batch: int, rng: np.random.Generator) -> Iterator[Ids]:
        """Yield int64 (batch, width) for ever: shuffled texts end to end, each row with [CLS]."""
        room = batch * (width - 1)
        waiting: list[NDArray[np.int32]] = []
        held = 0
        while True:
            for text in rng.permutation(len(self.ends)):
                start = self.ends[text - 1] if text else 0
                waiting.append(self.ids[start : self.ends[text]])
                held += len(waiting[-1])
                while held >= room:
                    run = np.concatenate(waiting)
                    body = run[:room].reshape(batch, width - 1).astype(np.int64)
                    waiting, held = [run[room:]], held - room
                    yield np.insert(body, 0, self.first, axis=1)
