"""Let a small simulated city live at the desk: invented requests, real triage, real moves.

Every deed is done at the time it happens in the simulation; what would happen after now is left to
the one who tries the service. For an empty database only: nothing invented mixes with what is real.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import select

from triage.desk.actor import Actor
from triage.desk.amend import extend
from triage.desk.intake import receive
from triage.desk.moves import Wish, move
from triage.desk.office import Office
from triage.desk.record import parse_intake
from triage.errors import TriageError
from triage.simulate import CityPlan, LifeEvent, SimulatedRequest, simulate_city
from triage.store.tables import work_order
from triage.workorder.events import Kind
from triage.workorder.moves import move_table

ACTOR = Actor("demonstration", frozenset({"administrator"}))
DAYS = 12
"""Long enough for a whole life: the commonest clock is 7 working days."""
_STATE_OF = {
    move.kind.value: move.to.value for move in move_table().moves if move.kind is not Kind.SUGGEST
}
_DONE = frozenset({*_STATE_OF, Kind.EXTENSION.value})
"""What is done here of a simulated life; triage itself judges."""


class NotEmpty(TriageError):
    """A database that holds orders already."""

    code = "database_not_empty"


@dataclass(frozen=True, slots=True)
class Lived:
    """How many requests came and how many deeds were done; `refused` ones the rules forbade."""

    requests: int
    deeds: int
    refused: int


def is_empty(office: Office) -> bool:
    """Return whether no order has ever been taken in."""
    with office.database.read() as connection:
        return connection.execute(select(work_order.c.id).limit(1)).first() is None


def live(office: Office, *, per_day: int, seed: int = 7, days: int = DAYS) -> Lived:
    """Let the last `days` days pass; return what happened.

    Raises
    ------
    NotEmpty
        There are orders already.
    """
    if not is_empty(office):
        raise NotEmpty("数据库里已有工单：演示数据只放进空库，请换一个 --database")
    until = office.now()
    start = (until - timedelta(days=days)).date()
    plan = CityPlan(days=days + 1, per_day=per_day, seed=seed, start=start)
    orders: dict[str, str] = {}
    deeds = refused = 0
    for deed in _in_time(plan):
        if deed.at > until:
            break
        then = replace(office, now=partial(_same, deed.at))
        if deed.event is None:
            record = parse_intake(deed.request.to_json(), now=deed.at)
            orders[deed.request.id] = receive(then, record, actor=ACTOR.id).order_id
        elif _do(then, orders[deed.request.id], deed.event):
            deeds += 1
        else:
            refused += 1
    return Lived(len(orders), deeds, refused)


@dataclass(frozen=True, slots=True, order=True)
class _Deed:
    """Something to do at a time; without an event it is the intake."""

    at: datetime
    number: int
    request: SimulatedRequest = field(compare=False)
    event: LifeEvent | None = field(compare=False)


def _in_time(plan: CityPlan) -> Iterator[_Deed]:
    """Give all deeds in the order of time; of the requests only those that still live are kept."""
    waiting: list[_Deed] = []
    number = 0
    for request in simulate_city(plan):
        at = _utc(request.received_at)
        while waiting and waiting[0].at <= at:
            yield heapq.heappop(waiting)
        yield _Deed(at, number, request, None)
        for event in request.life:
            if event.kind not in _DONE:
                continue
            number += 1
            heapq.heappush(waiting, _Deed(_utc(event.at), number, request, event))
    while waiting:
        yield heapq.heappop(waiting)


def _do(office: Office, order_id: str, event: LifeEvent) -> bool:
    """Do one deed; False where the rules of the desk forbid it, or there is no such deed here."""
    body = event.body
    given = {name: str(body[name]) for name in ("unit", "reason", "basis", "note") if name in body}
    try:
        if event.kind == Kind.EXTENSION:
            days = body["working_days"]
            assert isinstance(days, int)
            reason = given.get("reason", "需要更多时间")
            extend(office, order_id, days, reason=reason, version=None, actor=ACTOR)
            return True
        said = _WORDS.get(event.kind, {}) | given
        unit, reason, basis, note = (said.get(name, "") for name in _FIELDS)
        wish = Wish(_STATE_OF[event.kind], unit, reason, basis, note)
        move(office, order_id, wish, ACTOR)
    except TriageError:
        return False
    return True


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _same(at: datetime) -> datetime:
    return at


_FIELDS = ("unit", "reason", "basis", "note")
_WORDS = {
    "reassign": {"reason": "改派"},
    "adjudicate": {"basis": "会商纪要"},
    "redo": {"reason": "诉求人不满意"},
    "reply": {"note": "已到现场核实并处理完毕，后续由本单位继续跟进。", "reason": "CONFIRMED"},
}
"""What a move needs and a simulated life does not say."""
