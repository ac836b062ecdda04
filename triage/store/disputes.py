"""Cases of dispute: opened, ruled on, listed; within the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, Row, func, insert, literal, select, tuple_, update

from triage.errors import TriageError
from triage.store.dispute_tables import dispute

OPEN, RULED = "open", "ruled"


class UnknownDispute(TriageError):
    """The order never was in dispute."""

    code = "dispute_unknown"


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `kind`, `unit` and what follows are the ruling's, "" or None while it is open."""

    order_id: str
    number: int
    state: str
    opened_at: datetime
    opened_by: str
    ruling_due: datetime
    topic: str
    region: str
    object: str
    parties: tuple[str, ...]
    interim_lead: str
    kind: str = ""
    unit: str = ""
    support: tuple[str, ...] = ()
    basis: str = ""
    ruled_by: str = ""
    ruled_at: datetime | None = None
    rule_id: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was decided: `kind` is adjudicate or designate."""

    kind: str
    unit: str
    support: tuple[str, ...]
    basis: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseKey:
    """Where a case stands in the list: by the time its ruling is due."""

    ruling_due: datetime
    order_id: str
    number: int


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases: a state or "" for all; due at or before a time, or after it."""

    state: str = ""
    due_by: datetime | None = None
    due_after: datetime | None = None


def latest_case(connection: Connection, order_id: str) -> Case:
    """Return the last case of an order.

    Raises
    ------
    UnknownDispute
    """
    query = select(dispute).where(dispute.c.order_id == order_id)
    row = connection.execute(query.order_by(dispute.c.number.desc()).limit(1)).first()
    if row is None:
        raise UnknownDispute(f"工单 {order_id} 没有派单异议：只有提交会商（OBJECTED）后才有")
    return _case(row)


def ruled_cases(connection: Connection, order_ids: Sequence[str]) -> dict[str, Case]:
    """Return the last ruling of each of these orders, by order; those without one are left out."""
    ruled = select(dispute).where(dispute.c.order_id.in_(order_ids), dispute.c.state == RULED)
    rows = connection.execute(ruled.order_by(dispute.c.number))
    return {row.order_id: _case(row) for row in rows}


def add_case(connection: Connection, case: Case) -> None:
    """Write a case; its number is the next of its order, whatever it carries."""
    last = select(func.max(dispute.c.number)).where(dispute.c.order_id == case.order_id)
    number = int(connection.execute(last).scalar() or 0) + 1
    row = {name: getattr(case, name) for name in _NAMES}
    row |= {name: orjson.dumps(row[name]).decode() for name in ("parties", "support")}
    connection.execute(insert(dispute).values(**row | {"number": number}))


def close_case(connection: Connection, order_id: str, ruling: Ruling) -> bool:
    """Write the ruling of an order's open case; say whether there was one."""
    done = connection.execute(
        update(dispute)
        .where(dispute.c.order_id == order_id, dispute.c.state == OPEN)
        .values(
            state=RULED,
            kind=ruling.kind,
            unit=ruling.unit,
            support=orjson.dumps(ruling.support).decode(),
            basis=ruling.basis,
            ruled_by=ruling.by,
            ruled_at=ruling.at,
        )
    )
    return bool(done.rowcount)


def name_rule(connection: Connection, case: Case, rule_id: str) -> None:
    """Note which rule a ruling became."""
    connection.execute(
        update(dispute)
        .where(dispute.c.order_id == case.order_id, dispute.c.number == case.number)
        .values(rule_id=rule_id)
    )


def cases(
    connection: Connection, wanted: CaseFilter, *, after: CaseKey | None, limit: int
) -> list[Case]:
    """Return cases, those due first first."""
    key = (dispute.c.ruling_due, dispute.c.order_id, dispute.c.number)
    query = select(dispute).order_by(*key).limit(limit)
    if wanted.state:
        query = query.where(dispute.c.state == wanted.state)
    if wanted.due_by is not None:
        query = query.where(dispute.c.ruling_due <= wanted.due_by)
    if wanted.due_after is not None:
        query = query.where(dispute.c.ruling_due > wanted.due_after)
    if after is not None:
        seen = tuple_(
            literal(after.ruling_due, dispute.c.ruling_due.type),
            literal(after.order_id),
            literal(after.number),
        )
        query = query.where(tuple_(*key) > seen)
    return [_case(row) for row in connection.execute(query)]


_NAMES = tuple(dispute.c.keys())


def _case(row: Row[*tuple[object, ...]]) -> Case:
    values = {name: getattr(row, name) for name in _NAMES}
    lists = {name: tuple(orjson.loads(values[name])) for name in ("parties", "support")}
    return Case(**values | lists)
