"""Alarms at the desk: list them, look at one, take it on, merge it, close it with its outcome.

Who may do what is the table in `serving`; here is which part of the city a caller sees. Precision
is counted from outcomes alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from triage.alarms.alarm import Alarm, AlarmRefused, AlarmState, Done, Outcome, Step
from triage.alarms.findings import AlarmKind
from triage.desk.actor import Actor, NotAllowed
from triage.desk.alarm_raising import alarm_event
from triage.desk.alarm_reach import as_reached
from triage.desk.alarm_room import AlarmRoom
from triage.desk.alarm_rows import alarm_of_row, row_of
from triage.desk.cursors import packed, unpacked
from triage.request import Json
from triage.store import alarms
from triage.store.alarms import AlarmQuery, StaleAlarm
from triage.store.instant import microseconds, moment
from triage.store.ledger import append
from triage.text.mask import mask

MOST, DEFAULT_LIMIT = 200, 50
NOTE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class AlarmWish:
    """Which alarms to list; no `states` or `kinds` takes all."""

    states: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    cursor: str | None = None
    limit: int = DEFAULT_LIMIT


@dataclass(frozen=True, slots=True)
class AlarmPage:
    """Alarms, the newest first; `next_cursor` goes on, None at the end."""

    alarms: tuple[Alarm, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Precision:
    """Of a kind: how many were true (or known), false, unclear, and are not closed yet."""

    kind: AlarmKind
    true: int
    false: int
    unclear: int
    live: int
    merged: int

    @property
    def value(self) -> float | None:
        """Return true over true and false; None before the first of either."""
        judged = self.true + self.false
        return None if judged == 0 else self.true / judged


def listed(room: AlarmRoom, wish: AlarmWish, actor: Actor) -> AlarmPage:
    """Return a page of the alarms in the caller's part of the city, and the whole city's figures.

    Raises
    ------
    AlarmRefused
        alarm_state_unknown, alarm_kind_unknown.
    MoveRefused
        cursor_invalid.
    StoreUnavailable
    """
    wanted = _query(wish, actor)
    with room.database.read() as connection:
        rows = alarms.page(connection, wanted, wish.limit + 1)
    found = tuple(alarm_of_row(row) for row in rows[: wish.limit])
    more = len(rows) > wish.limit
    cursor = packed(microseconds(found[-1].opened_at), found[-1].id) if more else None
    return AlarmPage(tuple(as_reached(one, actor) for one in found), cursor)


def shown(room: AlarmRoom, alarm_id: str, actor: Actor) -> Alarm:
    """Return an alarm.

    Raises
    ------
    UnknownAlarm, NotAllowed, StoreUnavailable
    """
    with room.database.read() as connection:
        alarm = _seen(alarm_of_row(alarms.alarm_of(connection, alarm_id)), actor)
    return as_reached(alarm, actor)


def acknowledge(
    room: AlarmRoom, alarm_id: str, actor: Actor, *, note: str = "", version: int | None = None
) -> Alarm:
    """Take an alarm on.

    Raises
    ------
    UnknownAlarm, StaleAlarm, NotAllowed, AlarmRefused, StoreUnavailable
    """
    return _done(room, alarm_id, actor, _Deed(Step.ACKNOWLEDGED, note, version, Alarm.acknowledged))


def close(
    room: AlarmRoom,
    alarm_id: str,
    outcome: str,
    actor: Actor,
    *,
    note: str = "",
    version: int | None = None,
) -> Alarm:
    """Close an alarm with what it turned out to be.

    Raises
    ------
    UnknownAlarm, StaleAlarm, NotAllowed, AlarmRefused, StoreUnavailable
    """
    deed = _Deed(Step.CLOSED, note, version, lambda alarm, done: alarm.closed(outcome, done))
    return _done(room, alarm_id, actor, deed)


def merge(
    room: AlarmRoom,
    alarm_id: str,
    into: str,
    actor: Actor,
    *,
    note: str = "",
    version: int | None = None,
) -> Alarm:
    """Make an alarm part of another live one that tells of the same thing.

    Raises
    ------
    UnknownAlarm, StaleAlarm, NotAllowed, AlarmRefused, StoreUnavailable
    """
    with room.database.write() as connection:
        locked = {  # in the order of ids, so that two merges never wait for each other
            one: alarm_of_row(alarms.alarm_of(connection, one, for_update=True))
            for one in sorted({alarm_id, into})
        }
        main = _seen(locked[into], actor)
        deed = _Deed(Step.MERGED, note, version, lambda alarm, done: alarm.merged(main, done))
        return _written(room, connection, alarm_id, actor, deed)


def precision(room: AlarmRoom, wish: AlarmWish, actor: Actor) -> list[Precision]:
    """Return how often alarms of each kind were true, of those opened in a time.

    Raises
    ------
    StoreUnavailable
    """
    with room.database.read() as connection:
        rows = alarms.outcomes(connection, _query(wish, actor))
    found = []
    for kind in AlarmKind:
        of = [(state, outcome, n) for name, state, outcome, n in rows if name == kind.value]

        def count(*outcomes: Outcome, of: list[tuple[str, str, int]] = of) -> int:
            return sum(n for _, outcome, n in of if outcome in outcomes)

        live = sum(n for state, _, n in of if state in ("OPEN", "ACKNOWLEDGED"))
        merged = sum(n for state, _, n in of if state == AlarmState.MERGED)
        true, false = count(Outcome.TRUE, Outcome.KNOWN), count(Outcome.FALSE)
        found.append(Precision(kind, true, false, count(Outcome.UNCLEAR), live, merged))
    return found


@dataclass(frozen=True, slots=True)
class _Deed:
    step: Step
    note: str
    version: int | None
    change: Callable[[Alarm, Done], Alarm]


def _done(room: AlarmRoom, alarm_id: str, actor: Actor, deed: _Deed) -> Alarm:
    with room.database.write() as connection:
        return _written(room, connection, alarm_id, actor, deed)


def _written(
    room: AlarmRoom, connection: Connection, alarm_id: str, actor: Actor, deed: _Deed
) -> Alarm:
    """Change an alarm and write both it and the ledger's event, or neither."""
    row = alarms.alarm_of(connection, alarm_id, for_update=True)
    before = _seen(alarm_of_row(row), actor, is_deed=True)
    if deed.version is not None and deed.version != before.version:
        raise StaleAlarm(f"预警 {alarm_id} 已被他人更新：请重新读取后再改")
    now = room.now()
    after = deed.change(before, Done(deed.step, now, actor.id, mask(deed.note).text[:NOTE_LENGTH]))
    alarms.change(connection, row_of(after), seen_version=before.version)
    append(connection, [alarm_event(after, deed.step, now, actor.id)])
    return after


def _seen(alarm: Alarm, actor: Actor, *, is_deed: bool = False) -> Alarm:
    """Return an alarm that lies in the caller's part; a deed on the whole city's needs the city."""
    is_theirs = not actor.regions or alarm.area in actor.regions or (not alarm.area and not is_deed)
    if not is_theirs or actor.units:
        raise NotAllowed(f"预警 {alarm.id} 不在您的区域范围内")
    return alarm


def _query(wish: AlarmWish, actor: Actor) -> AlarmQuery:
    if actor.units:
        raise NotAllowed("预警只给不限单位的人看：它涉及所有承办单位")
    for state in wish.states:
        if state not in list(AlarmState):
            known = "、".join(AlarmState)
            raise AlarmRefused(
                "alarm_state_unknown", f"state={state!r:.40} 不存在：可用 {known}", field="state"
            )
    for kind in wish.kinds:
        if kind not in list(AlarmKind):
            known = "、".join(AlarmKind)
            raise AlarmRefused(
                "alarm_kind_unknown", f"kind={kind!r:.40} 不存在：可用 {known}", field="kind"
            )
    before = unpacked(wish.cursor, _place) if wish.cursor else None
    return AlarmQuery(wish.states, wish.kinds, actor.regions, wish.since, wish.until, before)


def _place(*facts: Json) -> tuple[datetime, str]:
    at, alarm_id = facts
    if not isinstance(at, int) or not isinstance(alarm_id, str):
        raise ValueError
    return moment(at), alarm_id
