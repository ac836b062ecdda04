"""Alarms in the store: written and changed whole, found by series, state and time.

What an alarm's life allows is `triage.alarms.alarm`; layers keep that above, so an alarm goes in
and out here as a row of plain values.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, tuple_, update

from triage.errors import TriageError
from triage.store.alarm_tables import alarm


class UnknownAlarm(TriageError):
    """No alarm has this id."""

    code = "alarm_unknown"


class StaleAlarm(TriageError):
    """Somebody else changed the alarm meanwhile."""

    code = "alarm_stale"


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One alarm as it lies in the table; `document` is JSON."""

    id: str
    kind: str
    series: str
    area: str
    state: str
    outcome: str
    version: int
    opened_at: datetime
    seen_at: datetime
    closed_at: datetime | None
    merged_into: str
    document: str


@dataclass(frozen=True, slots=True)
class AlarmQuery:
    """Which alarms: no `states`, `kinds` or `areas` takes all; the whole city's are always among.

    `before` is the time of opening and id of the last one seen.
    """

    states: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    before: tuple[datetime, str] | None = None


_NAMES = tuple(field.name for field in fields(AlarmRow))


def add(connection: Connection, row: AlarmRow) -> None:
    """Write a new alarm."""
    connection.execute(insert(alarm).values(**{name: getattr(row, name) for name in _NAMES}))


def change(connection: Connection, row: AlarmRow, *, seen_version: int) -> None:
    """Write an alarm that was read as `seen_version`.

    Raises
    ------
    StaleAlarm
    """
    values = {name: getattr(row, name) for name in _NAMES if name != "id"}
    written = connection.execute(
        update(alarm).where(alarm.c.id == row.id, alarm.c.version == seen_version).values(**values)
    )
    if written.rowcount != 1:
        raise StaleAlarm(f"预警 {row.id} 已被他人更新：请重新读取后再改")


def alarm_of(connection: Connection, alarm_id: str, *, for_update: bool = False) -> AlarmRow:
    """Return an alarm, locked where asked.

    Raises
    ------
    UnknownAlarm
    """
    query = select(alarm).where(alarm.c.id == alarm_id)
    row = connection.execute(query.with_for_update() if for_update else query).first()
    if row is None:
        raise UnknownAlarm(f"没有编号为 {alarm_id!r:.40} 的预警")
    return _row(row)


def latest_of(connection: Connection, kind: str, series: Collection[str]) -> dict[str, AlarmRow]:
    """Return the latest alarm of a kind for each of some series that has one."""
    found: dict[str, AlarmRow] = {}
    names = sorted(series)
    for at in range(0, len(names), 500):
        query = (
            select(alarm)
            .where(alarm.c.kind == kind, alarm.c.series.in_(names[at : at + 500]))
            .order_by(alarm.c.opened_at, alarm.c.id)
        )
        found |= {row.series: _row(row) for row in connection.execute(query)}
    return found


def page(connection: Connection, wanted: AlarmQuery, limit: int) -> list[AlarmRow]:
    """Return alarms, the newest first."""
    query = select(alarm).where(*_where(wanted))
    if wanted.before is not None:
        query = query.where(tuple_(alarm.c.opened_at, alarm.c.id) < wanted.before)
    rows = connection.execute(
        query.order_by(alarm.c.opened_at.desc(), alarm.c.id.desc()).limit(limit)
    )
    return [_row(row) for row in rows]


def outcomes(connection: Connection, wanted: AlarmQuery) -> Sequence[tuple[str, str, str, int]]:
    """Return how many alarms there are by kind, state and outcome."""
    column = alarm.c
    rows = connection.execute(
        select(column.kind, column.state, column.outcome, func.count())
        .where(*_where(wanted))
        .group_by(column.kind, column.state, column.outcome)
        .order_by(column.kind, column.state, column.outcome)
    )
    return [(str(kind), str(state), str(outcome), int(n)) for kind, state, outcome, n in rows]


def _where(wanted: AlarmQuery) -> list[ColumnElement[bool]]:
    column = alarm.c
    found: list[ColumnElement[bool]] = []
    if wanted.states:
        found.append(column.state.in_(sorted(wanted.states)))
    if wanted.kinds:
        found.append(column.kind.in_(sorted(wanted.kinds)))
    if wanted.areas:
        found.append(column.area.in_(["", *sorted(wanted.areas)]))
    if wanted.since is not None:
        found.append(column.opened_at >= wanted.since)
    if wanted.until is not None:
        found.append(column.opened_at < wanted.until)
    return found


def _row(row: Row[tuple[object, ...]]) -> AlarmRow:
    return AlarmRow(**{name: getattr(row, name) for name in _NAMES})
