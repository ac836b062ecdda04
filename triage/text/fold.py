"""Fold characters one to one: case, width, traditional → simplified; every offset stays.

The model's features and the fast path of normalisation both read these folded code points. Folding
never changes a length, so an n-gram's position is its place in the text. Characters come from
Unicode NFKC and OpenCC's character table; neither is edited here.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

BMP = 0x10000
"""Code points of the basic plane; anything above is folded to one private code, ASTRAL."""
ASTRAL = 0xE000
SPACE = 0x20


def code_points(text: str) -> NDArray[np.uint32]:
    """Return the code points of `text`, shape (len(text),); lone surrogates are kept."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def fold(text: str) -> NDArray[np.uint16]:
    """Return folded code points, shape (len(text),): one per character of `text`."""
    return fold_table().take(code_points(text), mode="clip")


@lru_cache(maxsize=1)
def fold_table() -> NDArray[np.uint16]:
    """Build the table code point → folded code point, shape (65536,)."""
    table = np.arange(BMP, dtype=np.uint16)
    for code in range(BMP):
        char = chr(code)
        folded = unicodedata.normalize("NFKC", char).lower()
        if len(folded) == 1 and ord(folded) < BMP:
            table[code] = ord(folded)
        if unicodedata.category(char) in {"Cc", "Cf", "Zs", "Zl", "Zp"}:
            table[code] = SPACE
    simplified = _simplified()
    for code in range(BMP):
        table[code] = simplified.get(int(table[code]), int(table[code]))
    table[BMP - 1] = ASTRAL
    table.flags.writeable = False
    return table


def _simplified() -> dict[int, int]:
    """Read OpenCC's traditional → simplified characters; the first choice of each."""
    lines = files("opencc").joinpath("dictionary", "TSCharacters.txt").read_text("utf-8")
    pairs = (line.split("\t") for line in lines.splitlines() if "\t" in line)
    return {
        ord(source): ord(targets.split()[0])  # some targets are variants beyond the basic plane
        for source, targets in pairs
        if len(source) == 1 and max(map(ord, source + targets.split()[0])) < BMP
    }
