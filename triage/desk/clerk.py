"""The clerk: what happens to orders by itself when its time comes, each deed an event of "system".

It finds due orders on the agenda, never by looking at all. It acts in small transactions, each
checked against the order as it stands and locked: killed it goes on, two of them do nothing twice,
and a clock that jumps only makes things due sooner or later.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage.desk.clerk_rounds import (
    clock_round,
    forget_places,
    is_round_due,
    note_mode,
    pass_over,
)
from triage.desk.deeds import DEEDS
from triage.desk.office import Office
from triage.errors import TriageError
from triage.store.agenda import arrange, due_ids, postpone
from triage.store.database import StoreUnavailable
from triage.store.leases import hold
from triage.store.orders import Change, claim_free, find, record_all
from triage.workorder.agenda import Task
from triage.workorder.order import WorkOrder

LEASE, LEASE_LENGTH = "clerk", timedelta(seconds=30)
BATCH = 100
"""Orders in one transaction: others wait for the ledger for no longer than these take."""
LATER = timedelta(hours=1)
"""When a deed that cannot be done now is tried again."""
_UNFIT = (TriageError, ValueError, KeyError, TypeError)
"""What a damaged order, or one that a rule still holds back, brings about."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Ticked:
    """What one look at the clock led to: deeds by name; `is_done` where nothing is left due."""

    deeds: Counter[str] = field(default_factory=Counter)
    is_done: bool = True


def tick(office: Office, holder: str, *, most: int = 1_000) -> Ticked:
    """Do what is due now, up to `most` orders; nothing where another process holds the lease.

    Raises
    ------
    StoreUnavailable
        What was done before is durable; the rest is found again.
    """
    ticked = Ticked()
    if _is_idle(office):
        return ticked
    looked = 0
    for work in (_rounds, _due):
        while True:
            found = work(office, holder, ticked.deeds)
            looked += found
            if not found:
                break
            if looked >= most:
                ticked.is_done = False
                return ticked
    return ticked


def _is_idle(office: Office) -> bool:
    now = office.now()
    with office.database.read() as connection:
        return not due_ids(connection, now, 1) and not is_round_due(office, connection, now)


def _rounds(office: Office, holder: str, deeds: Counter[str]) -> int:
    """Do one batch of what goes over all orders; a damaged order is passed over, and logged."""
    for batch in (BATCH, 1):
        try:
            return _round(office, holder, deeds, batch)
        except StoreUnavailable:
            raise
        except _UNFIT as error:
            logger.warning("a round over %s orders failed: %s", batch, type(error).__name__)
    with office.database.write() as connection:
        pass_over(office, connection)
    return 1


def _round(office: Office, holder: str, deeds: Counter[str], batch: int) -> int:
    now, done = office.now(), Counter[str]()
    with office.database.write() as connection:
        if not hold(connection, LEASE, holder, now, LEASE_LENGTH):
            return 0
        done["mode"] = note_mode(connection, now)
        done["forgotten"] = forget_places(connection, now)
        looked, done["deadline"] = clock_round(office, connection, now, batch)
    deeds += done
    return looked


def _due(office: Office, holder: str, deeds: Counter[str]) -> int:
    """Act on one batch of the agenda; one that fails as a whole is done order by order."""
    try:
        return _batch(office, holder, deeds)
    except StoreUnavailable:
        raise
    except _UNFIT as error:
        logger.warning("a batch failed (%s): one by one", type(error).__name__)
    now = office.now()
    with office.database.read() as connection:
        ids = due_ids(connection, now, BATCH)
    for order_id in ids:
        _alone(office, order_id, now, deeds)
    return len(ids)


def _batch(office: Office, holder: str, deeds: Counter[str]) -> int:
    now = office.now()
    with office.database.write() as connection:
        if not hold(connection, LEASE, holder, now, LEASE_LENGTH):
            return 0
        orders = claim_free(connection, due_ids(connection, now, BATCH))
        done = act(office, connection, orders, now)
    deeds += done
    return len(orders)


def _alone(office: Office, order_id: str, now: datetime, deeds: Counter[str]) -> None:
    try:
        with office.database.write() as connection:
            done = act(office, connection, [find(connection, order_id, for_update=True)], now)
        deeds += done
    except StoreUnavailable:
        raise
    except _UNFIT as error:
        logger.warning("order %s is put off an hour: %s", order_id, type(error).__name__)
        deeds["put_off"] += 1
        with office.database.write() as connection:
            postpone(connection, order_id, now + LATER)


def act(
    office: Office, connection: Connection, orders: Sequence[WorkOrder], now: datetime
) -> Counter[str]:
    """Do what is due on locked orders, one deed each; return how many of each name.

    Raises
    ------
    TriageError
        A rule stands against one.
    ValueError
        One is damaged, or would be due again as before.
    """
    changes = list[Change]()
    idle, acted = dict[str, Task | None](), list[Task]()
    for order in orders:
        task = office.books.task(order)
        if task is None or task.at > now:
            idle[order.id] = task
            continue
        changes.append(Change(order, DEEDS[task.what](office, connection, order, task, now)))
        acted.append(task)
    arrange(connection, idle)
    if changes:
        _check_progress(office, acted, record_all(connection, changes, office.books))
    return Counter(task.what.value.lower() for task in acted)


def _check_progress(office: Office, acted: Sequence[Task], changed: Sequence[WorkOrder]) -> None:
    """Check that no deed is due again: the clerk would never end."""
    for task, order in zip(acted, changed, strict=True):
        if office.books.task(order) == task:
            raise ValueError(f"order {order.id}: {task.what} was done and is due still")
