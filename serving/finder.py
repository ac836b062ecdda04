"""Similar orders for the routes: found in threads of their own, and only for those who may read.

A triage does not fail because the index or the store is not there: it says less. That is logged
once for each outage, and `POST /v1/similar` says it plainly.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from serving.access import access_table
from triage.desk.actor import Actor
from triage.desk.nearest_closed import ended_json, nearest_closed
from triage.desk.neighbours import Neighbours
from triage.desk.similar import CONSIDERED, SHOWN, asked, similar_json, similar_to
from triage.errors import TriageError
from triage.request import CitizenRequest, Json, Prediction
from triage.same_event.entry import Entry

THREADS = 2
"""While one waits for the database the other searches."""
READING = ("GET", "/v1/requests/{id}")
"""Who may read an order may be shown a similar one."""

logger = logging.getLogger(__name__)


class Finder:
    """Finds similar orders without holding up the event loop."""

    def __init__(self, neighbours: Neighbours) -> None:
        self._neighbours = neighbours
        self._threads = ThreadPoolExecutor(THREADS, "similar")
        self._is_out = False

    async def similar(
        self,
        request: CitizenRequest,
        prediction: Prediction,
        actor: Actor,
        *,
        considered: int = CONSIDERED,
    ) -> list[Json]:
        """Return the similar orders of a triaged request; [] where the caller may read none.

        Raises
        ------
        IndexNotReady, StoreUnavailable
        """
        if not may_read(actor):
            return []
        entry = asked(request, prediction)
        find: Callable[[], list[Json]] = partial(self._find, entry, actor, considered)
        return await asyncio.get_running_loop().run_in_executor(self._threads, find)

    async def similar_if_any(
        self, request: CitizenRequest, prediction: Prediction, actor: Actor
    ) -> list[Json]:
        """Return the same; [] too while the index, the judge or the store cannot be used."""
        try:
            found = await self.similar(request, prediction, actor, considered=SHOWN)
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

    def _find(self, entry: Entry, actor: Actor, considered: int) -> list[Json]:
        found = similar_to(self._neighbours, entry, actor, considered=considered)
        return [similar_json(one) for one in found]

    def _tell(self, error: TriageError) -> None:
        if not self._is_out:
            logger.warning("answers without similar orders: %s", error.code)
        self._is_out = True


def may_read(actor: Actor) -> bool:
    """Say whether one of the caller's roles may read orders."""
    rule = access_table().find(*READING)
    return rule is not None and not rule.roles.isdisjoint(actor.roles)
