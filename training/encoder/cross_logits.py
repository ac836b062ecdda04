"""Log-odds of judged pairs, each by a copy of the cross-encoder that saw no judgement of its fold.

`triage encoder cross` leaves `crossfit_logits.safetensors`: the fold of every component it learned
from, and for each pair of a fold the answer of the copy that was taught without that fold (stacked
generalisation, Wolpert 1992). Hashes only, no text.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from training.crossfit import KEY_BYTES, key_of
from triage.errors import UnusableFile
from triage.model.calibration import Array

CROSS_LOGITS = "crossfit_logits.safetensors"


@dataclass(frozen=True, slots=True)
class CrossLogits:
    """What a cross-encoder saw of judged pairs, and its honest answers.

    `fold_of` maps the key of a component to its fold; `logits` maps fold and key of a pair to its
    log-odds, float32 (2,), and is empty where nothing was cross-fitted.
    """

    fold_of: Mapping[bytes, int]
    logits: Mapping[tuple[int, bytes], Array]

    def of(self, component: str, one: str, other: str) -> Array | None:
        """Return the honest log-odds of a pair of whole texts, the same both ways round.

        None where the cross-encoder never saw the component: it may be asked itself.

        Raises
        ------
        UnusableFile
            The component was seen, and the pair was not: its own answer would be too good.
        """
        fold = self.fold_of.get(key_of(component))
        if fold is None:
            return None
        found = self.logits.get((fold, pair_key(one, other)))
        if found is None:
            why = "又没有交叉拟合" if not self.logits else "数据却与训练时不同"
            raise UnusableFile(
                f"交叉编码器训练时见过 component {component!r} 的判定，{why}：成绩会虚高；"
                "请用同一份数据和 triage encoder cross --folds 5 重新训练"
            )
        return found


def pair_key(one: str, other: str) -> bytes:
    """Return the key of a pair of whole texts, the same both ways round."""
    return key_of("\x00".join(sorted((one, other))))


def read_cross_logits(folder: Path) -> CrossLogits:
    """Return what a checkpoint or exported cross-encoder saw; empty where nothing.

    Raises
    ------
    UnusableFile
        The file is damaged.
    """
    path = folder / CROSS_LOGITS
    if not path.exists():
        return CrossLogits({}, {})
    try:
        tensors = load_file(path)
        components = _split(tensors["component"])
        fold_of = dict(zip(components, tensors["component_fold"].tolist(), strict=True))
        places = zip(tensors["fold"].tolist(), _split(tensors["key"]), strict=True)
        logits = dict(zip(places, tensors["logits"].astype(np.float32), strict=True))
    except (OSError, KeyError, ValueError, SafetensorError) as error:
        raise UnusableFile(
            f"{path} 无法读取（{type(error).__name__}）：请重新训练并导出"
        ) from error
    return CrossLogits(fold_of, logits)


def write_cross_logits(
    folder: Path, fold_of: Mapping[str, int], logits: Mapping[tuple[int, str, str], Array]
) -> None:
    """Write the fold of each component, and the log-odds of each (fold, one text, other text)."""
    keys = {(fold, pair_key(one, other)): row for (fold, one, other), row in logits.items()}
    tensors: dict[str, NDArray[np.generic]] = {
        "component": _joined(map(key_of, fold_of)),
        "component_fold": np.array(list(fold_of.values()), np.int64),
        "key": _joined(key for _, key in keys),
        "fold": np.array([fold for fold, _ in keys], np.int64),
        "logits": np.array(list(keys.values()), np.float32).reshape(-1, 2),
    }
    save_file(tensors, folder / CROSS_LOGITS)


def carry_logits(source: Path, target: Path) -> None:
    """Copy the file from folder to folder, where there is one."""
    if (source / CROSS_LOGITS).is_file():
        shutil.copyfile(source / CROSS_LOGITS, target / CROSS_LOGITS)


def _joined(keys: Iterable[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(keys), np.uint8).reshape(-1, KEY_BYTES).copy()


def _split(keys: NDArray[np.generic]) -> list[bytes]:
    return [key.tobytes() for key in keys]
