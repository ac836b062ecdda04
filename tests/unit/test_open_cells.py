from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from triage.workorder.open_cells import ANY, Label, OpenRecord, UnfitK, heading, published

SMOKE = Label("2026-10", "500103", "市容环卫", "SR03", "HELP", "SATISFIED")
NOISE = Label("2026-10", "500103", "市容环卫", "SR04", "HELP", "SATISFIED")
REPORT = Label("2026-10", "500103", "市场监管", "SC01", "REPORT", "SATISFIED")


def records(label: Label, n: int, *, requesters: int | None = None) -> list[OpenRecord]:
    most = n if requesters is None else requesters
    return [OpenRecord(label, f"{label}{number % most}") for number in range(n)]


def test_a_cell_of_k_requests_is_published_as_it_is() -> None:
    assert published(records(SMOKE, 5), 5) == {SMOKE: 5}


def test_fewer_than_k_in_all_are_published_nowhere() -> None:
    assert published(records(SMOKE, 4), 5) == {}
    assert published([], 5) == {}


def test_small_cells_go_under_a_coarser_heading_together() -> None:
    first_level = Label("2026-10", "500103", "市容环卫", ANY, "HELP", "SATISFIED")
    assert published(records(SMOKE, 3) + records(NOISE, 3), 5) == {first_level: 6}


def test_the_smallest_neighbour_is_given_up_where_the_rest_would_be_small() -> None:
    # 3 of noise would stand alone beside 9 of smoke: a known sum of 12, less 9, would show them.
    first_level = Label("2026-10", "500103", "市容环卫", ANY, "HELP", "SATISFIED")
    assert published(records(SMOKE, 9) + records(NOISE, 3), 5) == {first_level: 12}


def test_a_larger_neighbour_stays() -> None:
    third = Label("2026-10", "500103", "市容环卫", "SR05", "HELP", "SATISFIED")
    found = published(records(SMOKE, 9) + records(NOISE, 3) + records(third, 6), 5)
    assert found == {
        SMOKE: 9,
        Label("2026-10", "500103", "市容环卫", ANY, "HELP", "SATISFIED"): 9,
    }


def test_one_person_s_many_requests_are_no_crowd() -> None:
    assert published(records(SMOKE, 20, requesters=2), 5) == {}
    assert published(records(SMOKE, 20, requesters=5), 5) == {SMOKE: 20}


def test_requests_without_a_number_count_each_for_one() -> None:
    assert published([OpenRecord(SMOKE, "")] * 5, 5) == {SMOKE: 5}


def test_a_report_shows_neither_district_nor_matter_nor_outcome() -> None:
    [label] = published(records(REPORT, 50), 5)
    assert label == Label("2026-10", ANY, "市场监管", ANY, "REPORT", ANY)


def test_two_small_months_are_published_as_their_quarter() -> None:
    october, november = SMOKE, replace(SMOKE, period="2026-11")
    found = published(records(october, 3) + records(november, 3), 5)
    assert found == {Label("2026Q4", ANY, ANY, ANY, ANY, ANY): 6}


@pytest.mark.parametrize("k", [2, 1, 0, -5])
def test_a_k_that_protects_nobody_is_refused(k: int) -> None:
    with pytest.raises(UnfitK, match="至少为 3"):
        published(records(SMOKE, 50), k)


def test_headings_only_grow_coarser() -> None:
    steps = [heading(SMOKE, step) for step in range(7)]
    assert steps[0] == SMOKE
    assert steps[4] == Label("2026-10", ANY, "市容环卫", ANY, ANY, ANY)
    assert steps[6] == Label("2026Q4", ANY, ANY, ANY, ANY, ANY)
    for finer, coarser in pairwise(steps):
        assert heading(finer, steps.index(coarser)) == coarser
