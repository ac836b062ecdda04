"""What one order says for scorecards: which rates it counts in, for whom, and how long things took.

Pure: an order as it stands and the events by which it went from unit to unit. The same comes out
whether the order was read from its document or folded from the ledger. docs/scorecards.md says
each rule in words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from triage.workorder.deadlines import Deadline
from triage.workorder.events import Event, Kind
from triage.workorder.order import WorkOrder
from triage.workorder.states import State
from triage.workorder.working_calendar import shanghai_day
from triage.workorder.working_hours import WorkingHours

SENDING = frozenset({Kind.DISPATCH, Kind.REASSIGN, Kind.ADJUDICATE, Kind.DESIGNATE})
_KEEPING = frozenset({Kind.HANDLE, Kind.DEEMED_ACCEPTED, Kind.REPLY})
KINDS = SENDING | _KEEPING | {Kind.REJECT}
"""The events that are needed beside the order; others may be given. Bodies of SENDING alone."""
_ANSWERED = frozenset({State.REPLIED, State.FOLLOWED_UP, State.CLOSED})
_ASKED = frozenset({State.FOLLOWED_UP, State.CLOSED})
_REACHED = frozenset({"SATISFIED", "NEUTRAL", "DISSATISFIED"})
HOTLINE = "HOTLINE"
MERGED, SPLIT = "MERGED", "SPLIT"
"""Why an order is left out by rule: its main, or its parts, count instead."""
OTHER = "OTHER"
"""A reason that is no code."""
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,31}")

Stratum: TypeAlias = tuple[str, int, str]
"""First-level topic, urgency, request type."""


class Rate(StrEnum):
    """Shares of orders, and of dispatches for `REJECT`."""

    RESPONSE = "response_rate"
    RESOLUTION = "resolution_rate"
    SATISFACTION = "satisfaction_rate"
    FIRST_DISPATCH = "first_dispatch_accuracy"
    REJECT = "reject_rate"
    OVERDUE = "overdue_rate"
    REPEAT = "repeat_rate"


class Measure(StrEnum):
    """Numbers of each order; hours to a tenth."""

    HOPS = "hops"
    TO_UNIT = "hours_to_unit"
    HANDLING = "handling_hours"


@dataclass(frozen=True, slots=True)
class Holder:
    """The organisation that answers for something: a line where it is, at its level."""

    line: str
    region: str
    level: str

    @property
    def code(self) -> str:
        """Return what it is told apart by; the hotline is one."""
        return (
            self.line if self.line == HOTLINE or not self.region else f"{self.line}@{self.region}"
        )


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """One order: `marks` are (rate, whose, hit), `spans` are (measure, whose, value)."""

    holder: Holder
    month: str
    stratum: Stratum
    exclusions: tuple[str, ...]
    marks: tuple[tuple[Rate, Holder, bool], ...]
    spans: tuple[tuple[Measure, Holder, float], ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """By what facts are judged: the moment, the clock, and topics by their first level."""

    now: datetime
    deadline: Callable[[WorkOrder], Deadline]
    hours: WorkingHours
    first_level: Mapping[str, str]


@dataclass(slots=True)
class _Sent:
    holder: Holder
    at: datetime
    is_kept: bool
    is_designated: bool
    is_rejected: bool = False


def facts_of(order: WorkOrder, steps: Sequence[Event], rules: Rules) -> OrderFacts:
    """Return the facts of one order; `steps` are its events of `KINDS`, oldest first."""
    sent = _sent(order, steps)
    last = sent[-1] if sent and not sent[-1].is_rejected else None
    hotline = Holder(HOTLINE, order.region, "hotline")
    holder = last.holder if last else hotline
    competent = last if last is not None and last.is_kept else None
    marks = [*_answering(order, holder, rules), *_dispatching(sent, competent)]
    marks.append((Rate.REPEAT, holder, order.repeats > 0 or bool(order.parent_id)))
    return OrderFacts(
        holder,
        f"{shanghai_day(order.received_at):%Y-%m}",
        (rules.first_level.get(order.topic, ""), order.urgency, order.request_type),
        _exclusions(order),
        tuple(marks),
        tuple(_spans(order, len(sent), competent, rules)),
    )


def _sent(order: WorkOrder, steps: Sequence[Event]) -> list[_Sent]:
    found: list[_Sent] = []
    for event in steps:
        if event.kind in SENDING:
            # The line comes from the order: retention may have taken the event's body.
            line = order.holders[len(found)] if len(found) < len(order.holders) else ""
            region = str(event.body.get("region") or order.region)
            level = str(event.body.get("level") or order.level)
            is_designated = event.kind is Kind.DESIGNATE
            holder = Holder(line, region, level)
            found.append(_Sent(holder, event.at, is_designated, is_designated))
        elif found and event.kind is Kind.REJECT:
            found[-1].is_rejected = True
        elif found and event.kind in _KEEPING and not found[-1].is_rejected:
            found[-1].is_kept = True
    return found


def _answering(order: WorkOrder, holder: Holder, rules: Rules) -> list[tuple[Rate, Holder, bool]]:
    """Return 三率 and lateness: nothing of an order that is neither answered nor due yet."""
    marks = []
    due = rules.deadline(order).due_at if order.state is State.PAUSED else order.due_at
    is_answered = order.state in _ANSWERED
    ended = (order.replied_at or order.state_since) if is_answered else rules.now
    if is_answered or ended >= due:
        marks += [(Rate.RESPONSE, holder, is_answered), (Rate.OVERDUE, holder, ended >= due)]
    if order.state in _ASKED and order.outcome in _REACHED:
        is_resolved = order.outcome != "DISSATISFIED" and not order.children
        marks.append((Rate.RESOLUTION, holder, is_resolved))
        marks.append((Rate.SATISFACTION, holder, order.outcome == "SATISFIED"))
    return marks


def _dispatching(sent: Sequence[_Sent], competent: _Sent | None) -> list[tuple[Rate, Holder, bool]]:
    """Return what dispatches say: a rejected or kept one counts, one taken away again does not."""
    marks = [
        (Rate.REJECT, one.holder, one.is_rejected)
        for one in sent
        if not one.is_designated and (one.is_rejected or one.is_kept)
    ]
    if competent is not None:
        first = sent[0].holder
        marks.append((Rate.FIRST_DISPATCH, first, first == competent.holder))
    return marks


def _spans(
    order: WorkOrder, dispatches: int, competent: _Sent | None, rules: Rules
) -> list[tuple[Measure, Holder, float]]:
    if competent is None:
        return []
    holder = competent.holder
    waited = max(competent.at - order.received_at, timedelta()) / timedelta(hours=1)
    spans = [(Measure.HOPS, holder, float(dispatches)), (Measure.TO_UNIT, holder, _tenth(waited))]
    if order.state in _ANSWERED and order.replied_at is not None:
        stops = rules.deadline(order).stops if order.pauses else ()
        worked = rules.hours.between(competent.at, order.replied_at, stops)
        spans.append((Measure.HANDLING, holder, _tenth(worked)))
    return spans


def _tenth(hours: float) -> float:
    return round(hours, 1)


def _exclusions(order: WorkOrder) -> tuple[str, ...]:
    by_rule = [MERGED] * (order.state is State.MERGED) + [SPLIT] * bool(order.parts)
    # Only codes are shown: what somebody wrote as a reason may name a person.
    given = (one if _CODE.fullmatch(one) else OTHER for one in order.exclusions)
    return (*given, *by_rule)
