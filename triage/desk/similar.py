"""Past orders that may be the same event as a text: found, judged, and shown within one's reach.

Closed and merged orders are among them. Nothing is stored, and nothing is said of an order that
the caller may not read.
"""

from __future__ import annotations

from dataclasses import dataclass

from triage.desk.actor import Actor
from triage.desk.neighbours import Neighbours
from triage.desk.sight import entry_of
from triage.request import CitizenRequest, Json, Prediction
from triage.same_event.entry import Entry
from triage.same_event.judgement import Judgement
from triage.store.orders import find_all
from triage.text.mask import mask
from triage.workorder.order import WorkOrder

SHOWN = 10
CONSIDERED = 20
"""Candidates that are judged where somebody asks for them; beside a triage `SHOWN` are."""
CONSIDERED_IN_SCOPE = 100
"""Candidates of a caller with units or regions, most of which lie outside."""
EXCERPT = 200
"""Characters of a text that are shown: enough to decide, the rest is one request away."""


@dataclass(frozen=True, slots=True)
class Similar:
    """An order within reach and what the judge says of it."""

    order: WorkOrder
    judgement: Judgement
    cosine: float


def similar_to(
    neighbours: Neighbours, entry: Entry, actor: Actor, *, considered: int = CONSIDERED
) -> list[Similar]:
    """Return the orders likeliest to be the same event, best first; none of them the entry itself.

    Parameters
    ----------
    considered
        Candidates that are judged: the judge takes longest, some 0.25 ms each.

    Raises
    ------
    IndexNotReady, StoreUnavailable
    """
    is_scoped = bool(actor.units or actor.regions)
    hits = neighbours.near(entry, CONSIDERED_IN_SCOPE if is_scoped else considered + 1)
    with neighbours.database.read() as connection:
        orders = find_all(connection, [hit.id for hit in hits])
    within = [
        (hit, orders[hit.id])
        for hit in hits
        if hit.id in orders and hit.id != entry.id and _is_shown(orders[hit.id], actor)
    ][:considered]
    judged = neighbours.sight.judge.judge(entry, [entry_of(order) for _, order in within])
    found = [
        Similar(order, judgement, hit.cosine)
        for (hit, order), judgement in zip(within, judged, strict=True)
    ]
    found.sort(key=lambda one: -one.judgement.probability)
    return found[:SHOWN]


def asked(request: CitizenRequest, prediction: Prediction) -> Entry:
    """Return what is compared of a request that was just triaged, personal data masked."""
    topics = prediction.topics
    return Entry(
        "",
        mask(request.title).text if request.title else "",
        prediction.masked_text,
        request.received_at,
        "",
        request.district or "",
        topics[0].code if topics else "",
    )


def similar_json(one: Similar) -> dict[str, Json]:
    """Return one order as it is shown: what the judge says, and enough of it to decide."""
    order, judgement = one.order, one.judgement
    return {
        "id": order.id,
        "label": judgement.label.value,
        "probability": round(judgement.probability, 4),
        "evidence": [ground.to_json() for ground in judgement.evidence],
        "contradictions": [ground.to_json() for ground in judgement.contradictions],
        "title": order.title,
        "text": order.text[:EXCERPT],
        "received_at": order.received_at.isoformat(),
        "state": order.state.value,
        "district": order.district,
        "township": order.township,
        "topic": order.topic,
        "lead": order.lead,
        "merged_into": order.merged_into,
    }


def _is_shown(order: WorkOrder, actor: Actor) -> bool:
    """Say whether the caller may read an order that still has words."""
    return bool(order.text) and actor.reaches(order)
