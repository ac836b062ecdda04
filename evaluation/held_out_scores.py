"""Out-of-fold probabilities of a training run as a file: what the model says of what it never saw.

An `.npz` with `ids` (n,) and, by decision, probabilities float32 (n, labels) and labels. Written by
`triage train --held-out-scores`, read by reports on the training requests themselves.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.errors import UnusableFile
from triage.files import atomic_write

Array = NDArray[np.float32]
LABELS = ".labels"


@dataclass(frozen=True, slots=True)
class HeldOutScores:
    """Probabilities of one decision by request: `rows[row_of[id]]` is (labels,)."""

    row_of: Mapping[str, int]
    labels: tuple[str, ...]
    rows: Array


def write_scores(
    path: Path, ids: Sequence[str], scores: Mapping[str, tuple[tuple[str, ...], Array]]
) -> None:
    """Write the labels and probabilities (n, labels) of every decision, in the order of `ids`."""
    arrays: dict[str, NDArray[np.generic]] = {"ids": np.array(ids)}
    for name, (labels, rows) in scores.items():
        arrays |= {name: rows.astype(np.float32), name + LABELS: np.array(labels)}
    with atomic_write(path) as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def read_scores(path: Path, decision: str) -> HeldOutScores:
    """Read the probabilities of one decision.

    Raises
    ------
    UnusableFile
        The file is missing, is no such file, or lacks the decision.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            ids, rows = file["ids"], file[decision].astype(np.float32)
            labels = tuple(str(label) for label in file[decision + LABELS])
    except OSError as error:
        raise UnusableFile(f"读不到折外概率 {path}：{error.strerror}；请检查路径") from error
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UnusableFile(
            f"{path} 不含 {decision} 的折外概率；请用 triage train --held-out-scores 重新生成"
        ) from error
    if rows.shape != (len(ids), len(labels)):
        raise UnusableFile(f"{path} 的 {decision} 为 {rows.shape}，与编号和标签数不符；请重新生成")
    return HeldOutScores({str(name): row for row, name in enumerate(ids)}, labels, rows)
