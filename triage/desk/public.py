"""What a citizen may ask: how far is my request, by query code and the last digits of the phone."""

from __future__ import annotations

import hmac

from triage.desk.office import Office
from triage.store.orders import UnknownOrder, find, find_by_code
from triage.workorder.numbers import query_code_of
from triage.workorder.order import WorkOrder, altered

UNKNOWN = "查询码或电话后四位不对：请核对受理短信"


def progress_of(office: Office, query_code: str, digits: str) -> WorkOrder:
    """Return the order that a code and the phone's last digits name; a merged one shows its main.

    Of the main it shows how far it is, not what its own requester thought of it; a report shows no
    body, whatever it was merged into. An order without a telephone number is shown for its code
    alone.

    Raises
    ------
    UnknownOrder
        One of the two is wrong; which is not said.
    """
    with office.database.read() as connection:
        try:
            order = find_by_code(connection, query_code_of(query_code))
        except UnknownOrder:
            raise UnknownOrder(UNKNOWN) from None
        given = office.identity.tail(order.id, digits)
        if order.phone_tail and not hmac.compare_digest(order.phone_tail, given):
            raise UnknownOrder(UNKNOWN)
        main = order
        while main.merged_into:
            main = find(connection, main.merged_into)
    return order if main is order else _of_main(order, main)


def _of_main(order: WorkOrder, main: WorkOrder) -> WorkOrder:
    body = "" if order.is_report else main.body
    return altered(main, received_at=order.received_at, body=body, outcome="")
