"""A cross-encoder at run time: it reads two requests side by side; ONNX, one thread, no torch.

Slower by a thousand times than the numbers of a pair, and better: so it is asked only about pairs
that the numbers leave open. A folder written by `triage encoder cross-export` holds
`cross_encoder.json` (sha256 of the rest, its source), the graph and its tokenizer. What its answers
are weighed against is not known here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from triage.errors import ArtifactError
from triage.files import sha256
from triage.model.encoder import Floats, open_graph
from triage.request import Json
from triage.same_event.entry import Entry

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

SCHEMA = 1
CONFIG = "cross_encoder.json"
GRAPH = "cross_encoder.int8.onnx"
TOKENIZER = "cross_encoder.tokenizer.json"
NOTICE = "cross_encoder.NOTICE.md"
FILES = (CONFIG, GRAPH, TOKENIZER, NOTICE)
"""What a model with a cross-encoder carries."""
INPUTS = ("input_ids", "token_type_ids", "attention_mask")
OUTPUT = "log_odds"
CLS, SEP = "[CLS]", "[SEP]"
LONGEST = 8
"""Characters that are cut into tokens for each token that is read: a long text costs no more."""
_HEX = 12


@dataclass(frozen=True, slots=True)
class CrossConfig:
    """What `cross_encoder.json` says; `side_tokens` are read of each request."""

    side_tokens: int
    files: dict[str, str]

    @property
    def version(self) -> str:
        """The hash of all that decides an answer."""
        decisive = [self.files.get(GRAPH), self.files.get(TOKENIZER), self.side_tokens]
        return f"cross-{hashlib.sha256(json.dumps(decisive).encode()).hexdigest()[:_HEX]}"

    def to_json(self) -> dict[str, Json]:
        """Return what a manifest says of it."""
        return {"version": self.version, "side_tokens": self.side_tokens}


class CrossEncoder:
    """Reads pairs one by one: dynamic int8 would let a pair's answer depend on its batch.

    Safe to share between threads.
    """

    def __init__(
        self, session: InferenceSession, tokenizer: Tokenizer, config: CrossConfig
    ) -> None:
        self.version = config.version
        self._session = session
        self._tokenizer = tokenizer
        self._cls, self._sep = (int(tokenizer.token_to_id(token)) for token in (CLS, SEP))
        tokenizer.no_padding()
        tokenizer.enable_truncation(config.side_tokens)
        self._longest = LONGEST * config.side_tokens

    @classmethod
    def load(cls, folder: Path) -> CrossEncoder:
        """Load the cross-encoder of a folder after checking the sha256 of its files.

        Raises
        ------
        ArtifactError
            A file is missing, changed, or no such thing.
        MissingExtraError
            onnxruntime or tokenizers is not installed.
        """
        config = read_config(folder)
        for name in (GRAPH, TOKENIZER):
            path = folder / name
            if not path.is_file() or sha256(path) != config.files.get(name):
                raise ArtifactError(
                    f"交叉编码器文件 {path} 缺失或与 {CONFIG} 的 sha256 不符：请重新发布或回滚"
                )
        return cls(*open_graph(folder / GRAPH, folder / TOKENIZER), config)

    def log_odds(self, query: Entry, candidates: Sequence[Entry]) -> Floats:
        """Return float32 (n, 2): log-odds of SAME_EVENT, and of at least RELATED.

        The same both ways round; (0, 2) for no candidates.
        """
        found = np.zeros((len(candidates), 2), np.float32)
        mine = self._cut(query) if candidates else []
        for row, other in enumerate(candidates):
            ids, types = side_by_side(mine, self._cut(other), self._cls, self._sep)
            inputs = (np.array([ids], np.int64), np.array([types], np.int64))
            told = dict(zip(INPUTS, (*inputs, np.ones_like(inputs[0])), strict=True))
            found[row] = self._session.run([OUTPUT], told)[0][0]
        return found

    def _cut(self, entry: Entry) -> list[int]:
        """Return what is read of a request; nothing is kept of it."""
        told = words_of(entry)[: self._longest]
        ids: list[int] = self._tokenizer.encode(told, add_special_tokens=False).ids
        return ids


def words_of(entry: Entry) -> str:
    """Return what is read of a request."""
    return f"{entry.title}。{entry.detail}"


def side_by_side(
    one: Sequence[int], other: Sequence[int], cls: int, sep: int
) -> tuple[list[int], list[int]]:
    """Return token ids and token types of a pair; the side whose ids sort first comes first."""
    first, second = sorted((list(one), list(other)))
    ids = [cls, *first, sep, *second, sep]
    return ids, [0] * (len(first) + 2) + [1] * (len(second) + 1)


def read_config(folder: Path) -> CrossConfig:
    """Read and check `cross_encoder.json`.

    Raises
    ------
    ArtifactError
        It is missing, no JSON, or of another schema.
    """
    path = folder / CONFIG
    try:
        found = json.loads(path.read_text("utf-8"))
        config = CrossConfig(
            int(found["side_tokens"]),
            {str(name): str(digest) for name, digest in found["files"].items()},
        )
        schema = found["schema"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(
            f"目录 {folder} 的 {CONFIG} 无法读取（{type(error).__name__}）："
            "应为 triage encoder cross-export 写出的目录"
        ) from error
    if schema != SCHEMA or config.side_tokens < 1:
        raise ArtifactError(f"交叉编码器 {path} 的内容不受支持（schema {schema!r}）：请重新导出")
    return config
