"""The numbers by which a pair of entries is judged; symmetric, and in the order of `NAMES`.

What is unknown (no time, no requester) is NaN or 0, never a guess. `SIGNS` says which way a number
may speak: +1 only for one event, -1 only against, 0 either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.model.encoder import Encoder, Floats
from triage.same_event.encoders import texts_of
from triage.same_event.entry import Entry
from triage.same_event.mentions import (
    Mentions,
    clashing_numbers,
    clashing_places,
    mentions,
    shared_places,
)
from triage.same_event.overlap import COLUMNS, overlap_of
from triage.same_event.profile import MAX_DETAIL, Grams, Profile, grams, head_of, weighed
from triage.same_event.stack import Stack, stacked
from triage.same_event.statistics import Rarity
from triage.same_event.substitution import Head, substitution
from triage.text.elements import ElementExtractor

_FACTS: tuple[tuple[str, int], ...] = (
    ("cosine_dense_title", 1),
    ("cosine_dense", 1),
    ("shared_places", 1),
    ("clashing_places", -1),
    ("shared_numbers", 1),
    ("clashing_numbers", -1),
    ("same_object", 1),
    ("exchanged", -1),
    ("copied_but_exchanged", -1),
    ("copied_but_number", -1),
    ("days_apart", -1),
    ("same_requester", 1),
    ("same_region", 1),
    ("same_topic", 1),
)
NAMES = (*COLUMNS, *(name for name, _ in _FACTS))
SIGNS = (*(-1 if "missed" in name else 1 for name in COLUMNS), *(sign for _, sign in _FACTS))
ALIKE, RARE, RARER = 0.1, 6.0, 0.5
"""Cosine of titles from which they are aligned at all; idf of a name, in 30 of 12,000 texts; and by
how much it must be rarer than what is shared."""
_TITLE, _DETAIL = COLUMNS.index("cosine_title_2"), COLUMNS.index("cosine_detail_2")
_NAME = COLUMNS.index("most_name")
_COPIED = tuple(NAMES.index(name) for name in ("copied_but_exchanged", "copied_but_number"))
COPY = 0.7
"""How alike the rest must be for a text with another name in it to be a copy about another place;
with another number it always is. Of 45 such judged pairs one is one event (docs/same_event.md)."""
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """An entry with all that is computed of it once; `vectors` float32 (2, d): title, whole."""

    entry: Entry
    profile: Profile
    mentions: Mentions
    vectors: Floats
    head: Head


class Preparer:
    """Prepares entries; safe to share between threads."""

    def __init__(
        self, rarity: Rarity, encoder: Encoder, extractor: ElementExtractor | None
    ) -> None:
        self._rarity = rarity
        self._encoder = encoder
        self._extractor = extractor

    def prepare(self, entry: Entry, found: Grams | None = None) -> Prepared:
        """Return what the features of any pair with `entry` are made of; `found`: its n-grams."""
        own = weighed(found or grams(entry), self._rarity)
        named = mentions(entry, self._extractor)
        return assembled(entry, own, named, self._encoder.encode(texts_of(entry)))


def assembled(entry: Entry, own: Profile, named: Mentions, vectors: Floats) -> Prepared:
    """Return a prepared entry of what costs time; the rest is made here."""
    title = "".join(head_of(entry).split())
    whole = f"{entry.title}\n{entry.detail[:MAX_DETAIL]}"
    return Prepared(entry, own, named, vectors, Head(title, own.run_idf, whole))


def pair_features(
    query: Prepared, candidates: Sequence[Prepared], others: Stack | None = None
) -> Floats:
    """Return float32 (n, len(NAMES)); (0, len(NAMES)) for no candidates.

    `others` are the candidates' profiles where they are put together already.
    """
    if not candidates:
        return np.zeros((0, len(NAMES)), np.float32)
    others = others or stacked([each.profile for each in candidates])
    shared = overlap_of(query.profile, others)
    vectors = np.stack([each.vectors for each in candidates])
    dense = np.einsum("nfd,fd->nf", vectors, query.vectors)
    facts = [_facts(query, each, row) for each, row in zip(candidates, shared, strict=True)]
    return np.column_stack([shared, dense, np.array(facts, np.float32)])


def are_copies(features: Floats) -> NDArray[np.bool_]:
    """Say of each pair (n, len(NAMES) or more) whether one is a copy about another place; (n,)."""
    name, number = _COPIED
    found: NDArray[np.bool_] = (features[:, name] > COPY) | (features[:, number] > 0)
    return found


def _exchanges(
    one: Prepared, other: Prepared, shared: Floats, clashes: bool
) -> tuple[float, float, float]:
    """Return how much rarer the exchanged names are than what titles share, and how alike the rest.

    The likeness of what surrounds an exchanged name, or an exchanged number, speaks against one
    event: a copied complaint about another place is alike in everything else.
    """
    alike = float(shared[_TITLE])
    of_number = alike if clashes else 0.0
    found = substitution(one.head, other.head) if alike >= ALIKE else None
    if found is None or found.worth < RARE:
        return 0.0, 0.0, of_number
    rarer = found.worth - float(shared[_NAME])
    if rarer < RARER:
        return 0.0, 0.0, of_number
    return rarer, float(shared[_DETAIL]), of_number


def _facts(one: Prepared, other: Prepared, shared: Floats) -> tuple[float, ...]:
    here, there = one.mentions, other.mentions
    clashing = len(clashing_numbers(here, there))
    days = np.nan
    if one.entry.time and other.entry.time:
        days = abs((one.entry.time - other.entry.time).total_seconds()) / _DAY
    return (
        len(shared_places(here, there)),
        len(clashing_places(here, there)),
        len(here.all_numbers & there.all_numbers),
        clashing,
        here.object != "" and (here.object in there.object or there.object in here.object != ""),
        *_exchanges(one, other, shared, clashing > 0),
        days,
        _same(one.entry, other.entry, lambda entry: entry.requester),
        _same(one.entry, other.entry, lambda entry: entry.region),
        _same(one.entry, other.entry, lambda entry: entry.topic),
    )


def _same(one: Entry, other: Entry, read: Callable[[Entry], str]) -> float:
    """Return 1 where both are known and equal, 0 where both are known and differ, else NaN."""
    mine, theirs = read(one), read(other)
    return float(mine == theirs) if mine and theirs else np.nan
