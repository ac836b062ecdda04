"""A text encoder at run time: texts in, unit vectors out; ONNX, one thread, no torch.

The shipped model has none. A folder written by `triage encoder export` holds `encoder.json` (what
runs, its sha256, its source), the graph and `tokenizer.json`; pooling and projection are part of
the graph.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from triage.errors import ArtifactError, MissingExtraError
from triage.files import sha256
from triage.model.features import Document

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

SCHEMA = 1
CONFIG = "encoder.json"
TOKENIZER = "tokenizer.json"
FLOAT_GRAPH = "encoder.onnx"
INT8_GRAPH = "encoder.int8.onnx"
GRAPHS = (FLOAT_GRAPH, INT8_GRAPH)
NOTICE = "encoder.NOTICE.md"
INPUTS = ("input_ids", "attention_mask")
OUTPUT = "vector"

Floats = NDArray[np.float32]


class Encoder(Protocol):
    """Anything that turns texts into vectors."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return float32 (n, d), rows of unit length; (0, d) for no texts."""


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """What `encoder.json` says: the graph that runs, and how texts are put to it.

    `prefix` stands before every text (E5 wants "query: "); `max_tokens` counts special tokens too;
    `files` maps a file's name to its sha256.
    """

    graph: str
    dimensions: int
    max_tokens: int
    prefix: str
    files: dict[str, str]


class OnnxEncoder:
    """Encode texts one by one with an ONNX graph; safe to call from threads.

    One by one: dynamic int8 takes its scale from everything in a batch, so a text's vector would
    depend on its neighbours (docs/encoder.md; `tests/benchmarks/bench_encoder.py` measures both).
    """

    def __init__(
        self, session: InferenceSession, tokenizer: Tokenizer, config: EncoderConfig
    ) -> None:
        self.dimensions = config.dimensions
        self._prefix = config.prefix
        self._session = session
        self._tokenizer = tokenizer
        tokenizer.no_padding()
        tokenizer.enable_truncation(config.max_tokens)

    @classmethod
    def load(cls, folder: Path) -> OnnxEncoder:
        """Load the encoder of a folder after checking the sha256 of its files.

        Raises
        ------
        ArtifactError
            A file is missing, changed, or no such thing.
        MissingExtraError
            onnxruntime or tokenizers is not installed.
        """
        config = read_config(folder)
        for name in (config.graph, TOKENIZER):
            path = folder / name
            if not path.is_file() or sha256(path) != config.files.get(name):
                raise ArtifactError(
                    f"编码器文件 {path} 缺失或与 {CONFIG} 的 sha256 不符：请重新导出"
                )
        return cls(*open_graph(folder / config.graph, folder / TOKENIZER), config)

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return float32 (n, d), rows of unit length; (0, d) for no texts."""
        found = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            ids = np.array([self._tokenizer.encode(self._prefix + text).ids], np.int64)
            inputs = dict(zip(INPUTS, (ids, np.ones_like(ids)), strict=True))
            found[row] = self._session.run([OUTPUT], inputs)[0][0]
        return found


def files_of(folder: Path) -> tuple[str, ...]:
    """Return the names of the files that a model with this encoder carries, NOTICE included."""
    return (CONFIG, read_config(folder).graph, TOKENIZER, NOTICE)


def text_of(document: Document) -> str:
    """Return what an encoder reads of a request: title and text in two lines."""
    return f"{document.title}\n{document.text}" if document.title else document.text


def read_config(folder: Path) -> EncoderConfig:
    """Read and check `encoder.json`.

    Raises
    ------
    ArtifactError
        It is missing, no JSON, of another schema, or names no known graph.
    """
    path = folder / CONFIG
    try:
        found = json.loads(path.read_text("utf-8"))
        config = EncoderConfig(
            str(found["graph"]),
            int(found["dimensions"]),
            int(found["max_tokens"]),
            str(found["prefix"]),
            {str(name): str(digest) for name, digest in found["files"].items()},
        )
        schema = found["schema"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(
            f"编码器目录 {folder} 的 {CONFIG} 无法读取（{type(error).__name__}）："
            "应为 triage encoder export 写出的目录"
        ) from error
    sizes = (config.dimensions, config.max_tokens)
    if schema != SCHEMA or config.graph not in GRAPHS or min(sizes) < 1:
        raise ArtifactError(f"编码器 {path} 的内容不受支持（schema {schema!r}）：请重新导出")
    return config


def open_graph(graph: Path, tokenizer: Path) -> tuple[InferenceSession, Tokenizer]:
    """Open an ONNX graph on one thread, and its tokenizer.

    Raises
    ------
    ArtifactError
        One of them is no such file.
    MissingExtraError
        The installation lacks onnxruntime or tokenizers.
    """
    try:
        from onnxruntime import InferenceSession, SessionOptions  # slow to import: not all need it
        from tokenizers import Tokenizer
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"安装不完整，缺少 {error.name}：请重新安装 pip install citizen-triage"
        ) from error
    options = SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        opened = Tokenizer.from_file(str(tokenizer))
    except Exception as error:  # both libraries raise classes of their own for a wrong file
        raise ArtifactError(
            f"编码器 {graph} 或 {tokenizer.name} 无法打开（{type(error).__name__}）：请重新导出"
        ) from error
    return session, opened
