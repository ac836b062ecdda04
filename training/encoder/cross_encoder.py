"""The network that reads two requests side by side, and its folder on disk.

A BERT body without pooler over `[CLS] one [SEP] other [SEP]`; a small head over the first place and
the mean says two log-odds: one event, at least related (cross-encoders: Nogueira & Cho 2019). What
it is taught, and by what, is not known here.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import nn
from transformers import BertConfig, BertModel

from training.encoder.checkpoint import (
    WEIGHTS,
    Origin,
    check_unlabelled,
    hush,
    legal_files,
    read_origin,
    write_origin,
)
from training.encoder.cross_logits import CROSS_LOGITS
from training.encoder.tokenizer import read_tokenizer, special_ids
from triage.errors import UnusableFile
from triage.model.encoder import TOKENIZER

CONFIG = "config.json"
KIND = "bert_cross_encoder"
"""In `config.json`, so that nothing opens the folder as a plain BERT of random weights."""
DROPOUT = 0.1
ANSWERS = 2
"""Log-odds of one event, and of at least related."""
SPECIAL_PLACES = 3
"""[CLS] and two [SEP] beside the tokens of two sides."""
_HEAD = "head.3.weight"


class CrossNetwork(nn.Module):  # type: ignore[misc]  # torch is untyped here: an optional extra
    """Token ids and types of pairs in, log-odds (n, 2) out."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.body = BertModel(config, add_pooling_layer=False)
        self.head = nn.Sequential(
            nn.Dropout(DROPOUT), nn.Linear(2 * width, width), nn.Tanh(), nn.Linear(width, ANSWERS)
        )

    def forward(
        self, input_ids: torch.Tensor, token_type_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> torch.Tensor:
        """Return log-odds, float32 (n, 2), of int64 (n, width) each."""
        hidden = self.body(
            input_ids=input_ids, token_type_ids=token_type_ids, attention_mask=attention_mask
        ).last_hidden_state
        mask = attention_mask[..., None].to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1)
        return self.head(torch.cat([hidden[:, 0], mean], -1))


@dataclass(frozen=True, slots=True)
class CrossCheckpoint:
    """A network, its tokenizer and where it comes from; `origin.max_tokens` are read of a side."""

    network: CrossNetwork
    tokenizer: Tokenizer
    origin: Origin

    @property
    def side_tokens(self) -> int:
        """Tokens that are read of each request."""
        return self.origin.max_tokens


def open_cross(folder: Path) -> CrossCheckpoint:
    """Open a folder that `save_cross` wrote; weights of any float type, computed in float32.

    Raises
    ------
    ArtifactError
        There is no `origin.json`.
    UnusableFile
        Another file is missing or damaged, or the folder holds no cross-encoder.
    """
    origin = read_origin(folder)
    tokenizer, weights = _tokenizer(folder), _weights(folder)
    if _HEAD not in weights:
        raise UnusableFile(f"{folder} 不是交叉编码器：请给出 triage encoder cross 写出的目录")
    network = CrossNetwork(_config(folder, origin.max_tokens))
    _fill(network, weights, folder)
    return CrossCheckpoint(network.eval(), tokenizer, origin)


def start_cross(folder: Path, side_tokens: int, *, seed: int) -> CrossCheckpoint:
    """Start from a BERT checkpoint with a head of random weights, or go on from a cross-encoder.

    Raises
    ------
    UnusableFile
        It saw labels or judged pairs, is no BERT, or has no place for two sides of so many tokens.
    """
    hush()
    origin = read_origin(folder)
    check_unlabelled(folder)
    if (folder / CROSS_LOGITS).exists():
        raise UnusableFile(f"{folder} 已见过判定：请从没有用 --pairs 训练过的检查点开始")
    tokenizer = _tokenizer(folder)
    config, weights = _config(folder, side_tokens), _weights(folder)
    torch.manual_seed(seed)
    network = CrossNetwork(config)
    _fill(network if _HEAD in weights else network.body, weights, folder)
    return CrossCheckpoint(
        network.eval(), tokenizer, replace(origin, prefix="", max_tokens=side_tokens)
    )


def save_cross(checkpoint: CrossCheckpoint, folder: Path, *, sources: Path | None) -> None:
    """Write a checkpoint into a folder; LICENSE and NOTICE files come from the folder `sources`."""
    config = checkpoint.network.body.config.to_dict()
    config |= {"model_type": KIND, "architectures": [CrossNetwork.__name__]}
    (folder / CONFIG).write_text(json.dumps(config, indent=1) + "\n", "utf-8")
    weights = checkpoint.network.state_dict()
    save_file({name: value.cpu().contiguous() for name, value in weights.items()}, folder / WEIGHTS)
    checkpoint.tokenizer.save(str(folder / TOKENIZER))
    write_origin(checkpoint.origin, folder)
    if sources is not None:
        for path in legal_files(sources):
            shutil.copyfile(path, folder / path.name)


def _tokenizer(folder: Path) -> Tokenizer:
    tokenizer = read_tokenizer(folder / TOKENIZER)
    special_ids(tokenizer)  # those that lack [CLS] or [SEP] are refused
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _config(folder: Path, side_tokens: int) -> BertConfig:
    path = folder / CONFIG
    try:
        found = json.loads(path.read_text("utf-8"))
        kind = found.pop("model_type")
        config = BertConfig.from_dict(found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableFile(
            f"{path} 无法读取（{type(error).__name__}）：应为 BERT 检查点的 config.json"
        ) from error
    if kind not in ("bert", KIND) or config.type_vocab_size < 2:
        raise UnusableFile(f"{path}（{kind}）不是分得清两侧的 BERT：交叉编码器只支持 BERT")
    most = (config.max_position_embeddings - SPECIAL_PLACES) // 2
    if not 1 <= side_tokens <= most:
        raise UnusableFile(
            f"--side-tokens {side_tokens} 放不下：{folder} 每侧应为 1 到 {most} 个词元"
        )
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = DROPOUT
    return config


def _weights(folder: Path) -> dict[str, torch.Tensor]:
    path = folder / WEIGHTS
    try:
        found = load_file(path)
    except (OSError, SafetensorError) as error:
        raise UnusableFile(
            f"{path} 无法读取（{type(error).__name__}）：请给出有 {WEIGHTS} 的检查点目录"
        ) from error
    return {name: value.float() for name, value in found.items() if not _is_idle(name)}


def _is_idle(name: str) -> bool:
    """Say whether nothing here uses a tensor of BERT: its pooler, and places it counts itself."""
    return name.startswith("pooler.") or name.endswith("embeddings.position_ids")


def _fill(network: nn.Module, weights: Mapping[str, torch.Tensor], folder: Path) -> None:
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise UnusableFile(
            f"{folder / WEIGHTS} 与 {CONFIG} 不是同一个网络（{str(error)[:120]!r}）："
            "请重新生成检查点"
        ) from error
