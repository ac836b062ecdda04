"""A work order as it stands now: the value that events fold into.

Every text in it is masked; the originals lie in the vault. Times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import cast

import orjson

from triage.workorder.clock import Raise
from triage.workorder.states import ENDED, State

HEARD = frozenset({"SATISFIED", "NEUTRAL", "DISSATISFIED"})
"""Outcomes of a follow-up in which the requester was reached, and so has heard the reply."""


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
    are the policy's reminders that were sent, each once in an order's life. `reply_flags` are the
    doubts about the reply; one that left the requester dissatisfied keeps them.
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

    @property
    def is_reply_held(self) -> bool:
        """A doubtful reply waits to be released: nobody has told it to the requester yet."""
        is_asked = self.state in (State.FOLLOWED_UP, State.CLOSED) and not self.waiver
        return bool(self.reply_flags) and not (is_asked and self.outcome in HEARD)

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
        values = [row[name] for name in _NAMES]
        for place, read in _READ:
            values[place] = read(values[place])
        return cls(*values)  # type: ignore[arg-type]  # what is no plain value is read by its type


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


def _moment(value: object) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value is not None else None


def _state(value: object) -> State:
    return State(str(value))


def _words(value: object) -> tuple[object, ...]:
    return tuple(cast(list[object], value))


def _pauses(value: object) -> tuple[Pause, ...]:
    return tuple(_pause(row) for row in cast(list[Mapping[str, str | None]], value))


def _raises(value: object) -> tuple[Raise, ...]:
    return tuple(_raise(row) for row in cast(list[Mapping[str, str | int]], value))


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


_READERS: Mapping[str, Callable[[object], object]] = {
    "datetime": _moment,
    "datetime | None": _moment,
    "State": _state,
    "tuple[Pause, ...]": _pauses,
    "tuple[Raise, ...]": _raises,
    "tuple[str, ...]": _words,
    "tuple[int, ...]": _words,
}
"""How a value of each type is read; numbers, words and claims are what they are in JSON."""
_READ = tuple(
    (place, _READERS[str(field.type)])
    for place, field in enumerate(fields(WorkOrder))
    if str(field.type) in _READERS
)
