"""The same text twice: contradictions within data, and leaks between files.

Three degrees: `exact` (the same letters and digits after folding), `near` (`training.split`'s
near-duplicates), `group` (the group that the data themselves name: one story, which may rightly
hold different requests).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from evaluation.truth import Example, labels_of
from training.audit.suspects import DECISIONS
from training.split import near_duplicates
from triage.text.fold import fold

EXACT, NEAR, GROUP = "exact", "near", "group"
KINDS = (EXACT, NEAR, GROUP)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rows that say the same and bear different labels of one decision."""

    kind: str
    decision: str
    rows: tuple[int, ...]
    labels: tuple[str, ...]

    @property
    def majority(self) -> str | None:
        """The label of more than half of the rows, where there is one."""
        label, count = Counter(self.labels).most_common(1)[0]
        return label if 2 * count > len(self.labels) else None


@dataclass(frozen=True, slots=True)
class Leak:
    """A row of the data whose text, or group, stands in another file too."""

    kind: str
    row: int
    other: int


def find_conflicts(examples: Sequence[Example]) -> tuple[list[Conflict], dict[str, int]]:
    """Return the conflicts, and how many sets of two rows or more each kind has.

    Rows in conflict as `exact` are not named again as `near`, nor those as `group`.
    """
    sets = _sets(examples)
    conflicts: list[Conflict] = []
    named: set[tuple[str, int]] = set()
    for kind in KINDS:
        for decision in DECISIONS:
            for rows in sets[kind]:
                found = _conflict(examples, kind, decision, rows)
                if found and not all((decision, row) in named for row in found.rows):
                    conflicts.append(found)
        named |= {(one.decision, row) for one in conflicts for row in one.rows}
    return conflicts, {kind: len(found) for kind, found in sets.items()}


def find_leaks(examples: Sequence[Example], others: Sequence[Example]) -> list[Leak]:
    """Return each pair of a row here and a row there once, of the strictest kind."""
    both, n = [*examples, *others], len(examples)
    pairs: dict[tuple[int, int], str] = {}
    for kind in KINDS:
        for one, other in _pairs(both, kind):
            here, there = min(one, other), max(one, other)
            if here < n <= there:
                pairs.setdefault((here, there - n), kind)
    return [Leak(kind, here, there) for (here, there), kind in sorted(pairs.items())]


def _pairs(examples: Sequence[Example], kind: str) -> list[tuple[int, int]]:
    if kind == NEAR:
        return near_duplicates([_text(example) for example in examples])
    rows: defaultdict[Hashable, list[int]] = defaultdict(list)
    for row, example in enumerate(examples):
        key = _letters(_text(example)) if kind == EXACT else example.group
        if key:
            rows[key].append(row)
    return [(one, other) for same in rows.values() for one in same for other in same if one < other]


def _sets(examples: Sequence[Example]) -> dict[str, list[list[int]]]:
    """Return the sets of two rows or more that each kind of sameness joins."""
    return {kind: _joined(_pairs(examples, kind), len(examples)) for kind in KINDS}


def _joined(pairs: Sequence[tuple[int, int]], n: int) -> list[list[int]]:
    if not pairs:
        return []
    one, other = (np.array(part) for part in zip(*pairs, strict=True))
    graph = sp.coo_matrix((np.ones(len(one), np.int8), (one, other)), shape=(n, n))
    component: NDArray[np.int32] = connected_components(graph, directed=False)[1]
    rows: defaultdict[int, list[int]] = defaultdict(list)
    for row in sorted({*one.tolist(), *other.tolist()}):
        rows[int(component[row])].append(row)
    return list(rows.values())


def _conflict(
    examples: Sequence[Example], kind: str, decision: str, rows: Sequence[int]
) -> Conflict | None:
    found = [(row, label[0]) for row in rows if (label := labels_of(examples[row], decision))]
    if len({label for _, label in found}) < 2:
        return None
    kept, labels = zip(*found, strict=True)
    return Conflict(kind, decision, kept, labels)


def _text(example: Example) -> str:
    return f"{example.title}\n{example.text}"


def _letters(text: str) -> str:
    """Return the folded letters and digits of a text: what is left when it is written otherwise."""
    return "".join(letter for code in fold(text).tolist() if (letter := chr(code)).isalnum())
