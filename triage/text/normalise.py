"""Normalise a text: NFKC, width, traditional → simplified, control characters, repeated marks.

The result keeps a map back to the original, so that evidence found here can be shown there. The
rules are Unicode NFKC (UAX #15) and OpenCC's `t2s`; nothing here knows about personal data.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from opencc import OpenCC

from triage.text.fold import BMP, SPACE, code_points, fold_table

Offsets = NDArray[np.int64]

_RESHAPES = 1
"""Flag: the character may be dropped, expand, or join with its neighbour."""
_TRADITIONAL = 2
_CHUNK = 200  # characters; opencc's parser recurses, so a long sentence is handed over in parts
_REPEATED = re.compile(r"([!?,.。、~;:·=\-])\1+")
_LINE_ENDS = frozenset("\r\x85\u2028\u2029")
_SPACES = frozenset("\t\x0b\x0c")
_REPLACEMENT = 0xFFFD


@dataclass(frozen=True, slots=True)
class Normalised:
    """A normalised text; `offsets` is None when every character kept its place.

    Otherwise `offsets` has shape (len(text) + 1,) and never falls: character k was made from the
    original at `offsets[k]`, and the last entry is the length of the original.
    """

    text: str
    offsets: Offsets | None = None

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that made `text[start:end]`; it holds whole characters.

        Raises
        ------
        ValueError
            If not 0 ≤ start ≤ end ≤ len(text).
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"span [{start}, {end}) outside a text of {len(self.text)}")
        if self.offsets is None:
            return start, end
        first = int(self.offsets[start])
        if start == end:
            return first, first
        after = int(np.searchsorted(self.offsets, self.offsets[end - 1], side="right"))
        return first, int(self.offsets[after])


def normalise(text: str) -> Normalised:
    """Normalise one text; empty stays empty, lone surrogates become U+FFFD."""
    codes = code_points(text)
    table, flags = _tables()
    low = np.minimum(codes, BMP - 1)
    found = int(np.bitwise_or.reduce(flags[low], initial=0))
    offsets: Offsets | None = None
    if found & _RESHAPES:
        text, offsets = _reshape(text)
        found |= _TRADITIONAL if _is_traditional(text) else 0
    else:
        text = table[low].tobytes().decode("utf-32-le")
    if found & _TRADITIONAL:
        text = _simplify(text)
    return _collapse(text, offsets)


def _reshape(text: str) -> tuple[str, Offsets]:
    """Apply NFKC cluster by cluster, so that the origin of each character is known."""
    pieces: list[str] = []
    starts: list[int] = []
    place, length = 0, len(text)
    while place < length:
        if text.startswith("\r\n", place):
            place += 1  # one line end, not two
        end = place + 1
        while end < length and _joins(text[end]):
            end += 1
        piece = unicodedata.normalize("NFKC", "".join(map(_plain, text[place:end])))
        pieces.append(piece)
        starts.extend([place] * len(piece))
        place = end
    return "".join(pieces), np.array([*starts, length], dtype=np.int64)


def _plain(char: str) -> str:
    """Drop control and format characters, keep layout, replace lone surrogates."""
    category = unicodedata.category(char)
    if char == "\n" or category not in {"Cc", "Cf", "Cs"}:
        return "\n" if char in _LINE_ENDS else char
    if char in _LINE_ENDS:
        return "\n"
    if char in _SPACES:
        return " "
    return "\ufffd" if category == "Cs" else ""


def _joins(char: str) -> bool:
    """Tell whether a character belongs to the one before it: composes with it, or is dropped."""
    return char in _joining() or unicodedata.combining(char) > 0 or not _plain(char)


def _is_traditional(text: str) -> bool:
    _, flags = _tables()
    return bool((flags[np.minimum(code_points(text), BMP - 1)] & _TRADITIONAL).any())


def _simplify(text: str) -> str:
    parts = [text[place : place + _CHUNK] for place in range(0, len(text), _CHUNK)]
    converted = (_opencc().convert(part) if _is_traditional(part) else part for part in parts)
    return "".join(
        new if len(new) == len(old) else old for old, new in zip(parts, converted, strict=True)
    )


def _collapse(text: str, offsets: Offsets | None) -> Normalised:
    if _REPEATED.search(text) is None:
        return Normalised(text, offsets)
    keep = np.ones(len(text) + 1, dtype=bool)
    for match in _REPEATED.finditer(text):
        keep[match.start() + 1 : match.end()] = False
    places = np.flatnonzero(keep)
    return Normalised(_REPEATED.sub(r"\1", text), places if offsets is None else offsets[places])


@lru_cache(maxsize=1)
def _opencc() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=1)
def _joining() -> frozenset[str]:
    """Characters that compose with the one before them although they are no combining marks."""
    seconds = set()
    for code in range(BMP):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            seconds.add(chr(int(parts[1], 16)))
    seconds |= {chr(code) for code in range(0x1160, 0x1200)}  # vowels and finals of Hangul
    return frozenset(
        char
        for char in map(chr, range(BMP))
        if char in seconds or unicodedata.normalize("NFKC", char)[0] in seconds
    )


@lru_cache(maxsize=1)
def _tables() -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Build code point → normalised code point and code point → flags, shape (65536,) each."""
    table = np.arange(BMP, dtype="<u4")
    flags = np.zeros(BMP, dtype=np.uint8)
    joining = _joining()
    folded = fold_table()
    for code in range(BMP):
        char = chr(code)
        plain = unicodedata.normalize("NFKC", _plain(char))
        joins = char in joining or unicodedata.combining(char) > 0
        if len(plain) != 1 or joins or char == "\r":
            flags[code] = _RESHAPES
            continue
        table[code] = ord(plain)
        if folded[code] not in {ord(plain), ord(plain.lower()[0]), SPACE}:
            flags[code] = _TRADITIONAL
    flags[BMP - 1] = _RESHAPES
    return table, flags
