"""Findings become alarms: a new one, one more day of a live one, or nothing while it cools down.

One transaction; run twice with the same findings, the second changes nothing. Each opening is an
event of the ledger, by which webhooks tell the systems that asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage.alarms.alarm import Alarm, AlarmState, Done, Outcome, Step
from triage.alarms.findings import Finding
from triage.alarms.key import wordless
from triage.desk.actor import SYSTEM
from triage.desk.alarm_room import AlarmRoom
from triage.desk.alarm_rows import alarm_of_row, evidence_of, row_of
from triage.request import Json
from triage.store import alarms
from triage.store.alarms import AlarmQuery
from triage.store.leases import hold
from triage.store.ledger import append
from triage.workorder.events import Event, Kind
from triage.workorder.numbers import new_alarm_id

LEASE, LEASE_LENGTH = "alarms", timedelta(minutes=5)
_MOST_LIVE = 10_000


@dataclass(frozen=True, slots=True)
class Raised:
    """What became of findings: ids opened and seen again; how many are cooling; ids calmed."""

    opened: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    cooling: int = 0
    calmed: tuple[str, ...] = ()
    is_busy: bool = False


def raise_findings(room: AlarmRoom, findings: Sequence[Finding], holder: str) -> Raised:
    """Write findings down as alarms; nothing where another process does it at this moment.

    Of two findings of one kind and series the first is written.

    Raises
    ------
    StoreUnavailable
    """
    now = room.now()
    with room.database.write() as connection:
        if not hold(connection, LEASE, holder, now, LEASE_LENGTH):
            return Raised(is_busy=True)
        latest = _latest(connection, findings)
        opened, seen, cooling = [], [], 0
        first = {(one.kind, one.key.code): one for one in reversed(findings)}
        for found in reversed(first.values()):
            before = latest.get((found.kind.value, found.key.code))
            if before is not None and before.is_live:
                if _again(room, connection, before, found):
                    seen.append(before.id)
            elif before is not None and _is_cooling(room, before, now):
                cooling += 1
            else:
                opened.append(_open(room, connection, found, now))
        append(connection, [alarm_event(one, Step.OPENED, now, SYSTEM.id) for one in opened])
        calmed = _calm(room, connection, now)
    return Raised(tuple(one.id for one in opened), tuple(seen), cooling, calmed)


def alarm_event(alarm: Alarm, step: Step, at: datetime, actor: str) -> Event:
    """Return the ledger's event of a step: codes and figures, no words."""
    body: dict[str, Json] = {
        "alarm": alarm.id,
        "alarm_kind": alarm.kind.value,
        "series": wordless(alarm.series),
        "what": step.value,
        "district": alarm.area,
        "count": alarm.evidence.get("count"),
        "expected": alarm.evidence.get("expected"),
        "outcome": alarm.outcome,
    }
    if alarm.merged_into:
        body["into"] = alarm.merged_into
    return Event("", Kind.ALARM, at, actor, body)


def _latest(connection: Connection, findings: Sequence[Finding]) -> dict[tuple[str, str], Alarm]:
    found: dict[tuple[str, str], Alarm] = {}
    for kind in sorted({one.kind.value for one in findings}):
        series = {one.key.code for one in findings if one.kind.value == kind}
        rows = alarms.latest_of(connection, kind, series)
        found |= {(kind, code): alarm_of_row(row) for code, row in rows.items()}
    return found


def _open(room: AlarmRoom, connection: Connection, found: Finding, now: datetime) -> Alarm:
    alarm = Alarm(
        id=new_alarm_id(now),
        kind=found.kind,
        series=found.key.code,
        area=found.key.area,
        state=AlarmState.OPEN,
        opened_at=now,
        seen_at=now,
        evidence=evidence_of(found, room.names),
        steps=(Done(Step.OPENED, now, SYSTEM.id),),
        recipients=room.rules.recipients[found.kind.value],
    )
    alarms.add(connection, row_of(alarm))
    return alarm


def _again(room: AlarmRoom, connection: Connection, before: Alarm, found: Finding) -> bool:
    """Write one more day of a live alarm; False where that day is written already."""
    if str(before.evidence.get("day", "")) >= found.day.isoformat():
        return False
    done = Done(Step.SEEN, room.now(), SYSTEM.id)
    after = before.seen(evidence_of(found, room.names), done)
    alarms.change(connection, row_of(after), seen_version=before.version)
    return True


def _is_cooling(room: AlarmRoom, before: Alarm, now: datetime) -> bool:
    """Say whether an ended alarm still keeps its series quiet; one merged keeps it as long."""
    ended = before.closed_at or before.seen_at
    days = room.rules.life.cooldown_days
    if before.outcome == Outcome.KNOWN:
        days *= 2  # known and lasting: told once, not every few days
    return now - ended < timedelta(days=days)


def _calm(room: AlarmRoom, connection: Connection, now: datetime) -> tuple[str, ...]:
    """Note on live alarms that have not been out of line for some days that they may be closed."""
    states = frozenset({AlarmState.OPEN.value, AlarmState.ACKNOWLEDGED.value})
    quiet = now - timedelta(days=room.rules.life.merge_days)
    calmed = []
    for row in alarms.page(connection, AlarmQuery(states=states), _MOST_LIVE):
        alarm = alarm_of_row(row)
        if alarm.seen_at < quiet and not alarm.is_calm:
            after = alarm.calmed(Done(Step.CALMED, now, SYSTEM.id))
            alarms.change(connection, row_of(after), seen_version=alarm.version)
            calmed.append(alarm.id)
    return tuple(calmed)
