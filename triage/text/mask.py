"""Mask personal data before anything else sees a text; only the vault can bring it back.

Finders look at a folded text of the same length, so spans are offsets of the original. They look
again until they find nothing: what is masked once never changes when it is masked again.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from triage.text.fold import ASTRAL, BMP, code_points, fold_table
from triage.text.handles import find_handles
from triage.text.names import find_names, sign_places
from triage.text.numbers import find_numbers
from triage.text.pii import SHUT, WORDS, Found, PiiType, shut
from triage.text.rooms import find_rooms

_FINDERS: tuple[Callable[[str], list[Found]], ...] = (
    find_handles,
    find_numbers,
    find_rooms,
)
"""Finders in their order, but for that of names, which comes last."""
_PLACEHOLDER = re.compile(f"<(?P<word>{'|'.join(WORDS.values())})(?P<number>[0-9]{{0,6}})>", re.I)
_MATH_DIGITS = (0x1D7CE, 0x1D7FF)  # 𝟎 to 𝟿, five alphabets of ten digits


@dataclass(frozen=True, slots=True)
class MaskSpan:
    """A place [start, end) of the original text, and what stands there in the masked text."""

    start: int
    end: int
    type: PiiType
    placeholder: str


@dataclass(frozen=True, slots=True)
class Masked:
    """A masked text.

    `vault` gives for each placeholder the ways in which the datum was written, one for each of its
    places in order, or a single one if it was always written alike. It is the only copy.
    """

    text: str
    spans: tuple[MaskSpan, ...] = ()
    vault: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that became `text[start:end]`, 0 ≤ start ≤ end.

        A span that begins or ends inside a placeholder takes in the whole datum behind it.
        """
        if not self.spans:
            return start, end
        first = self._original(start, at_end=False)
        return first, max(first, self._original(end, at_end=True))

    def _original(self, place: int, *, at_end: bool) -> int:
        grown = 0  # by how much the masked text is ahead of the original
        for span in self.spans:
            opens = span.start + grown
            closes = opens + len(span.placeholder)
            if place < opens or (at_end and place == opens):
                break
            if place < closes or (at_end and place == closes):
                return span.end if at_end else span.start
            grown = closes - span.end
        return place - grown


def mask(text: str) -> Masked:
    """Replace personal data by typed placeholders; the same datum gets the same placeholder.

    Placeholders that stand in the text already are left alone and their numbers are not reused.
    An empty text stays empty; lone surrogates and null bytes pass through.
    """
    return mask_all([text])[0]


def mask_all(texts: Sequence[str]) -> list[Masked]:
    """Mask each of some texts by itself, as `mask` does, for less a text."""
    whole = _view("".join(texts))  # folded, and searched for signs of names, in one go
    ends = list(accumulate(map(len, texts), initial=0))
    places = sign_places(whole)
    cuts = [bisect_left(places, end) for end in ends]
    return [
        _mask(text, whole[start:end], [place - start for place in places[low:high]])
        for text, (start, end), (low, high) in zip(
            texts, pairwise(ends), pairwise(cuts), strict=True
        )
    ]


def _mask(text: str, view: str, signs: Sequence[int]) -> Masked:
    if not text:
        return Masked("")
    used: dict[str, int] = {}
    if "<" in view:
        view = _shut_placeholders(view, used)
    found: list[Found] = []
    while new := _look(view, signs):
        found += new[0]
        view = new[1]
    if not found:
        return Masked(text)
    return _replace(text, sorted(found, key=lambda item: item.start), used)


def unmask(text: str, vault: Mapping[str, tuple[str, ...]]) -> str:
    """Put the originals back; in an excerpt, a place too many gets the first way of writing."""
    if not vault:
        return text
    pattern = re.compile("|".join(map(re.escape, vault)))
    queues = {placeholder: iter(written) for placeholder, written in vault.items()}
    return pattern.sub(lambda match: next(queues[match[0]], vault[match[0]][0]), text)


def _look(view: str, signs: Sequence[int]) -> tuple[list[Found], str] | None:
    found: list[Found] = []
    for finder in _FINDERS:
        if new := finder(view):
            found += new
            view = shut(view, new)
    if new := find_names(view, signs):
        found += new
        view = shut(view, new)
    return (found, view) if found else None


def _replace(text: str, found: list[Found], used: dict[str, int]) -> Masked:
    placeholders: dict[tuple[PiiType, str], str] = {}
    written: dict[str, list[str]] = {}
    spans: list[MaskSpan] = []
    parts: list[str] = []
    last = 0
    for item in found:
        key = (item.type, item.value)
        placeholder = placeholders.get(key)
        if placeholder is None:
            word = WORDS[item.type]
            used[word] = used.get(word, 0) + 1
            placeholder = placeholders[key] = f"<{word}{used[word]}>"
        spans.append(MaskSpan(item.start, item.end, item.type, placeholder))
        written.setdefault(placeholder, []).append(text[item.start : item.end])
        parts += (text[last : item.start], placeholder)
        last = item.end
    parts.append(text[last:])
    vault = {
        placeholder: tuple(forms) if len(set(forms)) > 1 else (forms[0],)
        for placeholder, forms in written.items()
    }
    return Masked("".join(parts), tuple(spans), vault)


def _shut_placeholders(view: str, used: dict[str, int]) -> str:
    """Shut the placeholders that stand in the text, and note their numbers as used."""

    def close(match: re.Match[str]) -> str:
        word = match["word"].upper()
        used[word] = max(used.get(word, 0), int(match["number"] or 0))
        return SHUT * len(match[0])

    return _PLACEHOLDER.sub(close, view)


def _view(text: str) -> str:
    """Return the folded text, one character each; marks that decorate digits become spaces."""
    codes = code_points(text)
    folded = _table().take(codes, mode="clip")
    if codes.size and int(codes.max()) >= BMP:
        first, last = _MATH_DIGITS
        digits = (codes >= first) & (codes <= last)
        folded[digits] = (codes[digits] - first) % 10 + ord("0")
    return folded.tobytes().decode("utf-16-le")


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint16]:
    """Return the folding of `triage.text.fold`, without surrogates, which UTF-16 cannot hold."""
    table = fold_table().astype("<u2")
    table[0xD800:0xE000] = ASTRAL
    table[[0xFE0F, 0x20E3]] = ord(" ")  # the marks of keycap digits
    table[ord(SHUT)] = ASTRAL
    table.flags.writeable = False
    return table
