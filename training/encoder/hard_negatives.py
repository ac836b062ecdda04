"""Tuples to learn an event from: a request, one of the same event, and some that only look like it.

The hard negatives are what people were shown beside the request and judged RELATED or UNRELATED
(Karpukhin et al. 2020 on why they matter). In a batch all others are negatives too, so it holds an
event once at most, and no negative that is of an event in the batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from evaluation.judged_pairs import SAME_EVENT, members
from training.encoder.contrast import Batches, Tuple
from training.encoder.judged_pairs import RowPair


@dataclass(frozen=True, slots=True)
class Event:
    """What one component teaches.

    `same` are (query, row of the same event); `unlike` maps a query to its hard negatives;
    `rows` are all of the event, which are no negative of it whatever was judged of them.
    """

    rows: frozenset[int]
    same: list[tuple[int, int]] = field(default_factory=list)
    unlike: dict[int, list[int]] = field(default_factory=dict)


def find_events(pairs: Sequence[RowPair]) -> list[Event]:
    """Return the components that hold a pair of one event, in the order of the file.

    A pair that was judged both ways round, once as one event and once not, teaches nothing.
    """
    doubtful = _doubtful(pairs)
    events = {name: Event(rows) for name, rows in members(pairs).items()}
    for pair in pairs:
        event = events[pair.component]
        if frozenset((pair.query, pair.candidate)) in doubtful:
            continue
        if pair.label == SAME_EVENT:
            event.same.append((pair.query, pair.candidate))
        elif pair.candidate not in event.rows:
            event.unlike.setdefault(pair.query, []).append(pair.candidate)
    return [event for event in events.values() if event.same]


def event_batches(events: Sequence[Event], size: int, negatives: int) -> Batches:
    """Draw tuples (query, same event, `negatives` hard negatives), each event once a batch at most.

    An epoch has as many tuples as there are pairs of one event; an event is drawn as often as it
    has pairs. A query with too few hard negatives gets candidates of other queries.
    """
    everything = sorted(
        {row for event in events for found in event.unlike.values() for row in found}
    )

    def epoch(rng: np.random.Generator) -> Iterator[list[Tuple]]:
        share = np.array([len(event.same) for event in events], np.float64)
        width = min(size, len(events))
        if not width or (width < 2 and not everything):  # nothing to be told from
            return
        for _ in range(max(1, round(share.sum() / width))):
            drawn = rng.choice(len(events), width, replace=False, p=share / share.sum())
            chosen = [events[index] for index in drawn]
            barred = frozenset[int]().union(*(event.rows for event in chosen))
            spare = [row for row in everything if row not in barred]
            yield _even([_tuple(event, barred, spare, negatives, rng) for event in chosen])

    return epoch


def _tuple(
    event: Event,
    barred: frozenset[int],
    spare: Sequence[int],
    negatives: int,
    rng: np.random.Generator,
) -> Tuple:
    query, same = event.same[int(rng.integers(len(event.same)))]
    own = [row for row in event.unlike.get(query, []) if row not in barred]
    drawn = [own[place] for place in rng.permutation(len(own))[:negatives]]
    others = sorted(set(spare) - set(own))
    more = rng.permutation(len(others))[: negatives - len(drawn)]
    either = (query, same) if rng.integers(2) else (same, query)
    return (*either, *drawn, *(others[place] for place in more))


def _even(tuples: list[Tuple]) -> list[Tuple]:
    """Cut all tuples to the shortest: the loss takes columns of one length."""
    least = min(map(len, tuples))
    return [each[:least] for each in tuples]


def _doubtful(pairs: Iterable[RowPair]) -> set[frozenset[int]]:
    """Return the pairs that were judged one event and, the other way round, not."""
    said: dict[frozenset[int], set[bool]] = {}
    for pair in pairs:
        both = frozenset((pair.query, pair.candidate))
        said.setdefault(both, set()).add(pair.label == SAME_EVENT)
    return {both for both, verdicts in said.items() if len(verdicts) > 1}
