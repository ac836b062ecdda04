"""What a city has decided about time: clocks, rejects, pauses, extensions, reminders, weights.

Values only, with the day from which they hold; `policy_file` reads them. Nothing here computes a
deadline: that is `deadlines`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from triage.workorder.clock import TYPES, UNKNOWN_TYPE
from triage.workorder.ranking import Weights
from triage.workorder.working_calendar import shanghai_day


class ClockKind(StrEnum):
    """How a clock counts."""

    HOURS = "HOURS"
    WORKING_DAYS = "WORKING_DAYS"


@dataclass(frozen=True, slots=True)
class Clock:
    """A span: `amount` minutes (kind HOURS) or working days, and where that is laid down."""

    kind: ClockKind
    amount: int
    source: str

    @property
    def name(self) -> str:
        """Return the span in Chinese."""
        if self.kind is ClockKind.WORKING_DAYS:
            return f"{self.amount} 个工作日"
        hours, minutes = divmod(self.amount, 60)
        return f"{hours} 小时" * bool(hours) + f"{minutes} 分钟" * bool(minutes)


@dataclass(frozen=True, slots=True)
class RejectRule:
    """How long a unit may send an order back, and from how many dispatches on one is designated."""

    working_days: int
    complex_working_days: int
    designate_after: int
    source: str


@dataclass(frozen=True, slots=True)
class PauseReason:
    """Why a clock may stand, and for at most how many working days at a time."""

    code: str
    zh: str
    en: str
    max_working_days: int


@dataclass(frozen=True, slots=True)
class ExtensionRule:
    """How often and by how many working days at a time, and the role that approves."""

    max_times: int
    max_working_days: int
    approver: str
    source: str

    def refusal(self, granted: Sequence[int], asked: int) -> str | None:
        """Return why an extension by `asked` working days may not be granted, or None."""
        if len(granted) >= self.max_times:
            return f"已延期 {len(granted)} 次，最多 {self.max_times} 次；请按期办结或申请督办"
        if not 1 <= asked <= self.max_working_days:
            return f"申请延期 {asked} 个工作日，每次只能是 1 到 {self.max_working_days} 个"
        return None


class ReminderKind(StrEnum):
    """催办 before the deadline, 督办 by those above."""

    REMIND = "REMIND"
    SUPERVISE = "SUPERVISE"


@dataclass(frozen=True, slots=True)
class ReminderRule:
    """When whom: at a share of the running time left in (0, 1), or hours after the deadline."""

    code: str
    kind: ReminderKind
    zh: str
    to: tuple[str, ...]
    share_left: float | None
    overdue_hours: float | None


@dataclass(frozen=True, slots=True)
class FollowUpRule:
    """Within how many working days after the reply; nothing closes by itself when they pass."""

    working_days: int
    source: str


@dataclass(frozen=True, slots=True)
class RulingRule:
    """Within how many working days a dispute is ruled on."""

    working_days: int
    source: str


@dataclass(frozen=True, slots=True)
class Period:
    """Rules from one day on; `clocks` has a clock for every mode, level and type.

    With `applies_to_open` they also hold for orders that are open, and not overdue, on that day.
    """

    effective_from: date
    applies_to_open: bool
    source: str
    clocks: Mapping[tuple[str, int, str], Clock]
    reject: RejectRule
    pauses: Mapping[str, PauseReason]
    extension: ExtensionRule
    reminders: tuple[ReminderRule, ...]
    follow_up: FollowUpRule
    ruling: RulingRule

    def clock(self, mode: str, urgency: int, request_type: str) -> Clock:
        """Return the clock; an unknown type has that of `UNKNOWN_TYPE`."""
        known = request_type if request_type in TYPES else UNKNOWN_TYPE
        return self.clocks[mode, urgency, known]


@dataclass(frozen=True, slots=True)
class QueueRule:
    """Weights by mode, and the hours after which EMERGENCY mode ends unless it is renewed."""

    weights: Mapping[str, Weights]
    emergency_hours: int


@dataclass(frozen=True, slots=True)
class Policy:
    """All periods, oldest first, and the weights of the queue."""

    version: str
    title: str
    periods: tuple[Period, ...]
    queue: QueueRule

    def at(self, moment: datetime) -> Period:
        """Return the period in force; before the first one the first. ValueError if naive."""
        return self.on(shanghai_day(moment))

    def on(self, day: date) -> Period:
        """Return the period in force on a day in Shanghai; before the first one the first."""
        begun = [period for period in self.periods if period.effective_from <= day]
        return begun[-1] if begun else self.periods[0]

    def after(self, period: Period) -> tuple[Period, ...]:
        """Return the later periods that also hold for orders that are open when they begin."""
        return tuple(
            later
            for later in self.periods
            if later.effective_from > period.effective_from and later.applies_to_open
        )
