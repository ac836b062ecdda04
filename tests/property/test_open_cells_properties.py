"""Trying to find people again in published counts: cells, their unions, and known sums."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.workorder.open_cells import ANY, Label, OpenRecord, heading, published

pytestmark = pytest.mark.slow

labels = st.builds(
    Label,
    st.sampled_from(["2026-10", "2026-11"]),
    st.sampled_from(["500103", "500106"]),
    st.sampled_from(["住房房产", "市容环卫"]),
    st.sampled_from(["A1", "A2", "A3"]),
    st.sampled_from(["HELP", "CONSULT", "REPORT"]),
    st.sampled_from(["SATISFIED", "OPEN"]),
)
crowds = st.lists(
    st.builds(OpenRecord, labels, st.sampled_from(["", *map(str, range(12))])), max_size=120
)
ks = st.integers(3, 8)


@given(crowds, ks)
def test_every_request_is_counted_once_or_nothing_is_published(
    crowd: list[OpenRecord], k: int
) -> None:
    cells = published(crowd, k)
    assert all(n >= k for n in cells.values())
    # What is left uncounted is what the coarsest heading cannot hold k of.
    left = len(crowd) - sum(cells.values())
    assert left == 0 or not cells or left < k
    if cells:
        assert left == 0


@given(crowds, ks)
def test_a_sum_known_from_elsewhere_less_the_cells_isolates_nobody(
    crowd: list[OpenRecord], k: int
) -> None:
    """Subtract what is published at or under a heading from its true number of requests.

    What remains is nothing, at least k, or the whole heading (of which the cells said nothing).
    """
    cells = published(crowd, k)
    for step in range(7):
        truth = Counter(heading(record.label, step) for record in crowd)
        shown: Counter[Label] = Counter()
        for label, n in cells.items():
            if _fineness(label) <= step:
                shown[heading(label, step)] += n
        for label, n in truth.items():
            rest = n - shown[label]
            assert rest == 0 or rest >= k or shown[label] == 0, (step, label, n, shown[label])


def _fineness(label: Label) -> int:
    """Return the first step whose headings are as coarse as a published cell."""
    names = ("topic_l2", "outcome", "request_type", "district", "topic_l1")
    if "Q" in label.period:
        return 6
    if label.request_type == "REPORT":
        return 0
    return sum(getattr(label, name) == ANY for name in names)


@given(crowds, ks)
def test_no_union_of_cells_less_another_isolates_fewer_than_k(
    crowd: list[OpenRecord], k: int
) -> None:
    numbers = list(published(crowd, k).values())[:7]
    sums = [
        sum(n for n, chosen in zip(numbers, choice, strict=True) if chosen)
        for choice in product((False, True), repeat=len(numbers))
    ]
    # Cells share no request, so a union less a part of it is again a union of cells.
    assert all(total == 0 or total >= k for total in sums)


@given(crowds, ks)
def test_the_order_of_the_requests_changes_nothing(crowd: list[OpenRecord], k: int) -> None:
    assert published(crowd, k) == published(list(reversed(crowd)), k)
