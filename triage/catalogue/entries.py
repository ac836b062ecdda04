"""Entries of the code lists as frozen values, each with the days on which it is in force.

Built from rows that `check` has passed; nothing is judged again here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from typing import TypeAlias

from triage.catalogue.period import ALWAYS, Period, day_text, parse_day
from triage.catalogue.schema import SEPARATOR
from triage.catalogue.table import Row
from triage.request import Json


@dataclass(frozen=True, slots=True)
class TopicEntry:
    """A second-level topic, its board (板块) and the units that lead and support by default."""

    code: str
    l1: str
    l2: str
    scope: str
    board: str
    lead: str
    support: tuple[str, ...]
    valid: Period = ALWAYS

    @property
    def name(self) -> str:
        """The topic's own name."""
        return self.l2


@dataclass(frozen=True, slots=True)
class UnitEntry:
    """A functional line (条线) of handling units."""

    code: str
    name: str
    kind: str
    scope: str
    valid: Period = ALWAYS


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """An entry of a plain list: request types, flags, reject reasons, channels, boards."""

    code: str
    name: str
    definition: str
    valid: Period = ALWAYS


@dataclass(frozen=True, slots=True)
class UrgencyEntry:
    """An urgency level; `deadline` is the policy's wording, not a clock."""

    level: int
    identifier: str
    name: str
    criterion: str
    deadline: str
    valid: Period = ALWAYS

    @property
    def code(self) -> str:
        """The level as a code."""
        return str(self.level)


@dataclass(frozen=True, slots=True)
class AcceptanceEntry:
    """A decision of the gate, an emergency number or a statutory route.

    `automatic` says whether it may be acted on before a person has confirmed it.
    """

    code: str
    kind: str
    name: str
    definition: str
    automatic: bool
    valid: Period = ALWAYS


Entry: TypeAlias = TopicEntry | UnitEntry | CodeEntry | UrgencyEntry | AcceptanceEntry


def build_entry(list_name: str, row: Row) -> Entry:
    """Return the entry of one row of the list `list_name`."""
    return _BUILDERS.get(list_name, _plain)(row)


def split_cell(cell: str) -> tuple[str, ...]:
    """Return the values of a cell that holds several."""
    return tuple(value.strip() for value in cell.split(SEPARATOR) if value.strip())


def period(row: Row, start: str = "valid_from", end: str = "valid_to") -> Period:
    """Return the period that two cells of a sound row name."""
    if not row[start] and not row[end]:
        return ALWAYS
    return Period(parse_day(row[start], default=date.min), parse_day(row[end], default=date.max))


def entry_json(entry: object) -> dict[str, Json]:
    """Return a frozen value as a JSON object; a period becomes `<name>_from` and `<name>_to`."""
    result: dict[str, Json] = {}
    for field in fields(entry):  # type: ignore[arg-type]  # every caller passes a dataclass
        value = getattr(entry, field.name)
        if isinstance(value, Period):
            result[f"{field.name}_from"] = day_text(value.start)
            result[f"{field.name}_to"] = day_text(value.end)
        else:
            result[field.name] = list(value) if isinstance(value, tuple) else value
    return result


def _topic(row: Row) -> Entry:
    return TopicEntry(
        code=row["code"],
        l1=row["l1"],
        l2=row["l2"],
        scope=row["scope"],
        board=row["board"],
        lead=row["lead"],
        support=split_cell(row["support"]),
        valid=period(row),
    )


def _unit(row: Row) -> Entry:
    return UnitEntry(row["code"], row["name"], row["kind"], row["scope"], period(row))


def _urgency(row: Row) -> Entry:
    return UrgencyEntry(
        level=int(row["level"]),
        identifier=row["identifier"],
        name=row["name"],
        criterion=row["criterion"],
        deadline=row["deadline"],
        valid=period(row),
    )


def _acceptance(row: Row) -> Entry:
    return AcceptanceEntry(
        code=row["code"],
        kind=row["kind"],
        name=row["name"],
        definition=row["definition"],
        automatic=row["automatic"] == "true",
        valid=period(row),
    )


def _plain(row: Row) -> Entry:
    return CodeEntry(row["code"], row["name"], row["definition"], period(row))


_BUILDERS: dict[str, Callable[[Row], Entry]] = {
    "topics": _topic,
    "units": _unit,
    "urgency_levels": _urgency,
    "acceptance": _acceptance,
}
