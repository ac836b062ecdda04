"""平急结合: the operation mode, declared for a time, in the ledger; it ends by itself.

In EMERGENCY the queue weighs otherwise and new orders get the clocks of that mode.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, literal_column, select

from triage.desk.actor import Actor, NotAllowed
from triage.desk.guards import MoveRefused
from triage.desk.office import Office
from triage.request import Json
from triage.store.ledger import append
from triage.store.tables import ledger
from triage.text.mask import mask
from triage.workorder.events import Event, Kind

NORMAL, EMERGENCY = "NORMAL", "EMERGENCY"


@dataclass(frozen=True, slots=True)
class OperationMode:
    """The mode in force; `until` is None for NORMAL, which has no end."""

    name: str
    until: datetime | None = None
    reason: str = ""
    by: str = ""


def mode_at(connection: Connection, now: datetime) -> OperationMode:
    """Return the mode in force at a time."""
    query = (
        select(ledger.c.body, ledger.c.actor)
        .where(ledger.c.kind == literal_column(f"'{Kind.MODE.value}'"))  # as ix_ledger_mode_seq
        .order_by(ledger.c.seq.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    if row is None or row.body is None:
        return OperationMode(NORMAL)
    body = orjson.loads(row.body)
    if body["mode"] == NORMAL or datetime.fromisoformat(body["until"]) <= now:
        return OperationMode(NORMAL)
    until = datetime.fromisoformat(body["until"])
    return OperationMode(body["mode"], until, body["reason"], row.actor)


def current_mode(office: Office) -> OperationMode:
    """Return the mode in force now."""
    with office.database.read() as connection:
        return mode_at(connection, office.now())


def declare(office: Office, mode: str, *, reason: str, actor: Actor) -> OperationMode:
    """Declare a mode; EMERGENCY ends after the hours of the policy unless declared again.

    Raises
    ------
    MoveRefused
        mode_unknown, mode_without_reason.
    """
    if mode not in (NORMAL, EMERGENCY):
        raise MoveRefused(
            "mode_unknown", f"模式 {mode!r} 不存在：可用 NORMAL、EMERGENCY", field="mode"
        )
    if actor.regions or actor.units:
        raise NotAllowed("平急模式管全市：只能由不限区域、不限单位的人切换")
    if not reason.strip():
        raise MoveRefused("mode_without_reason", "切换平急模式须写明原因", field="reason")
    now = office.now()
    until = office.clocks.emergency_ends(now) if mode == EMERGENCY else None
    body: dict[str, Json] = {
        "mode": mode,
        "until": until.isoformat() if until else None,
        "reason": mask(reason).text,
    }
    with office.database.write() as connection:
        append(connection, [Event("", Kind.MODE, now, actor.id, body)])
    return OperationMode(mode, until, reason, actor.id)
