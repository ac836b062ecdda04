from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.catalogue.period import Period, Span, day_text, gap, parse_day, uncovered

D1, D2, D3, D4 = (date(2025, 1, day) for day in (1, 2, 3, 4))


def test_the_end_of_a_period_is_the_first_day_outside() -> None:
    period = Period(D1, D3)

    assert [period.contains(day) for day in (D1, D2, D3)] == [True, True, False]


def test_an_open_period_contains_the_last_day_there_is() -> None:
    assert Period().contains(date.max)


def test_periods_that_only_touch_do_not_overlap() -> None:
    assert not Period(D1, D2).overlaps(Period(D2, D3))
    assert Period(D1, D3).overlaps(Period(D2, D4))


def test_without_known_on_the_latest_record_answers() -> None:
    withdrawn = Span(recorded=Period(end=D2))

    assert not withdrawn.holds(D3)
    assert withdrawn.holds(D3, known_on=D1)


def test_a_correction_of_the_record_is_not_an_overlap() -> None:
    before = Span(recorded=Period(end=D2))
    after = Span(Period(end=D3), Period(D2))

    assert not before.overlaps(after)


@pytest.mark.parametrize("cell", ["20250101", "2025-1-1", "2025-W01-1", "2025-02-30", "昨天"])
def test_only_full_iso_days_are_dates(cell: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_day(cell, default=date.min)


def test_an_empty_cell_is_an_open_side() -> None:
    assert parse_day("", default=date.max) == date.max
    assert day_text(date.max) is None
    assert day_text(D1) == "2025-01-01"


def test_a_gap_is_found_in_a_superseded_record_too() -> None:
    # on record until D2: D1–D2 and D3–D4, a hole on D2; corrected afterwards
    spans = [
        Span(Period(D1, D2), Period(end=D2)),
        Span(Period(D3, D4), Period(end=D2)),
        Span(Period(D1, D4), Period(D2)),
    ]

    assert gap(spans) == Period(D2, D3)
    assert gap(spans[2:]) is None


def test_a_reference_is_uncovered_from_the_day_its_target_ends() -> None:
    assert uncovered(Span(Period(D1, D4)), [Span(Period(D1, D3))]) == D3
    assert uncovered(Span(Period(D1, D4)), [Span(Period(D1, D3)), Span(Period(D3))]) is None


FIRST = date(2025, 1, 1)
days = st.integers(0, 6).map(lambda n: FIRST + timedelta(days=n))
periods = st.tuples(days, days).filter(lambda p: p[0] < p[1]).map(lambda p: Period(*p))
spans = st.builds(Span, periods, periods)


@given(target=spans, by=st.lists(spans, max_size=4))
def test_uncovered_agrees_with_asking_every_day(target: Span, by: list[Span]) -> None:
    week = [FIRST + timedelta(days=n) for n in range(7)]
    bare = [
        day
        for day in week
        for known in week
        if target.holds(day, known) and not any(span.holds(day, known) for span in by)
    ]

    assert uncovered(target, by) == min(bare, default=None)
