"""Put requests into events from judged pairs, so that one weak link cannot join two events.

Agglomeration with average link (Sokal & Michener 1958) over the pairs that are known, with two
brakes: a majority of the smaller side must support a join, and contradictions forbid it. Pairs that
share neighbours come first (topological overlap, Ravasz et al. 2002), so that a bridge comes last.
What people merged or split stands above every probability. Who judged the pairs is not known here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from triage.same_event.judgement import Label

Pair = tuple[str, str, float, Label]
"""Two ids, the probability that they are one event, and the class."""
ENOUGH = 3
"""Members of the larger side that must be linked, if it has so many: a chain of single links,
each request like the one before it only, otherwise grows without end."""
CONFIDENT = 0.05
"""UNRELATED with a probability of one event below this is a contradiction."""
AGAINST = 0.25
"""Share of contradictions among the known pairs of two groups from which they stay apart."""


@dataclass(frozen=True, slots=True)
class Group:
    """Requests of one event. `id` is the least member's, `members` are sorted.

    `cohesion` is the mean probability of the known pairs within, 1.0 for a request alone or for
    what only people joined.
    """

    id: str
    members: tuple[str, ...]
    cohesion: float = 1.0


@dataclass(frozen=True, slots=True)
class Rulings:
    """What people decided of pairs of ids: 并单 and 拆单. A split wins over a merge."""

    merged: frozenset[tuple[str, str]] = frozenset()
    split: frozenset[tuple[str, str]] = frozenset()


NOTHING_RULED = Rulings()


def groups(
    ids: Iterable[str],
    pairs: Iterable[Pair],
    threshold: float,
    *,
    rulings: Rulings = NOTHING_RULED,
) -> list[Group]:
    """Return the events: every id in exactly one group, the largest group first, then by id.

    Parameters
    ----------
    pairs : all judged pairs, those below the threshold too: they hold groups apart. Their order
        and direction say nothing; a pair given twice counts with its mean.
    threshold : least mean probability in (0, 1] of the known pairs between two groups that join

    Raises
    ------
    ValueError
        A pair or a ruling names an id that is not among `ids`, or a probability is outside [0, 1].
    """
    names = sorted(set(ids))
    number = {name: place for place, name in enumerate(names)}
    clusters = _Clusters(len(names), _known(pairs, number), threshold)
    for one, other in _numbered(rulings.split, number):
        clusters.forbid(one, other)
    for one, other in _numbered(rulings.merged, number):
        clusters.join_if_allowed(one, other)
    clusters.agglomerate()
    found = [
        Group(names[members[0]], tuple(names[place] for place in members), cohesion)
        for members, cohesion in clusters.all()
    ]
    return sorted(found, key=lambda group: (-len(group.members), group.id))


def is_contradiction(probability: float, label: Label) -> bool:
    """Say whether a verdict speaks so clearly against one event that it counts as a veto."""
    return label is Label.UNRELATED and probability < CONFIDENT


def _known(
    pairs: Iterable[Pair], number: Mapping[str, int]
) -> dict[tuple[int, int], tuple[float, bool]]:
    """Return probability and whether it is a contradiction, by numbered pair in sorted order."""
    said: dict[tuple[int, int], list[tuple[float, bool]]] = defaultdict(list)
    for one, other, probability, label in pairs:
        if one not in number or other not in number or not 0.0 <= probability <= 1.0:
            raise ValueError(f"pair {one!r}, {other!r}, {probability}: unknown id or probability")
        if one != other:
            first, second = sorted((number[one], number[other]))
            said[first, second].append((probability, is_contradiction(probability, label)))
    return {
        pair: (sum(sorted(p for p, _ in many)) / len(many), all(against for _, against in many))
        for pair, many in sorted(said.items())
    }


def _numbered(pairs: Iterable[tuple[str, str]], number: Mapping[str, int]) -> list[tuple[int, int]]:
    for one, other in pairs:
        if one not in number or other not in number:
            raise ValueError(f"ruling {one!r}, {other!r}: an id that is not among those grouped")
    found = {tuple(sorted((number[one], number[other]))) for one, other in pairs if one != other}
    return sorted((pair[0], pair[1]) for pair in found)


class _Clusters:
    """Numbered requests in clusters; a cluster is called by one of its members."""

    def __init__(
        self, n: int, known: Mapping[tuple[int, int], tuple[float, bool]], threshold: float
    ) -> None:
        self._threshold = threshold
        self._of = list(range(n))
        self._members: dict[int, list[int]] = {place: [place] for place in range(n)}
        self._like: list[set[int]] = [set() for _ in range(n)]
        self._links: list[dict[int, _Link]] = [{} for _ in range(n)]
        self._within = [_Link() for _ in range(n)]
        self._apart: list[set[int]] = [set() for _ in range(n)]
        for (one, other), (probability, _) in known.items():
            if probability >= threshold:
                self._like[one].add(other)
                self._like[other].add(one)
        for (one, other), (probability, is_against) in known.items():
            shared = self._overlap(one, other) if probability >= threshold else 0.0
            link = _Link(1, probability, probability * shared, int(is_against))
            self._links[one][other] = self._links[other][one] = link

    def forbid(self, one: int, other: int) -> None:
        """Keep two requests apart for good; called before any join."""
        self._apart[one].add(other)
        self._apart[other].add(one)

    def join_if_allowed(self, one: int, other: int) -> None:
        """Join the clusters of two requests, unless somebody split them."""
        first, second = self._of[one], self._of[other]
        if first != second and second not in self._apart[first]:
            self._join(first, second)

    def agglomerate(self) -> None:
        """Join the closest two clusters that may join, until there are none."""
        heap = [
            self._offer(one, other)
            for one in self._members
            for other, link in self._links[one].items()
            if one < other and link.mean >= self._threshold
        ]
        heapify(heap)
        while heap:
            _, one, other, size = heappop(heap)
            if not self._stands(one, other, size) or not self._may_join(one, other):
                continue
            kept = self._join(one, other)
            for beside, link in self._links[kept].items():
                if link.mean >= self._threshold:
                    heappush(heap, self._offer(*sorted((kept, beside))))

    def all(self) -> list[tuple[list[int], float]]:
        """Return the members, sorted, and the cohesion of every cluster."""
        return [
            (sorted(members), self._within[name].mean if self._within[name].known else 1.0)
            for name, members in self._members.items()
        ]

    def _offer(self, one: int, other: int) -> tuple[float, int, int, int]:
        size = len(self._members[one]) + len(self._members[other])
        return -self._links[one][other].nearness, one, other, size

    def _stands(self, one: int, other: int, size: int) -> bool:
        """Say whether an offer is of two clusters as they are now: these only grow."""
        if one not in self._members or other not in self._members:
            return False
        return size == len(self._members[one]) + len(self._members[other])

    def _overlap(self, one: int, other: int) -> float:
        """Return in (0, 1] how far two requests that are alike share those they are like."""
        few, many = sorted((self._like[one], self._like[other]), key=len)
        return (len(few & many) + 1) / len(few)

    def _may_join(self, one: int, other: int) -> bool:
        link = self._links[one][other]
        if other in self._apart[one] or link.against >= AGAINST * link.known:
            return False
        small, large = sorted((one, other), key=lambda name: len(self._members[name]))
        supporters, supported = 0, set[int]()
        for place in self._members[small]:
            liked = [near for near in self._like[place] if self._of[near] == large]
            supporters += bool(liked)
            supported.update(liked[:ENOUGH])
        return supporters >= _majority(self._members[small]) and len(supported) >= min(
            _majority(self._members[large]), ENOUGH
        )

    def _join(self, one: int, other: int) -> int:
        """Make two clusters one; return its name, that of the side with more neighbours."""
        kept, gone = (one, other) if self._weight(one) >= self._weight(other) else (other, one)
        between = self._links[kept].pop(gone, None)
        self._links[gone].pop(kept, None)
        self._within[kept].add(self._within[gone])
        if between is not None:
            self._within[kept].add(between)
        for beside, link in self._links[gone].items():
            own = self._links[kept].setdefault(beside, _Link())
            own.add(link)
            del self._links[beside][gone]
            self._links[beside][kept] = own
        for beside in self._apart[gone]:
            self._apart[beside].discard(gone)
            self.forbid(kept, beside)
        for place in self._members[gone]:
            self._of[place] = kept
        self._members[kept] += self._members.pop(gone)
        self._links[gone], self._apart[gone] = {}, set()
        return kept

    def _weight(self, name: int) -> int:
        return len(self._links[name]) + len(self._members[name])


@dataclass(slots=True)
class _Link:
    """The known pairs between two clusters, or within one: sums, and how many contradict."""

    known: int = 0
    total: float = 0.0
    near: float = 0.0
    against: int = 0

    @property
    def mean(self) -> float:
        return self.total / self.known if self.known else 0.0

    @property
    def nearness(self) -> float:
        """What decides who joins first: the mean of probability times overlap."""
        return self.near / self.known if self.known else 0.0

    def add(self, other: _Link) -> None:
        self.known += other.known
        self.total += other.total
        self.near += other.near
        self.against += other.against


def _majority(members: Sequence[int]) -> int:
    return len(members) // 2 + 1
