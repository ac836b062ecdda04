"""Masked-language pre-training from scratch, for those who have no checkpoint: BERT, small.

15 % of the tokens are asked for: 80 % of them masked, 10 % replaced, 10 % left (Devlin et al.
2019). Scores over the vocabulary are computed at the asked places only, a sixth of the cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer
from torch import nn
from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerFast

from training.encoder.checkpoint import Origin, hush, save
from training.encoder.descent import Pace, descend, device_of_choice
from training.encoder.tokenizer import SPECIAL, special_ids
from training.folders import new_folder
from triage.errors import UnusableFile

ASKED = 0.15
IGNORED = -100
_SLICE = 4_096

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shape:
    """The network: `layers` of `width`, `heads` attention heads, texts of `max_tokens`."""

    layers: int = 4
    width: int = 256
    heads: int = 4
    max_tokens: int = 128


def pretrain(
    texts: Sequence[str],
    tokenizer: Tokenizer,
    out: Path,
    shape: Shape,
    pace: Pace,
    *,
    batch: int,
    seed: int,
    licence: str,
    on_step: Callable[[float], object] = lambda loss: None,
) -> Origin:
    """Train on texts and write a checkpoint `out` with mean pooling; return its origin.

    Raises
    ------
    UnusableFile
        The texts do not fill one batch, or the tokenizer lacks BERT's special tokens.
    """
    hush()
    torch.manual_seed(seed)
    device = device_of_choice()
    special = special_ids(tokenizer)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    network = BertForMaskedLM(_config(shape, tokenizer, special["[PAD]"])).to(device)
    network.train()

    def losses() -> Iterator[Callable[[], torch.Tensor]]:
        rng = np.random.default_rng(seed)
        for rows in rows_of(texts, tokenizer, special, shape.max_tokens, batch, rng):
            masked = mask_tokens(rows, special, tokenizer.get_vocab_size(), rng)
            yield partial(_loss, network, *masked, device)

    steps = descend([(network.parameters(), 1.0)], losses(), pace, device=device, on_step=on_step)
    origin = Origin("pretrained", licence, "", shape.max_tokens).then(
        f"masked-language pre-training: {shape.layers} × {shape.width}, {len(texts)} texts, "
        f"{steps} steps of {batch} × {shape.max_tokens} tokens (seed {seed})"
    )
    with new_folder(out) as draft:
        save(_encoder(network.cpu().eval(), tokenizer, shape, draft), origin, draft, sources=None)
    return origin


def rows_of(
    texts: Sequence[str],
    tokenizer: Tokenizer,
    special: dict[str, int],
    width: int,
    batch: int,
    rng: np.random.Generator,
) -> Iterator[Ids]:
    """Yield int64 (batch, width) for ever: shuffled texts end to end, [CLS] first, [SEP] between.

    Raises
    ------
    UnusableFile
        One round over the texts does not fill a batch.
    """
    flat: list[int] = []
    room = width - 1
    while True:
        before = len(flat)
        order = rng.permutation(len(texts))
        filled = 0
        for start in range(0, len(order), _SLICE):
            chosen = [texts[row] for row in order[start : start + _SLICE]]
            for encoded in tokenizer.encode_batch(chosen, add_special_tokens=False):
                flat += [*encoded.ids, special["[SEP]"]]
            while len(flat) >= batch * room:
                body = np.array(flat[: batch * room], np.int64).reshape(batch, room)
                del flat[: batch * room]
                filled += 1
                yield np.insert(body, 0, special["[CLS]"], axis=1)
        if not filled and len(flat) == before:
            raise UnusableFile("没有可以预训练的文本：请给出更多文本")


def mask_tokens(
    rows: Ids, special: dict[str, int], vocabulary: int, rng: np.random.Generator
) -> tuple[Ids, Ids]:
    """Return what is shown and what is asked, int64 like `rows`; IGNORED where nothing is asked."""
    free = ~np.isin(rows, list(special.values()))
    asked = free & (rng.random(rows.shape) < ASKED)
    draw = rng.random(rows.shape)
    shown = np.where(asked & (draw < 0.8), special["[MASK]"], rows)
    shown = np.where(
        asked & (draw >= 0.8) & (draw < 0.9), rng.integers(0, vocabulary, rows.shape), shown
    )
    return shown, np.where(asked, rows, IGNORED)


def _loss(network: BertForMaskedLM, shown: Ids, asked: Ids, device: str) -> torch.Tensor:
    ids, truth = torch.from_numpy(shown).to(device), torch.from_numpy(asked).to(device)
    hidden = network.bert(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
    places = truth != IGNORED
    return nn.functional.cross_entropy(network.cls(hidden[places]).float(), truth[places])


def _config(shape: Shape, tokenizer: Tokenizer, pad: int) -> BertConfig:
    return BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=4 * shape.width,
        max_position_embeddings=shape.max_tokens,
        pad_token_id=pad,
    )


def _encoder(
    network: BertForMaskedLM, tokenizer: Tokenizer, shape: Shape, draft: Path
) -> SentenceTransformer:
    """Write the body as transformers does, and open it as sentence-transformers does."""
    names = dict(zip(("pad", "unk", "cls", "sep", "mask"), SPECIAL, strict=True))
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=shape.max_tokens,
        **{f"{role}_token": token for role, token in names.items()},
    )
    network.bert.save_pretrained(draft)
    wrapped.save_pretrained(draft)
    body = Transformer(str(draft))
    return SentenceTransformer(modules=[body, Pooling(shape.width, "mean")], device="cpu")
