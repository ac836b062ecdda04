"""Open311 GeoReport v2 at the desk: a submission becomes an order, orders are shown without text.

Only orders that came in by this door are shown, never a report (举报). A description is personal
data: the public sees it only where the city has said so, and then masked.

References
----------
Open311, GeoReport v2, https://wiki.open311.org/GeoReport_v2
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from triage.catalogue import Catalogue
from triage.desk.office import Office
from triage.desk.open311_form import SOURCE
from triage.desk.view import PUBLIC_STATES
from triage.intake.reasons import refusal
from triage.store.orders import UnknownOrder, find, find_all
from triage.store.sent_orders import Sent, sent_orders
from triage.workorder.order import WorkOrder

MOST = 1_000
"""Of the specification: a server may end a list there."""
FIRST_YEAR, LAST_YEAR = 2000, 2100
SPAN = timedelta(days=90)
"""Of the specification: the longest range, and the one where none is asked for."""


@dataclass(frozen=True, slots=True)
class Service:
    """A topic as the specification sees it."""

    code: str
    name: str
    group: str
    description: str


@dataclass(frozen=True, slots=True)
class Window:
    """Which orders are asked for; given `ids` nothing else counts."""

    ids: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """The desk as this interface sees it; `with_text` shows masked descriptions to everybody."""

    office: Office
    services: Mapping[str, Service]
    with_text: bool = False


def services_of(catalogue: Catalogue) -> dict[str, Service]:
    """Return a service for each topic, by code."""
    return {
        code: Service(code, topic.name, topic.l1, topic.scope)
        for code, topic in catalogue.topics.items()
    }


def listed(listing: Listing, window: Window) -> list[dict[str, str]]:
    """Return the orders of a window as the public may see them, the newest first.

    Raises
    ------
    InvalidRequest
        A status that is neither open nor closed, a range of more than 90 days.
    StoreUnavailable
    """
    with listing.office.database.read() as connection:
        if window.ids:
            found = list(find_all(connection, window.ids[:MOST]).values())
        else:
            found = sent_orders(connection, _wanted(listing.office, window), MOST)
    return [shown(listing, order) for order in found if _is_public(order)]


def one(listing: Listing, order_id: str) -> dict[str, str]:
    """Return one order as the public may see it.

    Raises
    ------
    UnknownOrder
        Also where it is none of the public's business.
    StoreUnavailable
    """
    with listing.office.database.read() as connection:
        order = find(connection, order_id)
    if not _is_public(order):
        raise UnknownOrder(f"没有编号为 {order_id!r} 的工单")
    return shown(listing, order)


def shown(listing: Listing, order: WorkOrder) -> dict[str, str]:
    """Return the fields of the specification; those that nobody may see are empty."""
    service = listing.services.get(order.topic)
    units: Sequence[str] = order.holders[-1:]
    names = [listing.office.units[code].name for code in units if code in listing.office.units]
    return {
        "service_request_id": order.id,
        "status": "open" if order.is_open else "closed",
        "status_notes": PUBLIC_STATES[order.state],
        "service_name": service.name if service else "",
        "service_code": order.topic,
        "description": order.text if listing.with_text else "",
        "agency_responsible": names[0] if names else "",
        "service_notice": "",
        "requested_datetime": _w3(order.received_at),
        "updated_datetime": _w3(order.state_since),
        "expected_datetime": _w3(order.due_at) if order.is_open else "",
        "address": "",
        "address_id": "",
        "zipcode": "",
        "lat": "",
        "long": "",
        "media_url": "",
    }


def _is_public(order: WorkOrder) -> bool:
    return order.source == SOURCE and order.request_type not in ("", "REPORT")


def _wanted(office: Office, window: Window) -> Sent:
    start, end = window.start, window.end
    for given in (start, end):
        if given is not None and not FIRST_YEAR <= given.year <= LAST_YEAR:
            raise refusal(
                "time_invalid",
                f"start_date、end_date 应在 {FIRST_YEAR} 年到 {LAST_YEAR} 年之间",
                "请改正年份",
                field="start_date",
            )
    if end is None:
        end = office.now() + timedelta(seconds=1) if start is None else start + SPAN
    if start is None:
        start = end - SPAN
    if not timedelta(0) <= end - start <= SPAN:
        raise refusal(
            "time_invalid",
            "start_date 到 end_date 应先后有序，至多 90 天",
            "请分几次查询",
            field="end_date",
        )
    unknown = [status for status in window.statuses if status not in ("open", "closed")]
    if unknown:
        raise refusal(
            "unknown_code", f"status 的值 {unknown[0]!r} 无效", "可用 open、closed", field="status"
        )
    asked = set(window.statuses)
    is_open = None if len(asked) != 1 else asked == {"open"}
    return Sent(SOURCE, start, end, window.services, is_open)


def _w3(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
