"""The office: what every deed at the desk needs, put together once at the edge.

A deed is a function that takes the office first. The seams are protocols, so tests bring a fixed
clock and a triage without weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from triage.request import CitizenRequest, Prediction
from triage.store.database import Database
from triage.store.orders import Books
from triage.store.vault import Field, Reading
from triage.workorder.agenda import Task
from triage.workorder.order import WorkOrder
from triage.workorder.ranking import Weights
from triage.workorder.rule_check import Codes

Now = Callable[[], datetime]
Triage = Callable[[Sequence[CitizenRequest]], Sequence[Prediction]]


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline and the rule it comes from."""

    at: datetime
    kind: str


class Clocks(Protocol):
    """What policy says of times; see `triage.desk.clocks`."""

    def due(self, order: WorkOrder) -> Due:
        """Return the deadline of an order as it stands; never later for a raised urgency."""

    def is_provisional(self, order: WorkOrder) -> bool:
        """Say whether a notice of holidays still to come may move the deadline of an open order."""

    def task(self, order: WorkOrder) -> Task | None:
        """Return what is due next on an order by itself."""

    @property
    def version(self) -> str:
        """What all these answers stand on: another one may move deadlines."""

    def first_due(self, started_at: datetime, *, mode: str) -> Due:
        """Return the deadline of an order nobody has judged yet."""

    def reject_until(self, order: WorkOrder, at: datetime) -> datetime:
        """Return until when a unit may reject an order dispatched to it at this time."""

    def ruling_due(self, order: WorkOrder, at: datetime) -> datetime:
        """Return when a dispute opened at this time is to be ruled on."""

    def check_designation(self, order: WorkOrder) -> None:
        """Check that the hotline may designate a unit; MoveRefused says from when on."""

    def emergency_ends(self, at: datetime) -> datetime:
        """Return when EMERGENCY mode, declared at this time, ends by itself."""

    def pause_reasons(self, at: datetime) -> Mapping[str, str]:
        """Return the codes for which the clock may stand at this time, with their names."""

    def check_pause(self, order: WorkOrder, reason: str) -> None:
        """Check that the clock may stand for this reason; IncompleteMove names the codes."""

    def check_extension(self, order: WorkOrder, working_days: int) -> str:
        """Check one more extension and return the role that approves; MoveRefused says why not."""


class Vault(Protocol):
    """Where originals go, within the caller's transaction."""

    def seal(
        self, connection: Connection, order_id: str, originals: Mapping[Field, str], at: datetime
    ) -> None:
        """Encrypt and keep an order's fields."""

    def open_sealed(
        self, database: Database, order_id: str, fields: frozenset[Field], reading: Reading
    ) -> dict[Field, str]:
        """Return originals; that they are read, by whom and why is on record first."""


class UnitFacts(Protocol):
    """What is asked of a unit of the catalogue."""

    @property
    def name(self) -> str:
        """Its Chinese name."""

    @property
    def kind(self) -> str:
        """One of department, township, utility, state vertical and the like."""


class Identity(Protocol):
    """Knows a requester again without keeping the number."""

    def requester(self, telephone: str) -> str:
        """Return what is equal for the same requester, "" for an unknown one."""

    def tail(self, order_id: str, telephone: str) -> str:
        """Return what is equal for the same last digits and order, "" for no number."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The organisation that an order is sent to: its name, the region's code, its level."""

    name: str
    region: str
    level: str


@dataclass(frozen=True, slots=True)
class Office:
    """The parts. `triages` are tried in order: the model, then the rules alone.

    `units` are those of the catalogue in force; `holder_of` says which organisation a functional
    line is where an order lies; `codes` are those that a routing rule may name; `accused_by` the
    units that an order accuses, were it a report.
    """

    database: Database
    vault: Vault
    identity: Identity
    clocks: Clocks
    triages: tuple[Triage, ...]
    units: Mapping[str, UnitFacts]
    holder_of: Callable[[str, WorkOrder], Holder]
    books: Books
    weights: Callable[[str], Weights]
    now: Now
    codes: Codes = field(default_factory=Codes)
    accused_by: Callable[[WorkOrder], tuple[str, ...]] = lambda order: ()
