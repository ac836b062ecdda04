"""Groups of requests against clusters that others made: pairs, adjusted Rand, V-measure; votes.

Agreement is measured on the requests that the reference holds: which others a group takes in
besides is seen by reading. Adjusted Rand: Hubert & Arabie 1985; V-measure: Rosenberg & Hirschberg
2007; both are checked against scikit-learn in the tests.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from triage.request import Json

Clusters = Mapping[str, str]
"""Request id → the name of its cluster."""
VOTES = 2
"""Teams that must put two requests together for them to be one known event."""


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """Requests that at least `VOTES` teams put together; `teams` name it, the more the better."""

    members: frozenset[str]
    teams: int


def agreement(
    reference: Clusters, found: Clusters, *, but: frozenset[tuple[str, str]] = frozenset()
) -> dict[str, Json]:
    """Return how far two clusterings agree on the requests of the reference.

    Parameters
    ----------
    found : a request that is missing from it stands alone
    but : pairs (sorted ids) that are left out of the pairwise figures
    """
    names = sorted(reference)
    given = {name: found.get(name, f"alone {name}") for name in names}
    right = wrong = missed = 0
    for one, other in combinations(names, 2):
        if (one, other) in but:
            continue
        together, joined = reference[one] == reference[other], given[one] == given[other]
        right += together and joined
        wrong += joined and not together
        missed += together and not joined
    homogeneity, completeness, v = v_measure(reference, given)
    return {
        "requests": len(names),
        "pair_precision": _share(right, right + wrong),
        "pair_recall": _share(right, right + missed),
        "pair_f1": _share(2 * right, 2 * right + wrong + missed),
        "adjusted_rand": round(adjusted_rand(reference, given), 4),
        "homogeneity": round(homogeneity, 4),
        "completeness": round(completeness, 4),
        "v_measure": round(v, 4),
    }


def adjusted_rand(reference: Clusters, found: Clusters) -> float:
    """Return the Rand index corrected for chance: 1 for the same clusters, about 0 by chance."""
    cells, rows, columns = _counts(reference, found)
    both = sum(math.comb(n, 2) for n in cells.values())
    one, other = (sum(math.comb(n, 2) for n in part.values()) for part in (rows, columns))
    total = math.comb(len(reference), 2)
    expected = one * other / total if total else 0.0
    most = (one + other) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def v_measure(reference: Clusters, found: Clusters) -> tuple[float, float, float]:
    """Return homogeneity, completeness and their harmonic mean, each in [0, 1]."""
    cells, rows, columns = _counts(reference, found)
    n = len(reference)
    given_found = -sum(c * math.log(c / columns[b]) for (_, b), c in cells.items())
    given_reference = -sum(c * math.log(c / rows[a]) for (a, _), c in cells.items())
    of_reference, of_found = (
        -sum(c * math.log(c / n) for c in part.values()) for part in (rows, columns)
    )
    homogeneity = 1 - given_found / of_reference if of_reference else 1.0
    completeness = 1 - given_reference / of_found if of_found else 1.0
    both = homogeneity + completeness
    return homogeneity, completeness, 2 * homogeneity * completeness / both if both else 0.0


def known_events(teams: Mapping[str, Clusters], likes: Mapping[str, int]) -> list[KnownEvent]:
    """Return what the teams' clusters have in common, the best known first.

    Best known is what most teams found; among equals what most people told of or liked.
    """
    together = Counter(pair for clusters in teams.values() for pair in pairs_of(clusters))
    events = _connected(pair for pair, n in sorted(together.items()) if n >= VOTES)
    found = [KnownEvent(frozenset(one), _finders(one, teams)) for one in events]
    return sorted(
        found,
        key=lambda event: (
            -event.teams,
            -len(event.members) - sum(likes.get(one, 0) for one in event.members),
            min(event.members),
        ),
    )


def pairs_of(clusters: Clusters) -> set[tuple[str, str]]:
    """Return the pairs (sorted ids) that are together."""
    members = defaultdict(list)
    for id, cluster in sorted(clusters.items()):
        members[cluster].append(id)
    return {pair for one in members.values() for pair in combinations(one, 2)}


def rank_of(event: KnownEvent, topics: Sequence[Iterable[str]]) -> int | None:
    """Return the rank from 1 of the first topic that holds at least half of an event's requests."""
    for rank, members in enumerate(topics, 1):
        if 2 * len(event.members & set(members)) >= len(event.members):
            return rank
    return None


def _finders(members: set[str], teams: Mapping[str, Clusters]) -> int:
    found = 0
    for clusters in teams.values():
        most = Counter(cluster for id, cluster in clusters.items() if id in members)
        found += any(n >= 2 for n in most.values())
    return found


def _connected(pairs: Iterable[tuple[str, str]]) -> list[set[str]]:
    of: dict[str, set[str]] = {}
    for one, other in pairs:
        joined = of.get(one, {one}) | of.get(other, {other})
        of.update(dict.fromkeys(joined, joined))
    return [set(one) for one in sorted({tuple(sorted(group)) for group in of.values()})]


def _counts(
    reference: Clusters, found: Clusters
) -> tuple[Counter[tuple[str, str]], Counter[str], Counter[str]]:
    cells = Counter((cluster, found[id]) for id, cluster in reference.items())
    return cells, Counter(reference.values()), Counter(found[id] for id in reference)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
