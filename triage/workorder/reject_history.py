"""Dispatches as they settle: kept or rejected, told to the rates one event at a time.

A dispatch counts once its unit has begun, replied or rejected; one that the hotline took away again
or that still waits says nothing. A designated unit cannot reject, so that is no dispatch here.
"""

from __future__ import annotations

from dataclasses import dataclass

from triage.workorder.events import Event, Kind
from triage.workorder.reject_rates import RejectRates

SENDING = frozenset({Kind.DISPATCH, Kind.REASSIGN, Kind.ADJUDICATE})
KEEPING = frozenset({Kind.HANDLE, Kind.DEEMED_ACCEPTED, Kind.REPLY})
ENDING = frozenset({Kind.CLOSE, Kind.MERGE, Kind.DESIGNATE})
KINDS = SENDING | KEEPING | ENDING | {Kind.REJECT}
"""The events that must be fed; others may be."""


@dataclass(slots=True)
class _Sent:
    unit: str
    topic: str
    region: str
    is_counted: bool = False


class RejectHistory:
    """Feeds rates with events in the order of the ledger; holds only orders that are not closed."""

    def __init__(self, rates: RejectRates) -> None:
        self.rates = rates
        self._sent: dict[str, _Sent] = {}

    def feed(self, event: Event) -> None:
        """Take in one event; an event whose body was taken away says nothing."""
        if event.kind in SENDING:
            self._sent.pop(event.order_id, None)
            if unit := str(event.body.get("unit") or ""):
                topic, region = (str(event.body.get(name) or "") for name in ("topic", "region"))
                self._sent[event.order_id] = _Sent(unit, topic, region)
        elif event.kind is Kind.REJECT:
            self._reject(event)
        elif event.kind in KEEPING:
            if (sent := self._sent.get(event.order_id)) is not None:
                self._count(sent)
        elif event.kind in ENDING:
            self._sent.pop(event.order_id, None)

    def _reject(self, event: Event) -> None:
        sent = self._sent.pop(event.order_id, None)
        if sent is None:
            return
        self._count(sent)  # a unit may reject what it has begun: counted once all the same
        reason = str(event.body.get("reason") or "")
        self.rates.reject(sent.unit, sent.topic, sent.region, reason)

    def _count(self, sent: _Sent) -> None:
        if not sent.is_counted:
            sent.is_counted = True
            self.rates.count(sent.unit, sent.topic, sent.region)
