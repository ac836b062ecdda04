"""An encoder's vectors of training requests, such that no vector comes from one that saw its label.

`triage encoder tune` leaves `crossfit.safetensors`: a key (a hash, no text) of every request whose
labels it used and, where it was cross-fitted, the vector given by the copy that had not seen it
(stacked generalisation, Wolpert 1992). Requests it never saw are encoded here and now.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from evaluation.truth import Example
from triage.errors import UnusableFile
from triage.model.calibration import Array
from triage.model.encoder import OnnxEncoder, text_of

CROSSFIT = "crossfit.safetensors"
KEY_BYTES = 16
"""Bytes of a key: 128 bits of sha256, no two texts of a city share them."""


def vectors_of(
    folder: Path, examples: Sequence[Example], *, on_row: Callable[[], object] = lambda: None
) -> Array:
    """Return the vectors to train on, float32 (n, d); `on_row` is called after each.

    Raises
    ------
    ArtifactError, MissingExtraError
        The encoder cannot be loaded.
    UnusableFile
        The encoder was tuned on labels of these requests, and not cross-fitted.
    """
    encoder = OnnxEncoder.load(folder)
    known = read_crossfit(folder)
    keys = [key_of(text_of(example.document)) for example in examples]
    seen = [key for key in keys if key in known]
    if any(known[key] is None for key in seen):
        raise UnusableFile(
            f"编码器 {folder} 调优时见过这里 {len(seen)} 条数据的标签，又没有交叉拟合："
            "留出折的成绩会虚高；请用 triage encoder tune --folds 5 重新调优，"
            "或换用没有参与调优的数据"
        )
    found = np.zeros((len(examples), encoder.dimensions), np.float32)
    for row, (key, example) in enumerate(zip(keys, examples, strict=True)):
        vector = known.get(key)
        if vector is not None and len(vector) != encoder.dimensions:
            raise UnusableFile(f"{folder / CROSSFIT} 的维数与编码器不同：请重新调优并导出")
        found[row] = encoder.encode([text_of(example.document)])[0] if vector is None else vector
        on_row()
    return found


def key_of(text: str) -> bytes:
    """Return the key of a text, 16 bytes."""
    return hashlib.sha256(text.encode()).digest()[:KEY_BYTES]


def read_crossfit(folder: Path) -> dict[bytes, Array | None]:
    """Return key → vector of each request whose labels were seen; None where there is no vector.

    Raises
    ------
    UnusableFile
        The file is damaged.
    """
    path = folder / CROSSFIT
    if not path.exists():
        return {}
    try:
        tensors = load_file(path)
        keys = tensors["key"]
        vectors = tensors.get("vector")
    except (OSError, KeyError, ValueError, SafetensorError) as error:
        raise UnusableFile(
            f"{path} 无法读取（{type(error).__name__}）：请重新调优并导出"
        ) from error
    return {
        key.tobytes(): None if vectors is None else vectors[row].astype(np.float32)
        for row, key in enumerate(keys)
    }


def write_crossfit(folder: Path, texts: Sequence[str], vectors: Array | None) -> None:
    """Write the keys of texts whose labels were seen and, if any, their honest vectors (n, d)."""
    keys = np.frombuffer(b"".join(map(key_of, texts)), np.uint8).reshape(-1, KEY_BYTES)
    tensors: dict[str, NDArray[np.generic]] = {"key": keys.copy()}
    if vectors is not None:
        tensors["vector"] = np.ascontiguousarray(vectors, np.float16)
    save_file(tensors, folder / CROSSFIT)


def carry(source: Path, target: Path) -> None:
    """Copy the file from folder to folder, where there is one."""
    if (source / CROSSFIT).is_file():
        shutil.copyfile(source / CROSSFIT, target / CROSSFIT)
