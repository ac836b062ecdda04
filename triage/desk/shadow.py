"""A challenger in the shadow: it judges the orders that come in after they have been taken in.

It reads what is durable and writes beside it, so it can neither delay nor break intake; where it
fails those orders are left out. It sees masked texts, as the model in use does.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import TypeAlias

from triage.desk.office import Now, Triage
from triage.desk.suggestion import suggestion_of
from triage.request import CitizenRequest, Json, Prediction
from triage.store.database import Database
from triage.store.ledger import head_of
from triage.store.orders import find_all
from triage.store.shadow import Shade, keep, last_seq, pairs, predictions_after
from triage.workorder.events import Body
from triage.workorder.order import WorkOrder

BATCH = 50
_ASKED = ("topic", "lead", "request_type", "urgency", "acceptance")

Judged: TypeAlias = dict[str, Json]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Challenger:
    """A model that is not in use: its version, and how it triages."""

    model: str
    triage: Triage


@dataclass(slots=True)
class Agreement:
    """How often two models say the same, by decision; `before` are the models in use meanwhile."""

    orders: int = 0
    same: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Json]:
        """Return the figures; a share is null without orders."""
        return {
            "orders": self.orders,
            "models": dict(sorted(self.before.items())),
            "same": {
                name: round(self.same[name] / self.orders, 4) if self.orders else None
                for name in _ASKED
            },
        }


def beginning(database: Database, model: str) -> int:
    """Return the event after which a challenger goes on; a new one begins with what comes now.

    Raises
    ------
    StoreUnavailable
    """
    with database.read() as connection:
        found = last_seq(connection, model)
        return head_of(connection).seq if found is None else found


def shade(database: Database, challenger: Challenger, now: Now, *, after: int) -> int:
    """Judge the next batch of orders; return the event to go on after, `after` where none waits.

    Raises
    ------
    StoreUnavailable
    """
    with database.read() as connection:
        entries = predictions_after(connection, after, BATCH)
        orders = find_all(connection, [entry.event.order_id for entry in entries])
    if not entries:
        return after
    asked = [entry for entry in entries if entry.event.order_id in orders]
    requests = [_request(orders[entry.event.order_id]) for entry in asked]
    try:
        predictions = challenger.triage(requests)
    except Exception as error:  # whatever breaks in it, intake and the next batch go on
        logger.error("challenger %s failed: %s", challenger.model, type(error).__name__)
        return entries[-1].seq
    shades = [
        Shade(challenger.model, entry.event.order_id, entry.seq, now(), _said(prediction))
        for entry, prediction in zip(asked, predictions, strict=True)
    ]
    with database.write() as connection:
        keep(connection, shades)
    return entries[-1].seq


def agreement(database: Database, model: str) -> Agreement:
    """Return how often a challenger and the model in use say the same.

    Raises
    ------
    StoreUnavailable
    """
    found = Agreement()
    with database.snapshot() as connection:
        for one, entry in pairs(connection, model):
            if entry.is_purged:
                continue
            used = _used(entry.event.body)
            found.orders += 1
            found.before[str(_in(entry.event.body, "versions", "model"))] += 1
            found.same.update(name for name in _ASKED if one.said.get(name) == used[name])
    return found


def _request(order: WorkOrder) -> CitizenRequest:
    return CitizenRequest(
        id=order.id,
        text=order.text,
        title=order.title,
        received_at=order.received_at,
        district=order.district or None,
        township=order.township or None,
        channel=order.channel or None,
        source=order.source or None,
    )


def _said(prediction: Prediction) -> Judged:
    said = suggestion_of(prediction)
    confidence = prediction.units[0].confidence if prediction.units else None
    urgency = prediction.urgency.level
    return {name: said[name] for name in _ASKED} | {
        "urgency": urgency,
        "lead_confidence": confidence,
    }


def _used(body: Body) -> Judged:
    """Return the same decisions of a prediction as the ledger keeps it."""
    return {
        "topic": _in(body, "topics", 0, "code") or "",
        "lead": _in(body, "units", 0, "code") or "",
        "request_type": _in(body, "request_type", "code") or "",
        "urgency": _in(body, "urgency", "level"),
        "acceptance": _in(body, "acceptance", "decision"),
    }


def _in(value: object, *path: str | int) -> Json:
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and len(value) > step else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value  # type: ignore[return-value]  # JSON in, JSON out
