"""Counts of requests that may be published: every cell holds at least k requests and requesters.

Each request is counted in exactly one cell, the finest that is large enough; no sums are published
beside the cells. Where what is left under a heading would be fewer than k, the smallest cell under
it is given up too (complementary suppression), so that a sum known from elsewhere, less what is
published here, is nothing, k or more, or a heading of which nothing was published.

References
----------
Samarati & Sweeney (1998): k-anonymity by generalisation and suppression. Hundepool et al. (2012),
Statistical Disclosure Control, ch. 4: secondary suppression in tables. The libraries for
k-anonymity (pyCANON, ANJANA) recode tables of persons and publish those; a table of counts with
secondary suppression is not what they make.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from triage.errors import TriageError

ANY = "*"
LEAST_K = 3
DEFAULT_K = 5


class UnfitK(TriageError):
    """A k that protects nobody."""

    code = "k_too_small"


@dataclass(frozen=True, slots=True, order=True)
class Label:
    """What a cell is of; `ANY` where that was generalised away. `period` is 2026-10 or 2026Q4."""

    period: str
    district: str
    topic_l1: str
    topic_l2: str
    request_type: str
    outcome: str


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """One request: where it belongs, and by what its requester is told apart ("" is unknown)."""

    label: Label
    requester: str


@dataclass(slots=True)
class _Group:
    k: int
    n: int = 0
    nameless: int = 0
    requesters: set[str] = field(default_factory=set)

    def add(self, requester: str) -> None:
        self.n += 1
        if not requester:
            self.nameless += 1
        elif len(self.requesters) < self.k:  # more than k need not be told apart
            self.requesters.add(requester)

    def take(self, other: _Group) -> None:
        self.n += other.n
        self.nameless += other.nameless
        self.requesters |= other.requesters

    @property
    def is_enough(self) -> bool:
        return self.n >= self.k and len(self.requesters) + self.nameless >= self.k


_STEPS = 7
"""From the finest heading to the coarsest."""


def heading(label: Label, step: int) -> Label:
    """Return the heading of a cell at a step in 0 … 6; each takes the ones before it in.

    1 second-level topic, 2 outcome, 3 request type, 4 district, 5 topic, 6 month to quarter. A
    report (举报) begins without district, second level and outcome: those point at the accused.
    """
    if label.request_type == "REPORT":
        label = replace(label, district=ANY, topic_l2=ANY, outcome=ANY)
    for name in ("topic_l2", "outcome", "request_type", "district", "topic_l1")[:step]:
        label = replace(label, **{name: ANY})
    return replace(label, period=quarter_of(label.period)) if step == _STEPS - 1 else label


def quarter_of(period: str) -> str:
    """Return the quarter of a month, 2026Q4 of 2026-10; a quarter is its own."""
    if "Q" in period:
        return period
    year, month = period.split("-")
    return f"{year}Q{(int(month) + 2) // 3}"


def published(records: Iterable[OpenRecord], k: int) -> dict[Label, int]:
    """Return the cells with their numbers of requests, in the order of their labels.

    Fewer than k requests in all give no cell.

    Raises
    ------
    UnfitK
        k is below `LEAST_K`.
    """
    if k < LEAST_K:
        raise UnfitK(f"k = {k}：至少为 {LEAST_K}", field="k")
    waiting: dict[Label, _Group] = {}
    for record in records:
        label = heading(record.label, 0)
        waiting.setdefault(label, _Group(k)).add(record.requester)
    cells: dict[Label, _Group] = {}
    for step in range(_STEPS):
        waiting = _settled(_regrouped(waiting, step, k), cells, step)
    return {label: group.n for label, group in sorted(cells.items())}


def _regrouped(waiting: Mapping[Label, _Group], step: int, k: int) -> dict[Label, _Group]:
    found: dict[Label, _Group] = {}
    for label, group in waiting.items():
        found.setdefault(heading(label, step), _Group(k)).take(group)
    return found


def _settled(
    waiting: Mapping[Label, _Group], cells: dict[Label, _Group], step: int
) -> dict[Label, _Group]:
    """Publish what is large enough, alone or with the smallest cell below; return the rest."""
    below: defaultdict[Label, list[Label]] = defaultdict(list)
    for label in cells:
        below[heading(label, step)].append(label)
    left = {}
    for label, group in sorted(waiting.items()):
        own = cells.pop(label, None)
        if own is None and not group.is_enough and below[label]:
            # Ties by label, so that the same requests always give the same file.
            own = cells.pop(min(below[label], key=lambda one: (cells[one].n, one)))
        if own is not None:
            group.take(own)
        if group.is_enough:
            cells[label] = group
        else:
            left[label] = group
    return left
