"""Character n-grams of a request, hashed: text in, buckets and places out.

Title and text are separate fields; every (field, order) has its own salt, so one table of buckets
holds them all. No n-gram is ever stored, only its hash. What a bucket is worth is not known here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.text.fold import SPACE, fold

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


def buckets(document: Document, fields: Sequence[Field]) -> list[list[NDArray[np.int32]]]:
    """Return the buckets of each field and order, with repetitions, in text order.

    Returns
    -------
    list of list of int32 array (n,)
        One list a field with one array an order, values in [0, 2^BUCKET_BITS).
    """
    found = []
    for index, field in enumerate(fields):
        codes = _codes(getattr(document, field.name))
        found.append([_hash(codes, order, _salt(index, order)) for order in field.orders])
    return found


def places(text: str) -> NDArray[np.int64]:
    """Return the offset in `text` of each character that n-grams are made of, shape (n,)."""
    kept = np.flatnonzero(fold(_clip(text)) != SPACE)
    if len(text) > MAX_CHARACTERS:
        kept[kept >= _HEAD] += len(text) - MAX_CHARACTERS
    return kept


def _codes(text: str) -> NDArray[np.uint64]:
    if not text:
        return np.empty(0, np.uint64)
    codes = fold(_clip(text))
    kept: NDArray[np.uint64] = codes[codes != SPACE].astype(np.uint64)
    return kept


def _clip(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else text[:_HEAD] + text[-_TAIL:]


def _salt(field_index: int, order: int) -> np.uint64:
    return np.uint64(1 + field_index * 16 + order)


def _hash(codes: NDArray[np.uint64], order: int, salt: np.uint64) -> NDArray[np.int32]:
    n = len(codes) - order + 1
    if n <= 0:
        return np.empty(0, np.int32)
    key = codes[:n] + (salt << np.uint64(24))
    for step in range(1, order):
        key = (key * _PRIME) ^ codes[step : step + n]
    key = key * _PRIME
    key ^= key >> _HALF
    return ((key * _PRIME) >> _SHIFT).astype(np.int32)
