"""Masked-language pre-training from scratch, for those who have no checkpoint: BERT, small.

Scores over the vocabulary are computed at the asked places only, a sixth of the cost. No dropout:
a small network sees each text a few times and learns less than it could, not too much.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer
from torch import nn
from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerFast

from training.encoder.checkpoint import (
    WEIGHTS,
    Origin,
    check_unlabelled,
    hush,
    read_origin,
    save,
)
from training.encoder.collapse import entropy, watched
from training.encoder.descent import Pace, descend, device_of_choice
from training.encoder.span_mask import IGNORED, mask_tokens
from training.encoder.token_rows import TokenRows
from training.encoder.tokenizer import SPECIAL, special_ids
from training.folders import new_folder
from triage.errors import UnusableFile


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
    start: Path | None = None,
    compiled: bool = False,
    on_step: Callable[[float], object] = lambda loss: None,
) -> Origin:
    """Train on texts and write a checkpoint `out` with mean pooling; return its origin.

    Parameters
    ----------
    start : checkpoint to go on from, of this shape and tokenizer; its scores over the vocabulary
        are not kept in a checkpoint and are learned anew
    compiled : compile the network first: a minute, and half as fast again on a GPU

    Raises
    ------
    UnusableFile
        There is no text, the tokenizer lacks BERT's special tokens, `start` has another shape or
        saw labels, or nothing is learned.
    """
    hush()
    torch.manual_seed(seed)
    device = device_of_choice()
    special = special_ids(tokenizer)
    rows = TokenRows.of(texts, tokenizer, special)
    network = BertForMaskedLM(_config(shape, tokenizer, special["[PAD]"])).to(device).eval()
    history = _go_on_from(start, network) if start else ()
    if compiled:
        network.bert.compile()
    dice = torch.Generator(device).manual_seed(seed)

    def losses() -> Iterator[Callable[[], torch.Tensor]]:
        for filled in rows.batches(shape.max_tokens, batch, np.random.default_rng(seed)):
            ids = torch.from_numpy(filled).to(device, non_blocking=True)
            masked = mask_tokens(ids, special, tokenizer.get_vocab_size(), dice)
            yield partial(_loss, network, *masked)

    watch = watched(on_step, entropy(rows.ids, special))
    steps = descend([(network.parameters(), 1.0)], losses(), pace, device=device, on_step=watch)
    origin = Origin("pretrained", licence, "", shape.max_tokens, history).then(
        f"masked-language pre-training: {shape.layers} × {shape.width}, {len(texts)} texts, "
        f"{steps} steps of {batch} × {shape.max_tokens} tokens (seed {seed})"
    )
    with new_folder(out) as draft:
        save(_encoder(network.cpu().eval(), tokenizer, shape, draft), origin, draft, sources=None)
    return origin


def _go_on_from(start: Path, network: BertForMaskedLM) -> tuple[str, ...]:
    """Put a checkpoint's weights into the network; return its history."""
    check_unlabelled(start)
    history = read_origin(start).history
    try:
        weights = load_file(start / WEIGHTS)  # the pooler is chance: nothing uses it
        network.bert.load_state_dict(
            {name: value for name, value in weights.items() if not name.startswith("pooler.")}
        )
    except (OSError, RuntimeError, SafetensorError) as error:
        raise UnusableFile(
            f"{start} 的形状或词表与本次不同，或无法读取（{type(error).__name__}）："
            "请给出与它相同的 --layers、--width、--heads、--max-tokens 与 --tokenizer"
        ) from error
    return history


def _loss(network: BertForMaskedLM, shown: torch.Tensor, asked: torch.Tensor) -> torch.Tensor:
    hidden = network.bert(input_ids=shown).last_hidden_state  # no padding, so no attention mask
    places = asked != IGNORED
    return nn.functional.cross_entropy(network.cls(hidden[places]).float(), asked[places])


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
