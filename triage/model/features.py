"""Character n-grams of a request, hashed: text in, buckets and places out.

Title and text are separate fields; every (field, order) has its own salt, so one table of buckets
holds them all. No n-gram is ever stored, only its hash. What a bucket is worth is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from triage.text.fold import SPACE, fold

Gram: TypeAlias = tuple[int, int]
"""A kind of n-grams: the index of their field, and how many characters they have."""
BUCKET_BITS = 22
"""2^22 buckets: 5 % of 240,000 n-grams share one, which a linear model does not feel."""
MAX_CHARACTERS = 4_000
"""Longer fields keep their first 3,000 and last 1,000 characters: 99.9 % of messages fit."""
_HEAD, _TAIL = 3_000, 1_000
_PRIME = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, Knuth's multiplicative hashing
_SHIFT = np.uint64(64 - BUCKET_BITS)
_HALF = np.uint64(29)


@dataclass(frozen=True, slots=True)
class Field:
    """A part of the request and the n-gram orders taken from it."""

    name: str
    orders: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """What the model reads of one request: masked title and masked text."""

    title: str
    text: str


DEFAULT_FIELDS = (Field("title", (1, 2, 3)), Field("text", (1, 2)))


@dataclass(frozen=True, slots=True)
class Characters:
    """The folded characters of some texts, one text after another, spaces left out.

    `codes` uint16 (N,); those of text i are `codes[bounds[i] : bounds[i + 1]]`, and `places[i]`
    says where in the text they stand.
    """

    codes: NDArray[np.uint16]
    bounds: list[int]
    places: list[NDArray[np.int64]]


def characters(texts: Sequence[str]) -> Characters:
    """Return the characters that the n-grams of some texts are made of."""
    ends = list(accumulate([min(len(text), MAX_CHARACTERS) for text in texts], initial=0))
    codes = fold("".join([_clip(text) for text in texts]))
    kept = (codes != SPACE).nonzero()[0]
    bounds = ends
    if len(kept) < len(codes):
        codes = codes.take(kept)
        bounds = kept.searchsorted(ends).tolist()
    at = []
    for text, start, low, high in zip(texts, ends, bounds, bounds[1:], strict=False):
        where = kept[low:high]
        where -= start
        if len(text) > MAX_CHARACTERS:
            where[where >= _HEAD] += len(text) - MAX_CHARACTERS
        at.append(where)
    return Characters(codes, bounds, at)


def buckets(document: Document, fields: Sequence[Field]) -> list[list[NDArray[np.int32]]]:
    """Return the buckets of each field and order, with repetitions, in text order.

    Returns
    -------
    list of list of int32 array (n,)
        One list a field with one array an order, values in [0, 2^BUCKET_BITS).
    """
    found = []
    for index, field in enumerate(fields):
        codes = characters([getattr(document, field.name)]).codes.astype(np.uint64)
        found.append(hashed([codes] * (index + 1), [(index, order) for order in field.orders]))
    return found


def places(text: str) -> NDArray[np.int64]:
    """Return the offset in `text` of each character that n-grams are made of, shape (n,)."""
    return characters([text]).places[0]


def hashed(codes: Sequence[NDArray[np.uint64]], grams: Sequence[Gram]) -> list[NDArray[np.int32]]:
    """Return the buckets of all n-grams of some kinds, each by the place of its first code.

    Parameters
    ----------
    codes : for each field, the folded codes (n,) of its characters
    grams : which n-grams are wanted: (field, order)
    """
    sizes = [max(0, len(codes[field]) - order + 1) for field, order in grams]
    ends = list(accumulate(sizes, initial=0))
    key = np.empty(ends[-1], np.uint64)
    parts = [key[start:end] for start, end in pairwise(ends)]
    for (field, order), part, n in zip(grams, parts, sizes, strict=True):
        np.add(codes[field][:n], _salt(field, order) << np.uint64(24), out=part)
        for step in range(1, order):
            part *= _PRIME
            part ^= codes[field][step : step + n]
    key *= _PRIME  # scrambled together: half the array operations
    key ^= key >> _HALF
    key *= _PRIME
    key >>= _SHIFT
    found = key.astype(np.int32)
    return [found[start:end] for start, end in pairwise(ends)]


def _clip(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else text[:_HEAD] + text[-_TAIL:]


def _salt(field_index: int, order: int) -> np.uint64:
    return np.uint64(1 + field_index * 16 + order)
