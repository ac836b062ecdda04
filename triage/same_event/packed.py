"""A prepared entry in a few thousand bytes: n-grams hashed, vectors, places of names in its text.

Derived from a masked text, it can be partly reversed, with a dictionary the title above all, and a
name that does not stand in the text as it was read is told in full: protect it like the database.
What is cheap is made again of the entry, which whoever asks has at hand; what is not is kept:
counts of n-grams, both vectors, and where in the text its names stand. Only title and detail are
in it, so that it holds while time, place or topic of an order change. The same to the last bit
as what `Preparer` gives (tests/unit/test_same_event_packed.py).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import fields, replace
from hashlib import blake2b
from typing import Any, cast

import numpy as np
import orjson
from numpy.typing import NDArray

from triage.model.encoder import Floats
from triage.model.features import BUCKET_BITS
from triage.request import Json
from triage.same_event.entry import Entry
from triage.same_event.mentions import Mentions
from triage.same_event.pair_features import Prepared, assembled
from triage.same_event.profile import ORDERS, Grams, Profile, sublinear
from triage.same_event.stack import Places, Stack
from triage.same_event.statistics import Rarity

SCHEMA = 1
"""Of this layout; a shelf is of one schema and one model."""
_HEAD = struct.Struct("<8s4H3H")
"""Digest of the text; n-grams of each order; of the run, of the mentions, dimensions."""
_SUMS = 3 * len(ORDERS)
_IN_TITLE, _IN_DETAIL = 15, 63
"""Occurrences that fit beside a key of 22 bits in 32; a text with more is not packed."""
_SET, _PLAIN = "set", "plain"
_KEY = np.uint32((1 << BUCKET_BITS) - 1)
_WEIGHTS = sublinear(np.arange(2 * _IN_TITLE + _IN_DETAIL + 1, dtype=np.int32))
_NO_KEYS, _NO_FLOATS = np.zeros(0, np.int32), np.zeros(0, np.float32)
_BARE = Profile(
    _NO_KEYS,
    np.zeros(0, np.uint8),
    idf=_NO_FLOATS,
    title=_NO_FLOATS,
    detail=_NO_FLOATS,
    whole=_NO_FLOATS,
    norms=np.zeros((3, len(ORDERS)), np.float32),
    mass=np.zeros((3, len(ORDERS)), np.float32),
    run=_NO_KEYS,
    run_idf=_NO_FLOATS,
)
"""A profile without n-grams: those of what was read are in a stack."""


def pack(found: Grams, prepared: Prepared) -> bytes:
    """Return what is kept of an entry, given its n-grams; b"" where it does not fit."""
    entry, profile = prepared.entry, prepared.profile
    said = _told(prepared.mentions, _text(entry))
    sizes = np.bincount(found.orders, minlength=len(ORDERS)).tolist()
    counts = (*sizes, len(found.run), len(said), prepared.vectors.shape[1])
    if max(counts) >= 1 << 16 or not _fits(found):
        return b""
    codes = found.keys.astype(np.uint32)
    codes |= found.in_title.astype(np.uint32) << np.uint32(22)
    codes |= found.in_detail.astype(np.uint32) << np.uint32(26)
    second = slice(sizes[0], sizes[0] + sizes[1])
    run = np.searchsorted(found.keys[second], found.run) + sizes[0]
    parts = (codes, profile.norms, profile.mass, prepared.vectors, run.astype(np.uint16))
    numbers = [np.ascontiguousarray(part).tobytes() for part in parts]
    return b"".join([_HEAD.pack(_digest(entry), *counts), *numbers, said])


class Reading:
    """What was packed of some entries, read together: ten cost little more than one.

    `places` are those of the entries that could be read: not one of which nothing was kept (None),
    nor one that had other words then. `stack` is None where there is none.

    Parameters
    ----------
    packed : what `pack` returned for each entry, or None
    """

    def __init__(
        self, entries: Sequence[Entry], packed: Sequence[bytes | None], rarity: Rarity
    ) -> None:
        self.places = list[int]()
        self._read, self._entries = list[_Packed](), list[Entry]()
        for place, (entry, record) in enumerate(zip(entries, packed, strict=True)):
            if record and (one := _Packed(record)).digest == _digest(entry):
                self.places.append(place)
                self._read.append(one)
                self._entries.append(entry)
        self.stack = _stack(self._read, rarity) if self._read else None
        self._run_idf = list[Floats]()
        if self.stack is not None:
            ends = np.cumsum(self.stack.runs)[:-1]
            self._run_idf = np.split(self.stack.run_idf, ends)

    def bare(self) -> list[Prepared]:
        """Return the entries at `places` prepared but for their n-grams, which the stack has."""
        return [
            assembled(entry, replace(_BARE, run_idf=idf), _mentions(one.said, entry), one.vectors)
            for entry, one, idf in zip(self._entries, self._read, self._run_idf, strict=True)
        ]


class _Packed:
    """One packed entry, cut into its parts; nothing is copied."""

    def __init__(self, packed: bytes) -> None:
        self.digest, *counts = _HEAD.unpack_from(packed)
        self.sizes, (run, said, dimensions) = counts[: len(ORDERS)], counts[len(ORDERS) :]
        self.length = sum(self.sizes)
        at = _HEAD.size
        self.codes: NDArray[np.uint32] = np.frombuffer(packed, np.uint32, self.length, at)
        at += 4 * self.length
        floats = np.frombuffer(packed, np.float32, 2 * _SUMS + 2 * dimensions, at)
        at += floats.nbytes
        self.sums = floats[: 2 * _SUMS].reshape(2, 3, len(ORDERS))  # norms, mass
        self.vectors = floats[2 * _SUMS :].reshape(2, dimensions)
        self.run: NDArray[np.uint16] = np.frombuffer(packed, np.uint16, run, at)
        self.said = packed[at + 2 * run : at + 2 * run + said]


def _stack(read: Sequence[_Packed], rarity: Rarity) -> Stack:
    codes = np.concatenate([one.codes for one in read])
    keys = (codes & _KEY).view(np.int32)
    sizes = np.array([one.sizes for one in read])
    runs = np.array([len(one.run) for one in read])
    ends = np.cumsum(sizes.sum(axis=1))
    starts = np.repeat(ends - sizes.sum(axis=1), runs)
    run = keys.take(np.concatenate([one.run for one in read]) + starts)
    sums = np.stack([one.sums for one in read], axis=2)

    def weights(places: Places) -> tuple[Floats, Floats, Floats]:
        counts = codes.take(places) >> np.uint32(BUCKET_BITS)
        in_title, in_detail = counts & np.uint32(_IN_TITLE), counts >> np.uint32(4)
        idf = rarity.idf(keys.take(places))
        title, detail = _WEIGHTS.take(in_title) * idf, _WEIGHTS.take(in_detail) * idf
        return title, detail, _WEIGHTS.take(2 * in_title + in_detail) * idf

    cells = np.repeat(np.arange(sizes.size), sizes.ravel())
    return Stack(keys, cells, weights, sums[0], sums[1], runs, run, rarity.idf(run))


def _fits(found: Grams) -> bool:
    return (
        int(found.in_title.max(initial=0)) <= _IN_TITLE
        and int(found.in_detail.max(initial=0)) <= _IN_DETAIL
    )


def _text(entry: Entry) -> str:
    return f"{entry.title}\n{entry.detail}"


def _digest(entry: Entry) -> bytes:
    return blake2b(_text(entry).encode(), digest_size=8).digest()


def _told(mentions: Mentions, text: str) -> bytes:
    """Return mentions as JSON; what stands in the text is told by its place there."""
    return orjson.dumps([_placed(getattr(mentions, each.name), text) for each in fields(mentions)])


def _placed(value: object, text: str) -> Json:
    if isinstance(value, tuple):
        return [_placed(each, text) for each in value]
    if isinstance(value, frozenset):
        return {_SET: [_placed(each, text) for each in sorted(value)]}
    if isinstance(value, str):
        start = text.find(value) if len(value) > 1 else -1
        return value if start < 0 else start << 16 | len(value)
    return {_PLAIN: cast("Json", value)}


def _mentions(said: bytes, entry: Entry) -> Mentions:
    text = _text(entry)
    return Mentions(*(_read(each, text) for each in orjson.loads(said)))


def _read(value: Any, text: str) -> Any:  # noqa: ANN401 - the types are those of `Mentions`
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        start = value >> 16
        return text[start : start + (value & 0xFFFF)]
    if isinstance(value, list):
        return tuple(_read(each, text) for each in value)
    if _SET in value:
        return frozenset(_read(each, text) for each in value[_SET])
    return value[_PLAIN]
