"""How the nearest closed orders ended: who handled them in the end, rulings, replies, outcomes.

Precedents for whoever decides, by likeness of the words whatever their topic; rulings by topic are
`triage.store.precedents`. None is of a report, out of the caller's reach, or has its reply held.
"""

from __future__ import annotations

from dataclasses import dataclass

from triage.desk.actor import Actor
from triage.desk.neighbours import Neighbours
from triage.desk.similar import EXCERPT
from triage.request import Json
from triage.same_event.entry import Entry
from triage.store.disputes import Case, ruled_cases
from triage.store.documents import read_orders
from triage.workorder.order import WorkOrder
from triage.workorder.states import State

SHOWN = 5
_CONSIDERED = 100
"""Nearest orders looked at: most of them are open still, or somebody else's."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A closed order near to what was asked, and its last ruling where it had one."""

    order: WorkOrder
    cosine: float
    ruling: Case | None


def nearest_closed(
    neighbours: Neighbours, entry: Entry, actor: Actor, *, most: int = SHOWN
) -> list[Ended]:
    """Return the nearest closed orders that the caller may read, nearest first.

    Raises
    ------
    IndexNotReady, StoreUnavailable
    """
    hits = neighbours.near(entry, _CONSIDERED)
    with neighbours.database.read() as connection:
        orders = read_orders(connection, [hit.id for hit in hits])
        ended = [
            (orders[hit.id], hit.cosine)
            for hit in hits
            if hit.id in orders and hit.id != entry.id and _may_guide(orders[hit.id], actor)
        ][:most]
        rulings = ruled_cases(connection, [order.id for order, _ in ended])
    return [Ended(order, cosine, rulings.get(order.id)) for order, cosine in ended]


def ended_json(one: Ended) -> dict[str, Json]:
    """Return how a closed order is shown as a precedent."""
    order, ruling = one.order, one.ruling
    return {
        "order_id": order.id,
        "cosine": round(one.cosine, 4),
        "title": order.title,
        "text": order.text[:EXCERPT],
        "topic": order.topic,
        "district": order.district,
        "lead": order.lead,
        "support": list(order.support),
        "ruling": None
        if ruling is None or ruling.ruled_at is None
        else {"unit": ruling.unit, "basis": ruling.basis, "at": ruling.ruled_at.isoformat()},
        "reply": order.reply,
        "outcome": order.outcome,
        "closed_at": order.closed_at.isoformat() if order.closed_at else None,
    }


def _may_guide(order: WorkOrder, actor: Actor) -> bool:
    return (
        order.state is State.CLOSED
        and bool(order.lead and order.text)
        and not order.is_report
        and not order.is_reply_held
        and actor.reaches(order)
    )
