"""Notices to citizens: which event is told of, and in what words.

Nothing personal is in them but the query code. A reply that is held back is told of when it is
released; a report names no unit. How a notice goes out is `triage.outgoing`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from triage.desk.view import PUBLIC_STATES
from triage.intake.moments import SHANGHAI
from triage.store.outbox import Letter
from triage.workorder.events import Event, Kind
from triage.workorder.order import WorkOrder
from triage.workorder.states import State

_PROACTIVE = "proactive_case"
ANY_UNIT = {"zh": "承办单位", "en": "the unit in charge"}
_HOLDS_BACK = frozenset({State.REPLIED, State.FOLLOWED_UP, State.CLOSED})
_TOLD_TO_ABSORBED = frozenset({State.REPLIED, State.CLOSED})


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of a template in both languages; an empty text is not sent."""

    zh: str
    en: str


def letter_of(before: WorkOrder | None, after: WorkOrder, events: Sequence[Event]) -> Letter | None:
    """Return the notice of these events; None where the requester learns nothing new by them."""
    template = _template(before, after, events)
    if template is None or not somebody_waits(after):
        return None
    return Letter(template, to_absorbed=after.state in _TOLD_TO_ABSORBED)


def somebody_waits(order: WorkOrder) -> bool:
    """Say whether a requester is to be told of an order: not of rounds, nor of a part of it."""
    return order.origin != _PROACTIVE and not order.part_of


def rendered(template: str, order: WorkOrder) -> Texts:
    """Return the words for an order as it stands; "" for a template that a catalogue leaves out.

    A unit is named only while the order is where the notice says, and never for a report.
    """
    found = texts().get(template, Texts("", ""))
    names_unit = order.body and order.state == template and not order.is_report
    due = f"{order.due_at.astimezone(SHANGHAI):%Y-%m-%d}"
    return Texts(
        *(
            text.format(
                code=order.query_code,
                due=due,
                unit=order.body if names_unit else ANY_UNIT[language],
            )
            for language, text in (("zh", found.zh), ("en", found.en))
        )
    )


@cache
def texts() -> Mapping[str, Texts]:
    """Return the shipped catalogue."""
    text = files("triage.desk").joinpath("data/notices.csv").read_text("utf-8")
    return {
        row["template"]: Texts(row["zh"], row["en"]) for row in csv.DictReader(text.splitlines())
    }


def _template(before: WorkOrder | None, after: WorkOrder, events: Sequence[Event]) -> str | None:
    if before is None:
        return "REOPENED" if after.parent_id and after.origin == "reopened" else "RECEIVED"
    if after.is_reply_held and after.state in _HOLDS_BACK:
        return None
    is_released = any(event.kind is Kind.NOTIFY and "released" in event.body for event in events)
    if is_released:
        return after.state.value if after.state in _HOLDS_BACK else None
    if PUBLIC_STATES[before.state] == PUBLIC_STATES[after.state]:
        return None
    return State.SUGGESTED.value if after.state is State.MANUAL else after.state.value
