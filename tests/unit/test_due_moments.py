"""Reject windows, rulings, follow-ups and reminders, worked by hand; times are Shanghai's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from triage.workorder import due_moments
from triage.workorder.clock import ClockFacts, Raise
from triage.workorder.deadlines import deadline
from triage.workorder.order import Pause
from triage.workorder.policy_file import load_policy
from triage.workorder.working_calendar import WorkingCalendar

POLICY = load_policy()
PERIOD = POLICY.periods[0]
CALENDAR = WorkingCalendar()


def utc(text: str) -> datetime:
    """Read a moment written in Shanghai time as UTC."""
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def reminders(facts: ClockFacts) -> list[tuple[str, datetime]]:
    found = due_moments.reminders(PERIOD, deadline(POLICY, CALENDAR, facts))
    return [(reminder.rule.code, reminder.at) for reminder in found]


def test_an_order_may_be_sent_back_for_one_working_day_or_two_if_complex() -> None:
    at = utc("2026-11-06T10:00")  # a Friday: Mon 9 is 1, Tue 10 is 2
    simple = due_moments.reject_until(PERIOD, CALENDAR, at, is_complex=False)
    assert simple == utc("2026-11-10T00:00")
    hard = due_moments.reject_until(PERIOD, CALENDAR, at, is_complex=True)
    assert hard == utc("2026-11-11T00:00")


def test_after_the_window_the_order_counts_as_accepted() -> None:
    until = utc("2026-11-10T00:00")
    assert not due_moments.is_deemed_accepted(until, until - timedelta(microseconds=1))
    assert due_moments.is_deemed_accepted(until, until)


def test_after_three_dispatches_a_unit_may_be_designated() -> None:
    assert [due_moments.may_designate(PERIOD, n) for n in (0, 2, 3, 4)] == [
        False,
        False,
        True,
        True,
    ]


def test_a_dispute_is_ruled_on_within_two_working_days() -> None:
    at = utc("2026-09-30T10:00")  # 10-01 … 07 free: Thu 8 is 1, Fri 9 is 2
    assert due_moments.ruling_due(PERIOD, CALENDAR, at) == utc("2026-10-10T00:00")


def test_a_follow_up_is_due_three_working_days_after_the_reply() -> None:
    at = utc("2026-11-05T10:00")  # Fri 6, Mon 9, Tue 10
    assert due_moments.follow_up_due(PERIOD, CALENDAR, at) == utc("2026-11-11T00:00")


def test_emergency_mode_ends_by_itself_after_72_hours() -> None:
    ends = due_moments.emergency_ends(POLICY, utc("2026-11-05T10:00"))
    assert ends == utc("2026-11-08T10:00")


def test_reminders_come_at_shares_of_the_time_and_after_it() -> None:
    # 24 hours from 10:00: half is left at 22:00, a fifth (4 h 48) at 05:12; due at 10:00
    assert reminders(ClockFacts(utc("2026-11-05T10:00"), "HELP", 2)) == [
        ("HALF_LEFT", utc("2026-11-05T22:00")),
        ("FIFTH_LEFT", utc("2026-11-06T05:12")),
        ("OVERDUE", utc("2026-11-06T10:00")),
        ("OVERDUE_DAY", utc("2026-11-07T10:00")),
    ]


def test_paused_time_is_no_part_of_the_share() -> None:
    stop = Pause(utc("2026-11-05T12:00"), utc("2026-11-06T12:00"), "WAIT_TEST")
    # everything after the pause moves by its 24 hours
    assert reminders(ClockFacts(utc("2026-11-05T10:00"), "HELP", 2, pauses=(stop,)))[:3] == [
        ("HALF_LEFT", utc("2026-11-06T22:00")),
        ("FIFTH_LEFT", utc("2026-11-07T05:12")),
        ("OVERDUE", utc("2026-11-07T10:00")),
    ]


def test_nobody_is_reminded_while_the_clock_stands() -> None:
    stop = Pause(utc("2026-11-05T22:00"), utc("2026-11-06T12:00"), "WAIT_TEST")
    # half is left at the very moment when the pause begins: told when it ends
    first = reminders(ClockFacts(utc("2026-11-05T10:00"), "HELP", 2, pauses=(stop,)))[0]
    assert first == ("HALF_LEFT", utc("2026-11-06T12:00"))


def test_shares_count_from_where_the_deciding_clock_began() -> None:
    raised = Raise(utc("2026-11-09T10:00"), 1)
    facts = ClockFacts(utc("2026-11-05T10:00"), "COMPLAINT", 3, raises=(raised,))
    assert reminders(facts)[0] == ("HALF_LEFT", utc("2026-11-09T11:00"))  # half of 2 hours


def test_naive_times_are_misuse() -> None:
    naive = datetime(2026, 11, 5)
    with pytest.raises(ValueError, match="aware"):
        due_moments.reject_until(PERIOD, CALENDAR, naive, is_complex=False)
    with pytest.raises(ValueError, match="aware"):
        due_moments.is_deemed_accepted(naive, utc("2026-11-05T10:00"))
    with pytest.raises(ValueError, match="aware"):
        due_moments.emergency_ends(POLICY, naive)
