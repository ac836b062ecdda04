"""Whatever happens to an order in 2019-2030: it has a deadline, after its start, and a fair one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from triage.workorder.clock import LEVELS, MODES, TYPES, ClockFacts, Raise
from triage.workorder.deadlines import deadline
from triage.workorder.due_moments import reminders
from triage.workorder.order import Pause
from triage.workorder.policy import Clock, ClockKind, Policy
from triage.workorder.policy_file import load_policy
from triage.workorder.stops import after_working_days, merged, stands_at
from triage.workorder.working_calendar import DAY, WorkingCalendar, shanghai_day

CALENDAR = WorkingCalendar()
SHIPPED = load_policy()
QUICK = settings(max_examples=20, deadline=None)

FIRST = datetime(2019, 1, 1, tzinfo=UTC)
SECONDS = (datetime(2031, 1, 1, tzinfo=UTC) - FIRST) // timedelta(seconds=1)
MOMENTS = st.integers(0, SECONDS - 1).map(lambda second: FIRST + timedelta(seconds=second))
REASONS = st.sampled_from([*SHIPPED.periods[0].pauses, "NO_SUCH_REASON"])
HOURS = st.integers(0, 60 * 24)


@st.composite
def pauses(draw: st.DrawFn, start: datetime) -> Pause:
    since = start + timedelta(hours=draw(HOURS), minutes=draw(st.integers(-60, 60)))
    lasted = draw(st.none() | st.integers(0, 40 * 24 * 60))
    until = None if lasted is None else since + timedelta(minutes=lasted)
    return Pause(since, until, draw(REASONS))


@st.composite
def facts(draw: st.DrawFn) -> ClockFacts:
    start = draw(MOMENTS)
    raises = st.builds(
        Raise,
        HOURS.map(lambda hours: start + timedelta(hours=hours)),
        st.sampled_from(LEVELS),
        st.sampled_from(MODES),
        st.integers(0, 2),
    )
    return ClockFacts(
        started_at=start,
        request_type=draw(st.sampled_from([*TYPES, "", "UNHEARD_OF"])),
        urgency=draw(st.sampled_from(LEVELS)),
        mode=draw(st.sampled_from(MODES)),
        raises=draw(st.lists(raises, max_size=2)),
        pauses=draw(st.lists(pauses(start), max_size=3)),
        extensions=draw(st.lists(st.integers(1, 20), max_size=2)),
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """The shipped policy from 2019 on, changed up to twice, for open orders or not."""
    first = replace(SHIPPED.periods[0], effective_from=date(2019, 1, 1))
    periods = [first]
    for day in sorted(draw(st.sets(st.dates(date(2019, 2, 1), date(2030, 12, 1)), max_size=2))):
        days = draw(st.integers(1, 30))
        clocks = {
            key: Clock(ClockKind.WORKING_DAYS, days, "new") if key[1] >= 3 else clock
            for key, clock in first.clocks.items()
        }
        is_for_open = draw(st.booleans())
        periods.append(
            replace(first, effective_from=day, applies_to_open=is_for_open, clocks=clocks)
        )
    return replace(SHIPPED, periods=tuple(periods))


def changed_soon(policy: Policy, clock: ClockFacts, after_days: int) -> Policy:
    """Return the policy with its last change moved to shortly after the start of the clock."""
    if len(policy.periods) == 1:
        return policy
    day = shanghai_day(clock.started_at) + DAY * after_days
    return replace(
        policy, periods=(policy.periods[0], replace(policy.periods[-1], effective_from=day))
    )


@given(policies(), facts(), st.integers(1, 40))
@QUICK
def test_every_order_has_a_deadline_after_its_start_and_not_in_a_pause(
    policy: Policy, clock: ClockFacts, after_days: int
) -> None:
    found = deadline(changed_soon(policy, clock, after_days), CALENDAR, clock)

    assert found.due_at.tzinfo is UTC
    assert found.due_at > clock.started_at
    assert found.counted_from >= clock.started_at
    assert found.basis


@given(facts())
@QUICK
def test_nothing_falls_due_while_the_clock_stands(clock: ClockFacts) -> None:
    found = deadline(SHIPPED, CALENDAR, clock)

    assert not any(since < found.due_at < until for since, until in found.stops)


@given(policies(), facts(), st.integers(1, 40), st.data())
@QUICK
def test_a_pause_never_shortens(
    policy: Policy, clock: ClockFacts, after_days: int, data: st.DataObject
) -> None:
    policy = changed_soon(policy, clock, after_days)
    paused = replace(clock, pauses=[*clock.pauses, data.draw(pauses(clock.started_at))])

    assert deadline(policy, CALENDAR, paused).due_at >= deadline(policy, CALENDAR, clock).due_at


@given(policies(), facts(), st.integers(1, 40), HOURS, st.sampled_from(LEVELS))
@QUICK
def test_a_change_of_level_never_puts_off(
    policy: Policy, clock: ClockFacts, after_days: int, hours: int, level: int
) -> None:
    policy = changed_soon(policy, clock, after_days)
    raised = Raise(clock.started_at + timedelta(hours=hours), level, clock.mode)
    changed = replace(clock, raises=[*clock.raises, raised])

    assert deadline(policy, CALENDAR, changed).due_at <= deadline(policy, CALENDAR, clock).due_at


@given(facts(), st.integers(1, 20))
@QUICK
def test_an_extension_never_shortens(clock: ClockFacts, days: int) -> None:
    longer = replace(clock, extensions=[*clock.extensions, days])

    assert deadline(SHIPPED, CALENDAR, longer).due_at >= deadline(SHIPPED, CALENDAR, clock).due_at


@given(policies(), facts())
@QUICK
def test_a_change_of_policy_that_spares_open_orders_changes_none(
    policy: Policy, clock: ClockFacts
) -> None:
    first = policy.at(clock.started_at)
    periods = tuple(replace(period, applies_to_open=False) for period in policy.periods)
    spared = deadline(replace(policy, periods=periods), CALENDAR, clock)
    alone = deadline(replace(policy, periods=(first,)), CALENDAR, clock)

    assert spared.due_at == alone.due_at


@given(MOMENTS, st.integers(1, 60))
@QUICK
def test_n_working_days_end_at_midnight_of_a_working_day_and_grow_with_n(
    start: datetime, n: int
) -> None:
    end = CALENDAR.end_after_working_days(start, n)

    last = shanghai_day(end) - DAY
    assert (end.hour, end.minute, end.second, end.microsecond) == (16, 0, 0, 0)  # 0:00 in Shanghai
    assert CALENDAR.is_working_day(last)
    assert CALENDAR.working_days_between(start, end - timedelta(seconds=1)) == n
    assert CALENDAR.end_after_working_days(start, n + 1) > end
    assert after_working_days((), start, n, CALENDAR) == (end, 0)


@given(st.dates(date(2019, 1, 1), date(2030, 12, 30)), st.integers(0, 86_399), st.integers(1, 9))
@QUICK
def test_only_the_day_in_shanghai_counts_not_the_hour(day: date, second: int, n: int) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)
    end = CALENDAR.end_after_working_days(midnight, n)

    assert CALENDAR.end_after_working_days(midnight + timedelta(seconds=second), n) == end
    assert CALENDAR.end_after_working_days(midnight + timedelta(days=1), n) >= end


@given(facts())
@QUICK
def test_reminders_lie_between_the_start_of_the_clock_and_a_pause_never(clock: ClockFacts) -> None:
    found = deadline(SHIPPED, CALENDAR, clock)
    moments = reminders(SHIPPED.periods[0], found)

    assert list(moments) == sorted(moments, key=lambda one: (one.at, one.rule.code))
    for one in moments:
        assert one.at > found.counted_from
        if one.rule.share_left is not None:
            assert one.at <= found.due_at
            assert not stands_at(found.stops, one.at)


@given(st.lists(st.tuples(MOMENTS, MOMENTS), max_size=6), MOMENTS)
@QUICK
def test_merged_stops_hold_the_same_moments(
    intervals: list[tuple[datetime, datetime]], moment: datetime
) -> None:
    assume(intervals)
    result = merged(intervals)

    assert stands_at(result, moment) == stands_at(intervals, moment)
    assert all(before[1] < after[0] for before, after in pairwise(result))


MAKE_UP_SATURDAYS = [
    "2019-02-02", "2020-05-09", "2021-10-09", "2022-10-08", "2023-05-06",
    "2024-10-12", "2025-10-11", "2026-10-10",
]  # fmt: skip


@pytest.mark.parametrize("text", MAKE_UP_SATURDAYS)
def test_a_make_up_saturday_is_a_working_day_like_any_other(text: str) -> None:
    saturday = date.fromisoformat(text)
    friday = datetime(saturday.year, saturday.month, saturday.day, 4, tzinfo=UTC) - DAY

    assert CALENDAR.is_working_day(saturday)
    assert shanghai_day(CALENDAR.end_after_working_days(friday, 1)) == saturday + DAY


@pytest.mark.parametrize("year", range(2019, 2031))
def test_statutory_days_are_free_in_every_year(year: int) -> None:
    fixed = [date(year, 1, 1), date(year, 5, 1), *(date(year, 10, day) for day in (1, 2, 3))]
    assert not any(CALENDAR.is_working_day(day) for day in fixed)


@pytest.mark.slow
def test_every_minute_of_a_day_and_every_day_of_twelve_years_has_a_later_deadline() -> None:
    start = datetime(2019, 1, 1, tzinfo=UTC)
    for step in range(365 * 12 + 3):
        moment = start + timedelta(days=step, minutes=step % 1440)
        ends = [CALENDAR.end_after_working_days(moment, n) for n in range(1, 16)]
        assert moment < ends[0]
        assert ends == sorted(set(ends))
