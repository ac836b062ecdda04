"""Judge all pairs of a pool that are worth it, each once; copies are judged through one of them.

A thousand equal texts make 999 pairs, each copy with the first, not half a million. Which pairs are
kept is the caller's threshold; pairs below it come too, for groups need to know what spoke against.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triage.same_event.candidates import JUDGED, Pool
from triage.same_event.entry import Entry
from triage.same_event.judgement import Judgement
from triage.same_event.model import SameEventModel
from triage.same_event.pair_features import Prepared


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """Two entries in the order of the input, and the verdict on them."""

    a: Entry
    b: Entry
    judgement: Judgement


def all_pairs(
    model: SameEventModel, entries: Sequence[Entry], *, closely: bool = False
) -> Iterator[JudgedPair]:
    """Yield every pair that was judged, in the order of the input."""
    copies: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in entries:
        copies.setdefault(_words(entry), []).append(entry)
    firsts = [model.prepare(same[0]) for same in copies.values()]
    places = {id(one): place for place, one in enumerate(firsts)}
    pool = Pool(firsts)
    seen = set[tuple[int, int]]()
    for query, found, same in zip(firsts, pool.search(firsts), copies.values(), strict=True):
        here, found = places[id(query)], pool.ranked(query, found)[:JUDGED]
        fresh = [there for there in found if (min(here, there), max(here, there)) not in seen]
        seen.update((min(here, there), max(here, there)) for there in fresh)
        yield from _judged(model, query, [firsts[there] for there in fresh], closely=closely)
        copied = [model.prepare(copy) for copy in same[1:]]
        yield from _judged(model, query, copied, closely=False)  # there is nothing to tell apart


def is_copy(one: Entry, other: Entry) -> bool:
    """Say whether two entries have the same words in the same region."""
    return _words(one) == _words(other)


def _words(entry: Entry) -> tuple[str, str, str]:
    return entry.title, entry.detail, entry.region


def _judged(
    model: SameEventModel, query: Prepared, others: Sequence[Prepared], *, closely: bool
) -> Iterator[JudgedPair]:
    verdicts = model.judge_prepared(query, others, closely=closely)
    for other, verdict in zip(others, verdicts, strict=True):
        yield JudgedPair(query.entry, other.entry, verdict)


def nearest(
    model: SameEventModel, query: Entry, pool: Pool, k: int, *, closely: bool = False
) -> list[tuple[Entry, Judgement]]:
    """Return the k entries of a pool that are most probably the query's event, best first."""
    prepared = model.prepare(query)
    (places,) = pool.search([prepared])
    found = [pool.entries[place] for place in pool.ranked(prepared, places)[: JUDGED + 1]]
    others = [one for one in found if one.entry.id != query.id][:JUDGED]
    verdicts = model.judge_prepared(prepared, others, closely=closely)
    ranked = sorted(zip(others, verdicts, strict=True), key=lambda pair: -pair[1].probability)
    return [(other.entry, verdict) for other, verdict in ranked[:k]]
