"""Similar orders for the routes: for those who may read, found where it takes least.

Searching and judging are worked on in the event loop, as triage itself is: in a thread beside it
every array operation gives the interpreter away and waits to have it back. Only a database
elsewhere is waited for in a thread, and close reading, which takes a hundred times as long, in one
of its own: who asks while many wait is answered without it.

A triage does not fail because the index or the store is not there: it says less. That is logged
once for each outage, and `POST /v1/similar` says it plainly.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from serving.access import access_table
from triage.desk.actor import Actor
from triage.desk.nearest_closed import ended_json, nearest_closed
from triage.desk.neighbours import Neighbours
from triage.desk.office import Identity
from triage.desk.similar import CONSIDERED, SHOWN, Search, asked, read, similar_json
from triage.errors import TriageError
from triage.request import CitizenRequest, Json, Prediction
from triage.same_event.entry import Entry

THREADS = 2
"""Readings of a shared database that are waited for at once."""
WAITING = 8
"""Requests whose pairs are being read, or wait for it: two seconds at most."""
READING = ("GET", "/v1/requests/{id}")
"""Who may read an order may be shown a similar one."""

logger = logging.getLogger(__name__)


class Finder:
    """Finds similar orders; a shared database does not hold up the event loop."""

    def __init__(self, neighbours: Neighbours, identity: Identity | None = None) -> None:
        self._neighbours, self._identity = neighbours, identity
        self._threads = ThreadPoolExecutor(THREADS, "similar")
        self._reader, self._reading = ThreadPoolExecutor(1, "reader"), 0
        self._is_out = False

    async def similar(
        self,
        request: CitizenRequest,
        prediction: Prediction,
        actor: Actor,
        *,
        considered: int = CONSIDERED,
        reads: int = SHOWN,
        phone: str = "",
    ) -> list[Json]:
        """Return the similar orders of a triaged request; [] where the caller may read none.

        `reads` of them are read closely, where the model can.

        `phone` is the requester's, so that a repeat is told from others' telling; a unit is not
        told whose an order is, so of its callers it is not read.

        Raises
        ------
        IndexNotReady, StoreUnavailable
        """
        if not may_read(actor):
            return []
        if self._neighbours.is_empty:
            return []
        is_known = phone and self._identity is not None and not actor.units
        requester = self._identity.requester(phone) if is_known and self._identity else ""
        entry = asked(request, prediction, requester)
        search = Search(self._neighbours.view, entry, actor, considered)
        database, loop = self._neighbours.database, asyncio.get_running_loop()
        if database.is_embedded:
            orders = read(database, search.ids)
        else:
            orders = await loop.run_in_executor(self._threads, read, database, search.ids)
        if not reads or self._reading >= WAITING:
            return [similar_json(one) for one in search.found(orders)]
        self._reading += 1
        try:
            found = await loop.run_in_executor(self._reader, search.found, orders, reads)
        finally:
            self._reading -= 1
        return [similar_json(one) for one in found]

    async def similar_if_any(
        self, request: CitizenRequest, prediction: Prediction, actor: Actor
    ) -> list[Json]:
        """Return the same; [] too while the index, the judge or the store cannot be used."""
        try:
            found = await self.similar(request, prediction, actor, considered=SHOWN, reads=0)
        except TriageError as error:
            self._tell(error)
            return []
        self._is_out = False
        return found

    def precedents(self, entry: Entry, actor: Actor) -> list[Json]:
        """Return how the nearest closed orders ended; [] where none can be said. Takes a while."""
        if not may_read(actor):
            return []
        try:
            return [ended_json(one) for one in nearest_closed(self._neighbours, entry, actor)]
        except TriageError as error:
            self._tell(error)
            return []

    def _tell(self, error: TriageError) -> None:
        if not self._is_out:
            logger.warning("answers without similar orders: %s", error.code)
        self._is_out = True


def may_read(actor: Actor) -> bool:
    """Say whether one of the caller's roles may read orders."""
    rule = access_table().find(*READING)
    return rule is not None and not rule.roles.isdisjoint(actor.roles)
