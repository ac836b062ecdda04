"""Deadlines worked by hand. Times are Shanghai's; the calendar is that of 2026 unless said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from triage.workorder.clock import ClockFacts, Raise
from triage.workorder.deadlines import Deadline, deadline
from triage.workorder.order import Pause
from triage.workorder.policy import Clock, ClockKind, Policy
from triage.workorder.policy_file import load_policy
from triage.workorder.working_calendar import WorkingCalendar

POLICY = load_policy()
CALENDAR = WorkingCalendar()


def utc(text: str) -> datetime:
    """Read a moment written in Shanghai time as UTC."""
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def pause(since: str, until: str | None, reason: str = "WAIT_TEST") -> Pause:
    return Pause(utc(since), utc(until) if until else None, reason)


def due(facts: ClockFacts, policy: Policy = POLICY) -> Deadline:
    return deadline(policy, CALENDAR, facts)


def codes(found: Deadline) -> list[str]:
    return [warning.code for warning in found.warnings]


def with_change(effective_from: str, working_days: int, *, applies_to_open: bool) -> Policy:
    """Return the shipped policy, and from a day on one with other days for ordinary orders."""
    first = POLICY.periods[0]
    clocks = {
        key: Clock(ClockKind.WORKING_DAYS, working_days, "new") if key[1] >= 3 else clock
        for key, clock in first.clocks.items()
    }
    later = replace(
        first,
        effective_from=date.fromisoformat(effective_from),
        applies_to_open=applies_to_open,
        clocks=clocks,
    )
    return replace(POLICY, periods=(first, later))


def test_fifteen_working_days_over_national_day() -> None:
    found = due(ClockFacts(utc("2026-09-24T10:00"), "COMPLAINT", 3))

    # Thu 9-24 received; 25 Mid-Autumn; 28 29 30 are 1-3; 10-01 … 07 free; 8 9 are 4 5, Saturday
    # 10 is worked: 6; 12 … 16 are 7-11; 19 20 21 22 are 12-15: 24:00 of the 22nd
    assert found.due_at == utc("2026-10-23T00:00")
    assert (found.kind, found.paused_working_days, found.paused_seconds) == ("WORKING_DAYS", 0, 0)
    assert found.basis == "NORMAL COMPLAINT 3 级：15 个工作日（四川 2026）"
    assert found.policy_from == date(2026, 1, 1)
    assert found.warnings == ()


def test_an_urgent_order_is_due_to_the_minute_nights_and_holidays_included() -> None:
    # 24 hours from 23:50 on the eve of National Day
    found = due(ClockFacts(utc("2026-09-30T23:50"), "HELP", 2))
    assert (found.due_at, found.kind) == (utc("2026-10-01T23:50"), "HOURS")
    assert due(ClockFacts(utc("2026-09-30T23:50"), "HELP", 1)).due_at == utc("2026-10-01T01:50")


def test_emergency_mode_has_clocks_of_its_own() -> None:
    facts = ClockFacts(utc("2026-11-25T10:00"), "HELP", 2, mode="EMERGENCY")
    assert due(facts).due_at == utc("2026-11-25T22:00")  # 12 hours, not 24


def test_an_unknown_type_counts_as_help_and_says_so() -> None:
    found = due(ClockFacts(utc("2026-11-02T10:00"), "", 3))

    # Mon 11-02; Tue 3 … Fri 6 are 1-4; Mon 9, Tue 10, Wed 11 are 5-7
    assert found.due_at == utc("2026-11-12T00:00")
    assert codes(found) == ["type_unknown"]


def test_a_pause_adds_the_working_days_that_begin_in_it() -> None:
    facts = ClockFacts(
        utc("2026-11-02T10:00"),
        "CONSULT",
        4,
        pauses=(pause("2026-11-03T15:00", "2026-11-06T09:00"),),
    )
    found = due(facts)

    # Tue 3 counts as 1 (the clock ran at its beginning); Wed 4, Thu 5, Fri 6 begin paused; Mon 9
    # and Tue 10 are 2 and 3. Without the pause: 24:00 of Thu 5
    assert found.due_at == utc("2026-11-11T00:00")
    assert found.paused_working_days == 3


def test_a_pause_within_one_day_adds_nothing() -> None:
    facts = ClockFacts(
        utc("2026-11-02T10:00"),
        "CONSULT",
        4,
        pauses=(pause("2026-11-03T09:00", "2026-11-03T18:00"),),
    )
    assert due(facts).due_at == utc("2026-11-06T00:00")


def test_a_pause_over_a_weekend_adds_no_working_day() -> None:
    facts = ClockFacts(
        utc("2026-11-05T10:00"),
        "CONSULT",
        4,
        pauses=(pause("2026-11-06T18:00", "2026-11-08T18:00"),),
    )
    # Thu 5 received; Fri 6, Mon 9, Tue 10 are 1-3
    assert due(facts).due_at == utc("2026-11-11T00:00")


def test_nothing_falls_due_while_the_clock_stands() -> None:
    facts = ClockFacts(
        utc("2026-11-02T10:00"),
        "CONSULT",
        4,
        pauses=(pause("2026-11-05T10:00", "2026-11-07T10:00"),),
    )
    # Thu 5 is 3, but the clock stands at its end, and at that of Fri 6; it runs on Sat 7: Mon 9
    assert due(facts).due_at == utc("2026-11-10T00:00")


def test_touching_nested_and_overlapping_pauses_are_one() -> None:
    whole = (pause("2026-11-03T15:00", "2026-11-06T09:00"),)
    parts = (
        pause("2026-11-05T00:00", "2026-11-06T09:00"),
        pause("2026-11-03T15:00", "2026-11-04T12:00"),
        pause("2026-11-04T08:00", "2026-11-05T00:00"),
        pause("2026-11-03T16:00", "2026-11-03T17:00"),  # within another
    )
    facts = ClockFacts(utc("2026-11-02T10:00"), "CONSULT", 4)
    assert due(replace(facts, pauses=parts)) == due(replace(facts, pauses=whole))


def test_a_pause_lengthens_an_hour_clock_by_what_it_lasted() -> None:
    facts = ClockFacts(
        utc("2026-11-25T10:00"), "HELP", 2, pauses=(pause("2026-11-25T12:00", "2026-11-25T15:30"),)
    )
    found = due(facts)

    assert found.due_at == utc("2026-11-26T13:30")  # 24 h + 3 h 30
    assert (found.paused_seconds, found.paused_working_days) == (12_600, 0)


def test_a_pause_after_the_deadline_does_not_rescue_it() -> None:
    late = pause("2026-11-26T10:00", "2026-11-27T10:00")
    assert due(ClockFacts(utc("2026-11-25T10:00"), "HELP", 2, pauses=(late,))).due_at == utc(
        "2026-11-26T10:00"
    )
    later = pause("2026-11-06T10:00", "2026-11-09T10:00")
    assert due(ClockFacts(utc("2026-11-02T10:00"), "CONSULT", 4, pauses=(later,))).due_at == utc(
        "2026-11-06T00:00"
    )


def test_an_open_pause_has_a_deadline_too_and_ends_with_its_reason() -> None:
    facts = ClockFacts(
        utc("2026-11-02T10:00"),
        "CONSULT",
        4,
        pauses=(pause("2026-11-03T15:00", None, "WAIT_REQUESTER"),),
    )
    found = due(facts)

    # 5 working days after Tue 3: Wed 4, Thu 5, Fri 6, Mon 9, Tue 10, until 24:00. Tue 3 is 1;
    # Wed 11 and Thu 12 are 2 and 3
    assert found.due_at == utc("2026-11-13T00:00")
    assert found.stops == ((utc("2026-11-03T15:00"), utc("2026-11-11T00:00")),)
    assert found.warnings == ()


def test_a_pause_beyond_what_its_reason_allows_counts_no_further() -> None:
    long = pause("2026-11-03T15:00", "2026-11-30T09:00", "WAIT_REQUESTER")
    found = due(ClockFacts(utc("2026-11-02T10:00"), "CONSULT", 4, pauses=(long,)))

    assert found.due_at == utc("2026-11-13T00:00")
    assert found.warnings[0].code == "pause_over_limit"
    assert "自 2026-11-11 00:00 起恢复计时" in found.warnings[0].message


def test_an_unknown_reason_counts_as_the_shortest_and_is_named() -> None:
    odd = pause("2026-11-03T15:00", None, "LUNCH")
    found = due(ClockFacts(utc("2026-11-02T10:00"), "CONSULT", 4, pauses=(odd,)))

    assert found.due_at == utc("2026-11-13T00:00")  # 5 working days, as WAIT_REQUESTER
    assert codes(found) == ["pause_reason_unknown"]


def test_extensions_add_working_days_to_either_clock() -> None:
    facts = ClockFacts(utc("2026-11-02T10:00"), "CONSULT", 4, extensions=(2, 1))
    assert due(facts).due_at == utc("2026-11-11T00:00")  # 3 + 3: Tue 3 … Fri 6, Mon 9, Tue 10
    assert due(facts).basis == "NORMAL CONSULT 4 级：3 个工作日，延期 3 个工作日（四川 2026）"
    hours = ClockFacts(utc("2026-11-05T10:00"), "HELP", 2, extensions=(1,))
    assert due(hours).due_at == utc("2026-11-10T00:00")  # due Fri 6 10:00; the next one is Mon 9


def test_a_raised_level_counts_from_when_it_was_raised() -> None:
    facts = ClockFacts(
        utc("2026-11-02T10:00"), "COMPLAINT", 3, raises=(Raise(utc("2026-11-04T16:00"), 1),)
    )
    found = due(facts)

    assert (found.due_at, found.kind) == (utc("2026-11-04T18:00"), "HOURS")
    assert found.counted_from == utc("2026-11-04T16:00")
    assert found.basis == (
        "NORMAL COMPLAINT 1 级：2 小时，自 2026-11-04 16:00 提级起算（北京：突发事件 2 小时）"
    )


def test_a_raise_shortly_before_the_deadline_leaves_it_where_it_is() -> None:
    facts = ClockFacts(utc("2026-11-02T10:00"), "CONSULT", 3)  # due 24:00 of Thu 5
    raised = replace(facts, raises=(Raise(utc("2026-11-05T20:00"), 2),))
    assert due(raised) == due(facts)


def test_a_lower_level_does_not_put_the_deadline_off() -> None:
    facts = ClockFacts(utc("2026-11-02T10:00"), "HELP", 2)
    lowered = replace(facts, raises=(Raise(utc("2026-11-02T11:00"), 4),))
    assert due(lowered).due_at == utc("2026-11-03T10:00")


def test_an_extension_granted_before_a_raise_does_not_lengthen_the_new_clock() -> None:
    at = utc("2026-11-04T16:00")
    facts = ClockFacts(
        utc("2026-11-02T10:00"), "HELP", 3, extensions=(5,), raises=(Raise(at, 1, extensions=1),)
    )
    assert due(facts).due_at == utc("2026-11-04T18:00")


def test_a_new_policy_leaves_open_orders_alone() -> None:
    policy = with_change("2026-11-05", 1, applies_to_open=False)

    assert due(ClockFacts(utc("2026-11-02T10:00"), "HELP", 3), policy).due_at == utc(
        "2026-11-12T00:00"  # 7 working days, as before
    )
    assert due(ClockFacts(utc("2026-11-05T00:00"), "HELP", 3), policy).due_at == utc(
        "2026-11-07T00:00"  # started later: Fri 6 is 1
    )


def test_a_new_policy_may_say_that_it_applies_to_open_orders() -> None:
    facts = ClockFacts(utc("2026-11-02T10:00"), "HELP", 3)  # 7 days: due 24:00 of Wed 11

    longer = due(facts, with_change("2026-11-05", 9, applies_to_open=True))
    assert longer.due_at == utc("2026-11-14T00:00")  # 9 from the start: Fri 13
    assert longer.policy_from == date(2026, 11, 5)
    # 1 day from the start would be Tue 3, before the change: one working day after the 5th, Fri 6
    shorter = due(facts, with_change("2026-11-05", 1, applies_to_open=True))
    assert shorter.due_at == utc("2026-11-07T00:00")


def test_a_new_policy_does_not_rescue_a_late_order_nor_reopen_a_closed_one() -> None:
    facts = ClockFacts(utc("2026-11-02T10:00"), "HELP", 3)  # due 24:00 of Wed 11

    assert due(facts, with_change("2026-11-12", 30, applies_to_open=True)) == due(facts)
    closed = replace(facts, closed_at=utc("2026-11-04T10:00"))
    assert due(closed, with_change("2026-11-05", 30, applies_to_open=True)) == due(closed)


def test_an_order_older_than_the_policy_says_so() -> None:
    found = due(ClockFacts(utc("2025-11-03T10:00"), "CONSULT", 3))
    assert found.due_at == utc("2025-11-07T00:00")  # Tue 4, Wed 5, Thu 6
    assert codes(found) == ["policy_before_first"]


def test_a_deadline_in_a_year_without_a_notice_is_provisional() -> None:
    ahead = due(ClockFacts(utc("2039-03-01T10:00"), "COMPLAINT", 3))
    assert ahead.is_provisional
    assert "2039 年放假通知尚未录入" in ahead.warnings[0].message
    # two hours are two hours, whatever the notice says
    assert not due(ClockFacts(utc("2039-03-01T10:00"), "COMPLAINT", 1)).is_provisional
    entered = WorkingCalendar(announced=frozenset({2039}))
    facts = ClockFacts(utc("2039-03-01T10:00"), "COMPLAINT", 3)
    assert not deadline(POLICY, entered, facts).is_provisional


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"started_at": datetime(2026, 11, 2)}, "aware"),
        ({"closed_at": datetime(2026, 11, 2)}, "aware"),
        ({"raises": (Raise(datetime(2026, 11, 2), 1),)}, "aware"),
        ({"pauses": (Pause(datetime(2026, 11, 2), None, "WAIT_TEST"),)}, "aware"),
        ({"urgency": 5}, "urgency 5"),
        ({"mode": "PANIC"}, "PANIC"),
        ({"extensions": (0,)}, "at least one"),
        ({"pauses": (pause("2026-11-03T10:00", "2026-11-03T09:00"),)}, "before it begins"),
    ],
)
def test_misuse_is_refused(changes: dict[str, object], said: str) -> None:
    facts = ClockFacts(utc("2026-11-02T10:00"), "HELP", 3)
    with pytest.raises(ValueError, match=said):
        replace(facts, **changes)  # type: ignore[arg-type]
