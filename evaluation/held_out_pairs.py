"""Out-of-fold probabilities of judged pairs: what a decision says of pairs that it never saw.

An `.npz` of hashes and numbers, no text and no id: `pair` (n, 16) bytes, `component` (n, 16) bytes,
`same` bool (n,), `probability` float32 (n,). A published same-event model carries its own, so that
the next one is compared with it on the pairs of both.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.errors import UnusableFile
from triage.files import atomic_write

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
KEY_BYTES = 16
_BETWEEN = "\x1f"


@dataclass(frozen=True, slots=True)
class HeldOutPair:
    """Whether a pair was judged one event, and the probability by what had not seen it."""

    component: bytes
    same: bool
    probability: float


def keyed_pairs(
    pairs: Sequence[tuple[str, str, str]], same: Flags, probability: Floats
) -> dict[bytes, HeldOutPair]:
    """Return (component, query id, candidate id) as `read_held_out_pairs` does after a writing.

    Raises
    ------
    ValueError
        As `write_held_out_pairs`.
    """
    _check(pairs, same, probability)
    keys, components = _pair_keys(pairs), _keys([component for component, _, _ in pairs])
    rows = zip(keys, components, same.tolist(), probability.tolist(), strict=True)
    return {
        key.tobytes(): HeldOutPair(component.tobytes(), flag, value)
        for key, component, flag, value in rows
    }


def write_held_out_pairs(
    path: Path, pairs: Sequence[tuple[str, str, str]], same: Flags, probability: Floats
) -> None:
    """Write the probabilities of (component, query id, candidate id), in their order.

    Raises
    ------
    ValueError
        The lengths differ, or a probability is outside [0, 1].
    """
    _check(pairs, same, probability)
    with atomic_write(path) as file:
        np.savez_compressed(
            file,
            pair=_pair_keys(pairs),
            component=_keys([component for component, _, _ in pairs]),
            same=same,
            probability=probability.astype(np.float32),
        )


def read_held_out_pairs(path: Path) -> Mapping[bytes, HeldOutPair]:
    """Return the pairs of a file by their key.

    Raises
    ------
    UnusableFile
        The file is missing or is no such file.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            columns = [file[name] for name in ("pair", "component", "same", "probability")]
        rows = list(zip(*columns, strict=True))
    except OSError as error:
        raise UnusableFile(f"读不到折外概率 {path}：{error.strerror}；请检查路径") from error
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UnusableFile(f"{path} 不是成对的折外概率：请重新训练同一事件的判定") from error
    return {
        pair.tobytes(): HeldOutPair(component.tobytes(), bool(same), float(probability))
        for pair, component, same, probability in rows
    }


def _check(pairs: Sequence[tuple[str, str, str]], same: Flags, probability: Floats) -> None:
    if not len(pairs) == len(same) == len(probability):
        raise ValueError(f"{len(pairs)} pairs, {len(same)} flags, {len(probability)} probabilities")
    if not ((probability >= 0) & (probability <= 1)).all():
        raise ValueError("a probability is outside [0, 1]")


def _pair_keys(pairs: Sequence[tuple[str, str, str]]) -> NDArray[np.uint8]:
    return _keys([query + _BETWEEN + candidate for _, query, candidate in pairs])


def _keys(words: Sequence[str]) -> NDArray[np.uint8]:
    digests = b"".join(hashlib.sha256(word.encode()).digest()[:KEY_BYTES] for word in words)
    return np.frombuffer(digests, np.uint8).reshape(-1, KEY_BYTES)
