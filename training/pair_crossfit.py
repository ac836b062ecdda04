"""An encoder's vectors of judged pairs, such that no vector comes from one that saw the judgement.

`triage encoder tune --contrast same-event` leaves `crossfit_pairs.safetensors`: the fold of every
component, and for every text of a fold's pairs the vector by the copy that was tuned without that
fold (stacked generalisation, Wolpert 1992). Copies are spaces of their own: only vectors of one
fold may be compared. Hashes only, no text.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from training.crossfit import KEY_BYTES, key_of
from triage.errors import UnusableFile
from triage.model.calibration import Array
from triage.model.encoder import Encoder

PAIR_CROSSFIT = "crossfit_pairs.safetensors"


@dataclass(frozen=True, slots=True)
class PairCrossfit:
    """What an encoder saw of judged pairs, and the honest vectors of their texts.

    `fold_of` maps the key of a component to its fold; `vectors` maps fold and key of a text to its
    vector, float32 (d,), and is empty where nothing was cross-fitted.
    """

    fold_of: Mapping[bytes, int]
    vectors: Mapping[tuple[int, bytes], Array]

    def encode(self, encoder: Encoder, component: str, texts: Sequence[str]) -> Array:
        """Return vectors of the texts of one component's pairs, float32 (n, d), unit rows.

        A component that the encoder never saw is encoded by the encoder itself.

        Raises
        ------
        UnusableFile
            The encoder saw the component's judgements and was not cross-fitted, or a text of it is
            new.
        """
        fold = self.fold_of.get(key_of(component))
        if fold is None:
            return encoder.encode(texts)
        found = [self.vectors.get((fold, key_of(text))) for text in texts]
        known = [vector for vector in found if vector is not None]
        if len(known) < len(texts):
            why = "又没有交叉拟合" if not self.vectors else "数据却与调优时不同"
            raise UnusableFile(
                f"编码器调优时见过 component {component!r} 的判定，{why}：成绩会虚高；请用同一份"
                "数据和 triage encoder tune --contrast same-event --folds 5 重新调优"
            )
        return np.stack(known) if known else encoder.encode(texts)


def read_pair_crossfit(folder: Path) -> PairCrossfit:
    """Return what a checkpoint or exported encoder saw of judged pairs; empty where nothing.

    Raises
    ------
    UnusableFile
        The file is damaged.
    """
    path = folder / PAIR_CROSSFIT
    if not path.exists():
        return PairCrossfit({}, {})
    try:
        tensors = load_file(path)
        fold_of = _by_key(tensors["component"], tensors["component_fold"].tolist())
        keys, folds, vectors = (tensors[name] for name in ("key", "fold", "vector"))
    except (OSError, KeyError, ValueError, SafetensorError) as error:
        raise UnusableFile(
            f"{path} 无法读取（{type(error).__name__}）：请重新调优并导出"
        ) from error
    rows = zip(folds.tolist(), keys, vectors.astype(np.float32), strict=True)
    return PairCrossfit(fold_of, {(fold, key.tobytes()): vector for fold, key, vector in rows})


def write_pair_crossfit(
    folder: Path, fold_of: Mapping[str, int], vectors: Mapping[tuple[int, str], Array]
) -> None:
    """Write the fold of each component and the vector of each (fold, text), if there are any."""
    kept = np.stack(list(vectors.values())) if vectors else np.zeros((0, 0), np.float32)
    tensors: dict[str, NDArray[np.generic]] = {
        "component": _keys(list(fold_of)),
        "component_fold": np.array(list(fold_of.values()), np.int64),
        "key": _keys([text for _, text in vectors]),
        "fold": np.array([fold for fold, _ in vectors], np.int64),
        "vector": np.ascontiguousarray(kept, np.float16),
    }
    save_file(tensors, folder / PAIR_CROSSFIT)


def carry_pairs(source: Path, target: Path) -> None:
    """Copy the file from folder to folder, where there is one."""
    if (source / PAIR_CROSSFIT).is_file():
        shutil.copyfile(source / PAIR_CROSSFIT, target / PAIR_CROSSFIT)


def _keys(words: Sequence[str]) -> NDArray[np.uint8]:
    joined = np.frombuffer(b"".join(map(key_of, words)), np.uint8)
    return joined.reshape(-1, KEY_BYTES).copy()


def _by_key(keys: NDArray[np.generic], values: Sequence[int]) -> dict[bytes, int]:
    return {key.tobytes(): value for key, value in zip(keys, values, strict=True)}
