"""Keep the event groups: follow the ledger, put each new order into its event, obey what people do.

Like a challenger in the shadow it reads what is durable and writes beside it, so it can neither
delay nor break intake, and a killed process goes on where it was. 并单 puts an order into the event
of the one that absorbed it; 拆单 takes it out for good: no judge puts it back. Places in the queue
follow (`event_ranks`), and words that retention took away are forgotten here too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage.desk.event_ranks import Regrouped, rank_again
from triage.desk.office import Now
from triage.desk.sight import entry_of as seen_of
from triage.hot.fillers import tells_something
from triage.hot.heat import HeatRules
from triage.hot.live import LIVE
from triage.hot.problems import problem_of
from triage.hot.storm import Assigned, Storm
from triage.hot.telling import read_telling
from triage.same_event.entry import Entry
from triage.store.database import Database
from triage.store.event_groups import (
    Member,
    Why,
    absorb,
    event_of,
    is_purge_of_words,
    keep,
    last_followed,
    last_told,
    recent,
    to_follow,
)
from triage.store.event_sizes import MOST, open_members
from triage.store.ledger import Entry as LedgerEntry
from triage.store.orders import find_all
from triage.store.queue import Ranks
from triage.text.elements import ElementExtractor
from triage.workorder.events import Kind
from triage.workorder.order import WorkOrder
from triage.workorder.ranking import LARGE_GROUP

BATCH = 200
"""Events of the ledger in one transaction: 0.2 s of judging at a millisecond each."""
MEMORY = timedelta(days=30)
"""How far back orders are looked at again after a start."""
APART = "S-"
"""Before the id of an order that a person took out: an event it began goes on without it."""
_IDS = 500


@dataclass(slots=True)
class EventDesk:
    """What keeping events needs; `judge` is the version of what judges, for the record.

    `ranks` gives an order's place in the queue, by how many are in its event. `let_go` is called
    when words were taken away for good: the judge may keep some in memory.
    """

    database: Database
    storm: Storm
    extractor: ElementExtractor
    rules: HeatRules
    judge: str
    now: Now
    ranks: Callable[[WorkOrder, int], Ranks]
    let_go: Callable[[], None] | None = None
    regrouped: Regrouped = field(default_factory=Regrouped)


def open_events(desk: EventDesk) -> int:
    """Take up the live events from the store; return the ledger's event to go on after.

    Orders of the last batch may be unranked, as the process may have been killed before that: their
    events are ranked whole, for one of them may have absorbed another.

    Raises
    ------
    StoreUnavailable
    """
    with desk.database.read() as connection:
        after = last_followed(connection)
        last = last_told(connection, BATCH)
        for event_id in {event_id for event_id, _ in last}:
            desk.regrouped.note(event_id, set(open_members(connection, event_id, MOST)))
        for event_id, order_id in last:
            desk.regrouped.note(event_id, {order_id})
        newest = recent(connection, desk.now() - MEMORY, LIVE)
        for start in range(0, len(newest), _IDS):
            part = newest[start : start + _IDS]
            orders = find_all(connection, [order_id for _, order_id in part])
            for event_id, order_id in part:
                desk.regrouped.note(event_id)  # one of the last batch may have left it
                if order_id in orders and _stands_for(event_id, orders[order_id]):
                    desk.storm.put(event_id, entry_of(orders[order_id]))
    return after


def follow(desk: EventDesk, after: int) -> int:
    """Follow the next events of the ledger; return the last one, `after` where none waits.

    Raises
    ------
    StoreUnavailable
        Whatever was not written is taken up by `open_events`.
    """
    rank_again(desk.database, desk.ranks, desk.regrouped)
    with desk.database.read() as connection:
        entries = to_follow(connection, after, BATCH)
        orders = find_all(connection, sorted({one.event.order_id for one in entries}))
    if not entries:
        return after
    if any(is_purge_of_words(one.event) for one in entries):
        _forget(desk)
    with desk.database.write() as connection:
        members = _members(desk, connection, entries, orders)
        keep(connection, members)
    for one in members:
        desk.regrouped.note(one.event_id, {one.order_id})
    rank_again(desk.database, desk.ranks, desk.regrouped)
    return entries[-1].seq


def entry_of(order: WorkOrder) -> Entry:
    """Return what the judge reads of an order; its region is the one it was settled to lie in."""
    return replace(seen_of(order), region=order.region or order.district)


def _stands_for(event_id: str, order: WorkOrder) -> bool:
    """Say whether an order has words to stand for its event: nobody joins what says nothing."""
    is_alone = event_id == order.id
    return bool(order.text) and not (
        is_alone and not tells_something(f"{order.title}，{order.text}")
    )


def _forget(desk: EventDesk) -> None:
    """Let orders whose words retention took away stand for no event: their words are gone."""
    if desk.let_go is not None:
        desk.let_go()
    standing = [one.id for event in desk.storm.events() for one in event.standing]
    gone = set[str]()
    with desk.database.read() as connection:
        for start in range(0, len(standing), _IDS):
            part = standing[start : start + _IDS]
            orders = find_all(connection, part)
            gone.update(one for one in part if one not in orders or not orders[one].text)
    desk.storm.forget(gone)


def _members(
    desk: EventDesk,
    connection: Connection,
    entries: Sequence[LedgerEntry],
    orders: dict[str, WorkOrder],
) -> list[Member]:
    """Return where the orders of some events belong, in the ledger's order."""
    placed: dict[str, Member] = {}
    for entry in entries:
        order = orders.get(entry.event.order_id)
        if order is None:
            continue
        if entry.event.kind is Kind.INTAKE:
            said = desk.storm.take(entry_of(order))
            if said.absorbed:
                for event_id in (said.absorbed, said.event_id):  # either may have been small
                    came = open_members(connection, event_id, LARGE_GROUP)
                    desk.regrouped.note(said.event_id, set(came))
                absorb(connection, said.absorbed, said.event_id)
                placed = {id: _moved(one, said) for id, one in placed.items()}
            member = _judged(desk, order, entry, said)
        else:
            into = str(entry.event.body.get("into", "")) if entry.event.kind is Kind.MERGE else ""
            now_in, into_event = (
                placed[one].event_id if one in placed else event_of(connection, one)
                for one in (order.id, into)
            )
            member = _ruled(desk, order, entry, now_in, into_event)
        placed[order.id] = member
    return list(placed.values())


def _moved(member: Member, said: Assigned) -> Member:
    """Return a member of this batch where its event is now."""
    is_gone = member.event_id == said.absorbed
    return replace(member, event_id=said.event_id) if is_gone else member


def _judged(desk: EventDesk, order: WorkOrder, entry: LedgerEntry, said: Assigned) -> Member:
    why = Why.BEGAN if said.is_new else Why.COPY if said.is_copy else Why.JUDGED
    judge = desk.judge if why is Why.JUDGED else ""
    return _member(desk, order, entry, (said.event_id, why, said.probability, judge))


def _ruled(desk: EventDesk, order: WorkOrder, entry: LedgerEntry, now_in: str, into: str) -> Member:
    """Return an order where a person put it: into an event, or out of all, into one of its own."""
    why = Why.MERGED if entry.event.kind is Kind.MERGE else Why.SPLIT
    event_id = into if why is Why.MERGED and into else f"{APART}{order.id}"
    if event_id != now_in:
        desk.regrouped.note(now_in)
        desk.storm.take_out(now_in, entry_of(order))
        desk.storm.put(event_id, entry_of(order), is_apart=why is Why.SPLIT)
    return _member(desk, order, entry, (event_id, why, 1.0, ""))


def _member(
    desk: EventDesk, order: WorkOrder, entry: LedgerEntry, said: tuple[str, Why, float, str]
) -> Member:
    event_id, why, probability, judge = said
    read = read_telling(entry_of(order), desk.extractor, is_report=order.is_report)
    return Member(
        order_id=order.id,
        event_id=event_id,
        received_at=order.received_at,
        problem=problem_of(order.topic, read.objects, read.places, desk.rules)[:128],
        why=why,
        actor=entry.event.actor if why in (Why.MERGED, Why.SPLIT) else "system",
        at=_at(desk, entry, why),
        probability=probability,
        judge=judge,
        seq=entry.seq,
    )


def _at(desk: EventDesk, entry: LedgerEntry, why: Why) -> datetime:
    return entry.event.at if why in (Why.MERGED, Why.SPLIT) else desk.now()
