"""Open data of a month: k-anonymous counts as CSV, with words only from the code lists.

A month is published once, after it is over: two publications of one month, or two with different
k, could be subtracted from each other. Texts, places below the district and days are not read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta

from triage.desk.guards import MoveRefused
from triage.desk.reports import Reports
from triage.store.scorecard_facts import Span, documents
from triage.workorder.clock import TYPES
from triage.workorder.open_cells import ANY, DEFAULT_K, Label, OpenRecord, published
from triage.workorder.order import WorkOrder
from triage.workorder.states import State
from triage.workorder.working_calendar import shanghai_day

COLUMNS = (
    *("period", "district", "district_name", "topic_l1", "topic_l2", "topic_l2_name"),
    *("request_type", "outcome", "requests"),
)
UNKNOWN = "UNKNOWN"


def open_data(reports: Reports, month: date, *, k: int = DEFAULT_K) -> bytes:
    """Return the CSV of the month that begins on a day; a heading alone where there are too few.

    The last month of a quarter takes in those of its months that had fewer than k requests.

    Raises
    ------
    MoveRefused
        month_not_over.
    UnfitK, StoreUnavailable
    """
    if reports.today <= _last_day(month):
        raise MoveRefused(
            "month_not_over", f"{month:%Y-%m} 还没有过完：请在次月公布", field="month"
        )
    cells = published(_records(reports, month, k), k)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(label, n, reports) for label, n in cells.items())
    return text.getvalue().encode("utf-8-sig")


def _records(reports: Reports, month: date, k: int) -> Iterator[OpenRecord]:
    yield from _of_month(reports, month)
    if month.month % 3 == 0:
        for back in (2, 1):
            earlier = month.replace(month=month.month - back)
            if not published(_of_month(reports, earlier), k):
                yield from _of_month(reports, earlier)


def _of_month(reports: Reports, month: date) -> Iterator[OpenRecord]:
    span = Span(month, _last_day(month))
    with reports.database.snapshot() as connection:
        for order in documents(connection, span):
            yield OpenRecord(_label(order, reports), order.requester)


def _label(order: WorkOrder, reports: Reports) -> Label:
    """Return where an order belongs: what is not in the code lists is UNKNOWN, never quoted."""
    district = reports.districts.get(order.region) or reports.districts.get(order.district)
    is_known = order.topic in reports.first_level
    return Label(
        f"{shanghai_day(order.received_at):%Y-%m}",
        district or UNKNOWN,
        reports.first_level[order.topic] if is_known else UNKNOWN,
        order.topic if is_known else UNKNOWN,
        order.request_type if order.request_type in TYPES else UNKNOWN,
        _outcome(order),
    )


def _outcome(order: WorkOrder) -> str:
    if order.state is State.MERGED:
        return "MERGED"
    if order.is_open:
        return "OPEN"
    if order.waiver:
        return "WAIVED"
    return order.outcome if order.outcome in _OUTCOMES else "CLOSED"


_OUTCOMES = frozenset({"SATISFIED", "NEUTRAL", "DISSATISFIED", "UNREACHABLE"})


def _row(label: Label, n: int, reports: Reports) -> tuple[str | int, ...]:
    return (
        label.period,
        label.district,
        _named(label.district, reports.names.get(label.district, "未知")),
        label.topic_l1,
        label.topic_l2,
        _named(label.topic_l2, reports.second_level.get(label.topic_l2, "未知")),
        label.request_type,
        label.outcome,
        n,
    )


def _named(code: str, name: str) -> str:
    return "全部" if code == ANY else name


def _last_day(month: date) -> date:
    following = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return following - timedelta(days=1)
