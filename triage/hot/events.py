"""Put a batch of requests into events: nearest by vector, judged, grouped; identical texts once.

A request that says nothing (`fillers`) is an event of its own, and the same matter elsewhere is
another event (`triage.same_event.elsewhere`), whatever the judge makes of their words.

Exact search over the batch, which a week of a large city's calls that are not copies still bears;
for more, events are kept as requests come in (`triage.hot.storm`). Who judges is not known here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from triage.hot.fillers import tells_something
from triage.model.encoder import Encoder, Floats
from triage.same_event.elsewhere import for_groups
from triage.same_event.entry import Entry
from triage.same_event.groups import NOTHING_RULED, Group, Pair, Rulings, groups
from triage.same_event.judgement import Judge

NEAREST = 20
"""Candidates of a request: twice the ten within which the encoder finds 98 % of one event."""
CLOSED = 8
"""Of the requests that one is alike, so many are judged among each other: pairs that no list held
would otherwise count for nothing."""
THRESHOLD = 0.4
"""Mean probability from which two groups are one event. Below even odds, because the mean takes in
an event's wordings that are far apart: 0.5, 0.4, 0.3 gave pair F1 0.91, 0.96, 0.97 with the eight
teams' consensus, all with a pair precision of 1.0 (`triage measure-hot`; chosen there)."""
_BLOCK = 1_024


def events_of(
    entries: Sequence[Entry],
    judge: Judge,
    encoder: Encoder,
    *,
    threshold: float = THRESHOLD,
    rulings: Rulings = NOTHING_RULED,
) -> list[Group]:
    """Return the events among some requests, each request in exactly one, the largest first."""
    copies = _copies(entries, rulings)
    first = [same[0] for same in copies]
    telling = [one for one in first if tells_something(f"{one.title}，{one.detail}")]
    pairs = _judged(telling, judge, encoder, threshold)
    found = groups([one.id for one in first], pairs, threshold, rulings=rulings)
    others = {same[0].id: [one.id for one in same] for same in copies}
    whole = [_with_copies(group, others) for group in found]
    return sorted(whole, key=lambda group: (-len(group.members), group.id))


def _copies(entries: Sequence[Entry], rulings: Rulings) -> list[list[Entry]]:
    """Return requests with the same words in the same region together, the least id first.

    One of which a person has ruled stands alone, so that it can be taken away from its copies; so
    does one that says nothing.
    """
    ruled = {id for pair in (*rulings.merged, *rulings.split) for id in pair}
    same: dict[tuple[str, ...], list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: entry.id):
        says = entry.id not in ruled and tells_something(f"{entry.title}，{entry.detail}")
        alone = "" if says else entry.id
        same[entry.title, entry.detail, entry.region, alone].append(entry)
    return list(same.values())


def _with_copies(group: Group, others: Mapping[str, Sequence[str]]) -> Group:
    members = sorted(id for member in group.members for id in others[member])
    return Group(members[0], tuple(members), group.cohesion)


def _judged(
    entries: Sequence[Entry], judge: Judge, encoder: Encoder, threshold: float
) -> list[Pair]:
    found: dict[tuple[int, int], Pair] = {}
    wanted = _nearest(encoder.encode([entry.text for entry in entries]))
    for _ in range(2):
        for one, others in wanted.items():
            judged = judge.judge(entries[one], [entries[other] for other in others])
            said = [for_groups(verdict) for verdict in judged]
            for other, verdict in zip(others, said, strict=True):
                pair = (entries[one].id, entries[other].id)
                found[one, other] = (*pair, verdict.probability, verdict.label)
        wanted = _unjudged(found, threshold)
    return list(found.values())


def _nearest(vectors: Floats) -> dict[int, list[int]]:
    """Return for each row the later rows that are among its nearest, or have it among theirs."""
    wanted: dict[int, set[int]] = defaultdict(set)
    n = len(vectors)
    for begin in range(0, n, _BLOCK):
        block = vectors[begin : begin + _BLOCK] @ vectors.T
        block[np.arange(len(block)), np.arange(begin, begin + len(block))] = -2.0
        most = min(NEAREST, n - 1)
        for place, near in enumerate(
            np.argpartition(-block, most - 1, axis=1)[:, :most] if most else []
        ):
            for other in near.tolist():
                one = begin + place
                wanted[min(one, other)].add(max(one, other))
    return {one: sorted(others) for one, others in sorted(wanted.items())}


def _unjudged(found: Mapping[tuple[int, int], Pair], threshold: float) -> dict[int, list[int]]:
    """Return the pairs, not judged so far, of requests that a third one is like."""
    like: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for (one, other), pair in found.items():
        if pair[2] >= threshold:
            like[one].append((-pair[2], other))
            like[other].append((-pair[2], one))
    wanted: dict[int, set[int]] = defaultdict(set)
    for one, other in _between(like):
        if (one, other) not in found:
            wanted[one].add(other)
    return {one: sorted(others) for one, others in sorted(wanted.items())}


def _between(like: Mapping[int, Sequence[tuple[float, int]]]) -> Iterator[tuple[int, int]]:
    for near in like.values():
        closest = sorted(other for _, other in sorted(near)[:CLOSED])
        yield from combinations(closest, 2)
