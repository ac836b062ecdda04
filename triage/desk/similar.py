"""Past orders that may be the same event as a text: found, judged, and shown within one's reach.

Closed and merged orders are among them. Nothing is stored, and nothing is said of an order that
the caller may not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.desk.actor import Actor
from triage.desk.neighbours import Neighbours, Query, View
from triage.desk.sight import entry_of
from triage.request import CitizenRequest, Json, Prediction
from triage.same_event.entry import Entry
from triage.same_event.judgement import Judgement
from triage.same_event.relation import relation_of
from triage.store.database import Database
from triage.store.documents import read_orders
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
    search = Search(neighbours.view, entry, actor, considered)
    return search.found(read(neighbours.database, search.ids))


class Search:
    """One question, but for what the database is asked between: that may take a while elsewhere."""

    def __init__(self, view: View, entry: Entry, actor: Actor, considered: int) -> None:
        self._entry, self._actor, self._considered = entry, actor, considered
        self._query = Query(view, entry)
        is_scoped = bool(actor.units or actor.regions)
        self._hits = self._query.near(CONSIDERED_IN_SCOPE if is_scoped else considered + 1)

    @property
    def ids(self) -> list[str]:
        """Whose orders are to be read."""
        return [hit.id for hit in self._hits]

    def found(self, orders: Mapping[str, WorkOrder], reads: int = 0) -> list[Similar]:
        """Return the likeliest of these orders, best first; `reads` of them are read closely."""
        within = [
            (hit, orders[hit.id])
            for hit in self._hits
            if hit.id in orders
            and hit.id != self._entry.id
            and _is_shown(orders[hit.id], self._actor)
        ][: self._considered]
        judged = self._query.best([entry_of(order) for _, order in within], SHOWN, reads)
        return [
            Similar(within[place][1], judgement, within[place][0].cosine)
            for place, judgement in judged
        ]


def read(database: Database, ids: Sequence[str]) -> dict[str, WorkOrder]:
    """Return the orders with these ids, as they are now.

    Raises
    ------
    StoreUnavailable
    """
    if not ids:
        return {}
    with database.read() as connection:
        return read_orders(connection, ids)


def asked(request: CitizenRequest, prediction: Prediction, requester: str = "") -> Entry:
    """Return what is compared of a request that was just triaged, personal data masked.

    `requester` is the digest that the office knows the requester by, "" for an unknown one.
    """
    topics, title = prediction.topics, prediction.masked_title
    if title is None:
        title = mask(request.title).text if request.title else ""
    return Entry(
        "",
        title,
        prediction.masked_text,
        request.received_at,
        requester,
        request.district or "",
        topics[0].code if topics else "",
    )


def similar_json(one: Similar) -> dict[str, Json]:
    """Return one order as it is shown: what the judge says, and enough of it to decide."""
    order, judgement = one.order, one.judgement
    return {
        "id": order.id,
        "label": judgement.label.value,
        "relation": relation_of(judgement).value,
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
