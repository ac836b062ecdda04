"""What edits of a text share: which characters may be touched, and how many are.

Placeholders of masked data are never touched: no recogniser and no typist wrote them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from triage.text.pii import WORDS

Edit = Callable[[str, np.random.Generator], str]
"""A text and a source of chance in, the edited text out."""

_HAN = re.compile(r"[\u4e00-\u9fff]")
_PLACEHOLDER = re.compile(f"<(?:{'|'.join(WORDS.values())})[0-9]*>", re.I)


def han_positions(text: str) -> NDArray[np.int64]:
    """Return the places of Chinese characters outside placeholders, int64 (k,)."""
    shut = {
        place
        for match in _PLACEHOLDER.finditer(text)
        for place in range(match.start(), match.end())
    }
    return np.array([m.start() for m in _HAN.finditer(text) if m.start() not in shut], np.int64)


def draw(positions: NDArray[np.int64], rate: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return a share `rate` of the positions, in order; the part of one that is left, by chance."""
    wanted = rate * len(positions)
    count = int(wanted) + int(rng.random() < wanted - int(wanted))
    return np.sort(rng.permutation(positions)[:count])


def replace_outside(text: str, replace: Callable[[str], str]) -> str:
    """Rewrite what stands between the placeholders."""
    pieces, start = [], 0
    for match in _PLACEHOLDER.finditer(text):
        pieces += [replace(text[start : match.start()]), match.group()]
        start = match.end()
    return "".join([*pieces, replace(text[start:])])
