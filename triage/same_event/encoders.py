"""Which encoder a same-event artefact holds: the built-in static one, or an exported transformer.

Both give unit vectors of one space, and both have a version that is a hash of all that decides a
vector: an index is of one version, and another version's is built beside it. What the vectors are
used for is not known here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from triage.errors import ArtifactError
from triage.model.encoder import TOKENIZER, Encoder, OnnxEncoder, read_config
from triage.request import Json
from triage.same_event.entry import Entry
from triage.same_event.profile import head_of
from triage.same_event.static_encoder import StaticEncoder

STATIC, ONNX = "static", "onnx"
VECTORS, WEIGHTS = "encoder.vectors", "encoder.weights"
"""Names of the static encoder's tensors among those of an artefact."""
_HEX = 12
"""Digits of a version's hash: 48 bits, two of ten thousand encoders agree once in five million."""

Tensors = Mapping[str, NDArray[np.generic]]


class EventEncoder(Encoder, Protocol):
    """An encoder whose vectors an index can hold."""

    dimensions: int


@dataclass(frozen=True, slots=True)
class OpenedEncoder:
    """An encoder and its version, as indexes and manifests carry it."""

    encoder: EventEncoder
    version: str

    def to_json(self) -> dict[str, Json]:
        """Return what a manifest says under `encoder`."""
        kind = self.version.split("-")[0]
        return {"kind": kind, "version": self.version, "dimensions": self.encoder.dimensions}


def open_encoder(folder: Path, said: Json, tensors: Tensors) -> OpenedEncoder:
    """Open the encoder of an artefact.

    Parameters
    ----------
    folder : the artefact's, where the files of an exported encoder lie (`encoder.json` …)
    said : what its manifest says under `encoder`
    tensors : its verified tensors, those of a static encoder among them

    Raises
    ------
    ArtifactError
        The kind is unknown, a file or tensor is missing or changed, or it is of another version.
    MissingExtraError
        It is an exported one, and onnxruntime or tokenizers is not installed.
    """
    found: Mapping[str, Json] = said if isinstance(said, dict) else {}
    if found.get("kind") == STATIC:
        opened = static_of(_static(folder, tensors))
    elif found.get("kind") == ONNX:
        opened = onnx_of(folder)
    else:
        raise ArtifactError(
            f"模型 {folder} 的编码器种类为 {found.get('kind')!r}：本版只认 {STATIC} 与 {ONNX}，"
            "请重新训练或升级程序"
        )
    if found.get("version") != opened.version:
        raise ArtifactError(
            f"模型 {folder} 的清单写的编码器是 {found.get('version')!r}，文件却是 "
            f"{opened.version}：请重新发布或回滚"
        )
    return opened


def texts_of(entry: Entry) -> list[str]:
    """Return what is encoded of an entry: its title, or what stands for one, and the whole."""
    return [head_of(entry), entry.text]


def static_of(encoder: StaticEncoder) -> OpenedEncoder:
    """Return a static encoder with its version: the hash of its tensors."""
    digest = hashlib.sha256(str(encoder.vectors.shape).encode())
    digest.update(np.ascontiguousarray(encoder.vectors).tobytes())
    digest.update(np.ascontiguousarray(encoder.weights).tobytes())
    return OpenedEncoder(encoder, f"{STATIC}-{digest.hexdigest()[:_HEX]}")


def onnx_of(folder: Path) -> OpenedEncoder:
    """Open the exported encoder of a folder, with its version.

    The version is a hash of graph, tokenizer and how texts are put to them: int8 and fp32 of one
    checkpoint are two versions, for their vectors differ. Errors as `open_encoder`.
    """
    config = read_config(folder)
    decisive = [config.files.get(config.graph), config.files.get(TOKENIZER), config.dimensions,
                config.max_tokens, config.prefix]  # fmt: skip
    encoder = OnnxEncoder.load(folder)
    digest = hashlib.sha256(json.dumps(decisive, ensure_ascii=False).encode())
    return OpenedEncoder(encoder, f"{ONNX}-{digest.hexdigest()[:_HEX]}")


def static_tensors(encoder: StaticEncoder) -> dict[str, NDArray[np.generic]]:
    """Return the tensors that an artefact keeps of a static encoder."""
    return {VECTORS: encoder.vectors, WEIGHTS: encoder.weights}


def _static(folder: Path, tensors: Tensors) -> StaticEncoder:
    try:
        vectors, weights = tensors[VECTORS], tensors[WEIGHTS]
        if vectors.dtype != np.int8 or weights.dtype != np.float32 or vectors.ndim != 2:
            raise ValueError(f"{vectors.dtype}, {weights.dtype}")
        return StaticEncoder(
            cast("NDArray[np.int8]", vectors), cast("NDArray[np.float32]", weights)
        )
    except (KeyError, ValueError) as error:
        raise ArtifactError(
            f"模型 {folder} 的编码器张量缺失或不合（{error}）：请重新训练或发布"
        ) from error
