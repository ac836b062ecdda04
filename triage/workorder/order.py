"""A work order as it stands now: the value that events fold into.

Every text in it is masked; the originals lie in the vault. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import cast

import orjson

from triage.workorder.clock import Raise
from triage.workorder.states import ENDED, State


@dataclass(frozen=True, slots=True)
class Pause:
    """A stop of the clock; `until` is None while it lasts."""

    since: datetime
    until: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """One order.

    `version` counts its events, reads left out: who changes an order says which one was seen.
    `lead` and `support` are functional lines, `body` the organisation that holds it, "" while the
    hotline does. `holders` are all lines that ever held it, in order. `requester` is a keyed digest
    of the telephone number, which tells the same requester without telling who, `phone_tail` one of
    its last digits. `power` is what the
    matter needs (ENFORCEMENT, LICENSING) and `power_holder` the line that has it. `clock_urgency`
    is the level that the clock began with, `raises` say since when a faster one ran. `reminded`
    are the policy's reminders that were sent, each once in an order's life.
    """

    id: str
    query_code: str
    state: State
    version: int
    received_at: datetime
    state_since: datetime
    started_at: datetime
    due_at: datetime
    due_kind: str
    channel: str
    source: str
    source_id: str
    origin: str
    title: str
    text: str
    district: str
    township: str
    requester: str
    phone_tail: str = ""
    request_type: str = ""
    acceptance: str = ""
    topic: str = ""
    urgency: int = 3
    flags: tuple[str, ...] = ()
    suggested: str = ""
    lead: str = ""
    support: tuple[str, ...] = ()
    body: str = ""
    region: str = ""
    level: str = ""
    accused: tuple[str, ...] = ()
    power: str = ""
    power_holder: str = ""
    is_complex: bool = False
    mode: str = "NORMAL"
    first_receiver: str = ""
    holders: tuple[str, ...] = ()
    dispatches: int = 0
    rejects: int = 0
    last_reject: str = ""
    reject_until: datetime | None = None
    deemed_accepted: bool = False
    acknowledged_at: datetime | None = None
    clock_urgency: int = 3
    raises: tuple[Raise, ...] = ()
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[int, ...] = ()
    reminders: int = 0
    reminded: tuple[str, ...] = ()
    supervised: bool = False
    reply: str = ""
    reply_flags: tuple[str, ...] = ()
    replied_at: datetime | None = None
    outcome: str = ""
    waiver: str = ""
    closed_at: datetime | None = None
    parent_id: str = ""
    children: tuple[str, ...] = ()
    part_of: str = ""
    parts: tuple[str, ...] = ()
    merged_into: str = ""
    absorbed: tuple[str, ...] = ()
    repeats: int = 0
    exclusions: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Something is still due on it."""
        return self.state not in ENDED

    @property
    def is_report(self) -> bool:
        """举报: the requester is shown to no handling unit, the text to nobody accused."""
        return self.request_type == "REPORT"

    def dump(self) -> bytes:
        """Return the order as JSON: sorted keys, ISO times."""
        return orjson.dumps(self, option=orjson.OPT_SORT_KEYS)

    @classmethod
    def load(cls, document: bytes | str) -> WorkOrder:
        """Return the order of such a document.

        Raises
        ------
        ValueError, KeyError, TypeError
            It is damaged.
        """
        row = cast(dict[str, object], orjson.loads(document))
        return cls(**{field.name: _value(field.name, row[field.name]) for field in fields(cls)})  # type: ignore[arg-type]  # every name is read by its type below


_NAMES = tuple(field.name for field in fields(WorkOrder))
_PLACES = {name: place for place, name in enumerate(_NAMES)}
_values = attrgetter(*_NAMES)


def altered(order: WorkOrder, **changes: object) -> WorkOrder:
    """Return the order with these fields changed: `dataclasses.replace`, but folding is all this.

    Raises
    ------
    KeyError
        There is no such field.
    """
    values = list(_values(order))
    for name, value in changes.items():
        values[_PLACES[name]] = value
    return WorkOrder(*values)


_TIMES = frozenset(
    field.name for field in fields(WorkOrder) if str(field.type).startswith("datetime")
)


def _value(name: str, value: object) -> object:
    if name in _TIMES:
        return datetime.fromisoformat(str(value)) if value is not None else None
    if name == "state":
        return State(str(value))
    if name == "pauses":
        return tuple(_pause(row) for row in cast(list[Mapping[str, str | None]], value))
    if name == "raises":
        return tuple(_raise(row) for row in cast(list[Mapping[str, str | int]], value))
    return tuple(value) if isinstance(value, list) else value


def _pause(row: Mapping[str, str | None]) -> Pause:
    until = row["until"]
    return Pause(
        datetime.fromisoformat(str(row["since"])),
        datetime.fromisoformat(until) if until is not None else None,
        str(row["reason"]),
    )


def _raise(row: Mapping[str, str | int]) -> Raise:
    at = datetime.fromisoformat(str(row["at"]))
    return Raise(at, int(row["urgency"]), str(row["mode"]), int(row["extensions"]))
