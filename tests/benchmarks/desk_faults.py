"""Faults of time, with a clock moved by hand: it jumps; a receiver of webhooks is down for an hour.

The desk, the clerk and the sending of webhooks run in this process, on the database given.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from callers import UNIT, Log, body_of
from sqlalchemy import Connection, select

from triage.desk.actor import Actor
from triage.desk.clerk import tick
from triage.desk.intake import receive
from triage.desk.moves import Wish, move
from triage.desk.office import Office
from triage.desk.opening import OfficeFiles, load_city, open_office
from triage.desk.record import parse_intake
from triage.errors import TriageError
from triage.outgoing import deliveries, hooks
from triage.outgoing.hooks import Outgoing
from triage.outgoing.payload import SENT_KINDS, event_id
from triage.outgoing.posting import Answer
from triage.store.database import Database
from triage.store.key_file import VaultKeys
from triage.store.ledger import head_of
from triage.store.tables import ledger

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
CHIEF = Actor("chief", frozenset({"administrator"}))
JUMPS = (-86_400 * 30, -86_400, -3_600, -1, 1, 3_600, 86_400, 86_400 * 400)
"""Seconds that a clock may jump by."""
OUTAGE = timedelta(hours=1)
EVENTS = 20
"""Orders taken in while the receiver is down."""


@dataclass
class Clock:
    """A clock moved by hand."""

    now: datetime = START

    def __call__(self) -> datetime:
        """Return the time that it shows."""
        return self.now


@dataclass
class Receiver:
    """A receiver that is down, or takes what comes; `taken` are the ids of its events, in order."""

    is_down: bool = False
    taken: list[str] = field(default_factory=list)
    refused: int = 0

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Take a message, or fail like a machine that is gone."""
        if self.is_down:
            self.refused += 1
            return Answer(None, "connection")
        self.taken.append(headers[hooks.EVENT_ID])
        return Answer(200, "")


class Desk:
    """An office whose clock is moved by hand and where the rules alone judge."""

    def __init__(self, database: Database, keys: VaultKeys, log: Log) -> None:
        self.clock, self.log, self.serial = Clock(), log, 10_000_000
        city = load_city(OfficeFiles())
        self.office: Office = replace(open_office(database, keys, [], city), now=self.clock)

    def take_in(self) -> str:
        """Take a request in."""
        self.serial += 1
        record = parse_intake(body_of(self.serial), now=self.clock())
        key = f"key-{self.serial}"
        receipt = receive(self.office, record, actor="agent", idempotency_key=key)
        self.log.acknowledge(self.serial, receipt.order_id, 1)
        return receipt.order_id

    def move(self, order_id: str, to: str, **more: str) -> None:
        """Move an order, or note why that may not be: the clerk may have been there before."""
        try:
            order = move(self.office, order_id, Wish(to, **more), CHIEF)
        except TriageError as error:
            self.log.answers[error.code] += 1
        else:
            self.log.move(order_id, order.version)


def clock_jumps(desk: Desk, times: int) -> int:
    """Let the clock jump at every step of an order's life; return how many jumps there were.

    After each the clerk acts; what it may not do or do twice shows in the ledger.
    """
    rng, jumps = random.Random(7), 0
    for _ in range(times):
        order_id = desk.take_in()
        for to, more in (
            ("DISPATCHED", {"unit": UNIT}),
            ("ACKNOWLEDGED", {}),
            ("PAUSED", {"reason": "WAIT_REQUESTER"}),
        ):
            desk.clock.now += timedelta(seconds=rng.choice(JUMPS))
            jumps += 1
            desk.move(order_id, to, **more)
            for _ in range(3):
                tick(desk.office, "bench")
    return jumps


async def receiver_down(desk: Desk, outgoing: Outgoing, receiver: Receiver) -> dict[str, int]:
    """Let a receiver be down for an hour; return how many events were lost, doubled, out of turn.

    Time goes on a second at a time, as the service polls.
    """
    with outgoing.database.read() as connection:
        begin = head_of(connection).seq
    receiver.taken.clear()
    receiver.refused = 0
    receiver.is_down = True
    for _ in range(EVENTS):
        desk.take_in()
    end = desk.clock() + OUTAGE
    while desk.clock() < end:
        await deliveries.deliver(outgoing, "bench")
        desk.clock.now += timedelta(seconds=5)
    receiver.is_down = False
    recovered = desk.clock()
    with outgoing.database.read() as connection:
        wanted = _sent(connection, begin)
    while len(receiver.taken) < len(wanted) and desk.clock() - recovered < timedelta(hours=4):
        await deliveries.deliver(outgoing, "bench")
        desk.clock.now += timedelta(seconds=5)
    return {
        "events": len(wanted),
        "refused": receiver.refused,
        "lost": len(set(wanted) - set(receiver.taken)),
        "doubled": len(receiver.taken) - len(set(receiver.taken)),
        "out_of_turn": int(receiver.taken != sorted(receiver.taken, key=_number)),
        "seconds_after_recovery": int((desk.clock() - recovered).total_seconds()),
    }


def outgoing_of(desk: Desk, keys: VaultKeys, receiver: Receiver) -> Outgoing:
    """Return what sends, with this receiver registered."""
    database = desk.office.database
    outgoing = Outgoing(database, keys, receiver, desk.clock, allow_private=True)
    hooks.register(outgoing, "http://127.0.0.1:9/hook", [], actor="bench")
    return outgoing


def _sent(connection: Connection, after: int) -> list[str]:
    kinds = [kind.value for kind in SENT_KINDS]
    query = select(ledger.c.seq).where(ledger.c.seq > after, ledger.c.kind.in_(kinds))
    return [event_id(seq) for seq in connection.execute(query.order_by(ledger.c.seq)).scalars()]


def _number(event_id: str) -> int:
    return int(event_id.removeprefix("evt_"))
