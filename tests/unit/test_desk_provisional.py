"""A deadline in a year whose holidays are not announced says so, and moves once they are."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from triage.desk.actor import Actor
from triage.desk.clerk import tick
from triage.desk.clocks import PolicyClocks
from triage.desk.moves import Wish
from triage.desk.view import order_answer
from triage.store.ledger import events_of
from triage.workorder.events import Kind
from triage.workorder.policy_file import load_policy
from triage.workorder.working_calendar import WorkingCalendar

if TYPE_CHECKING:
    from desks import Desk

CHIEF = Actor("chief", frozenset({"administrator"}))
UNKNOWN = 2099
"""A year that no library knows the arrangement of for a long time."""
LAST_DAYS = datetime(UNKNOWN - 1, 12, 29, 1, tzinfo=UTC)
BEFORE = frozenset({UNKNOWN - 1})


def keep_calendar(desk: Desk, calendar: WorkingCalendar) -> None:
    clocks = PolicyClocks(load_policy(), calendar)
    books = replace(desk.office.books, task=clocks.task)
    desk.office = replace(desk.office, clocks=clocks, books=books)


def is_provisional(desk: Desk, order_id: str) -> object:
    return order_answer(desk.office, desk.order(order_id), CHIEF)["due_is_provisional"]


@pytest.fixture
def year_end(desk: Desk) -> Desk:
    keep_calendar(desk, WorkingCalendar(announced=BEFORE, version="old"))
    desk.now = LAST_DAYS
    return desk


def test_the_answer_says_that_the_deadline_may_still_move(year_end: Desk) -> None:
    receipt = year_end.take()  # seven working days: into January
    assert json.loads(receipt.answer)["due_is_provisional"] is True
    assert is_provisional(year_end, receipt.order_id) is True


def test_a_deadline_within_announced_years_is_final(desk: Desk) -> None:
    receipt = desk.take()
    assert json.loads(receipt.answer)["due_is_provisional"] is False
    assert is_provisional(desk, receipt.order_id) is False


def test_an_ended_order_s_deadline_moves_no_more(year_end: Desk) -> None:
    order_id = year_end.take().order_id
    year_end.go(order_id, Wish("REPLIED", note="油烟问题已要求商家整改完毕", reason="CONFIRMED"))
    assert is_provisional(year_end, order_id) is True
    year_end.go(order_id, Wish("CLOSED", reason="WAIVED", basis="书面表示不需回访"))
    assert is_provisional(year_end, order_id) is False


def test_the_clerk_moves_it_once_the_calendar_knows_the_year(year_end: Desk) -> None:
    order_id = year_end.take().order_id
    tick(year_end.office, "a")
    before = year_end.order(order_id).due_at
    free = {date(UNKNOWN, 1, day): False for day in (2, 5)}  # a Friday and a Monday, now free
    keep_calendar(
        year_end, WorkingCalendar(free, BEFORE | {UNKNOWN}, version="with the notice of the year")
    )
    tick(year_end.office, "a")
    after = year_end.order(order_id)
    # Thursday the 8th and two working days more, a weekend between them: Monday the 12th
    assert after.due_at - before == timedelta(days=4)
    assert is_provisional(year_end, order_id) is False
    with year_end.office.database.read() as connection:
        event = events_of(connection, order_id)[-1].event
    assert event.kind is Kind.DEADLINE
    assert "with the notice of the year" in str(event.body["version"])
