"""When an order is due, and why: pure functions of a policy, a calendar and what happened.

Every order has a deadline. The clock runs through transfers and waits for no acknowledgement; only
a pause stops it, for as long as its reason allows. A more urgent level only brings the deadline
forward. What else has a time (rejects, rulings, reminders) stands in `due_moments`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from triage.workorder.clock import TYPES, UNKNOWN_TYPE, ClockFacts, Raise, Stop
from triage.workorder.policy import Clock, ClockKind, Period, Policy
from triage.workorder.stops import Interval, after_running, after_working_days, merged, running
from triage.workorder.working_calendar import WorkingCalendar, shanghai_day, start_of_day

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class DeadlineWarning:
    """Something about a deadline that a person should know; `code` is stable.

    Codes: policy_before_first, type_unknown, calendar_provisional, pause_reason_unknown,
    pause_over_limit.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """When an order is due (aware UTC) and what that stands on.

    The order is late from `due_at` on. `counted_from` is where the deciding clock began,
    `policy_from` the day from which the deciding policy holds. Of `paused_seconds` (kind HOURS)
    and `paused_working_days` one is 0. `stops` are the spans in which the clock stood.
    """

    due_at: datetime
    kind: ClockKind
    basis: str
    counted_from: datetime
    policy_from: date
    policy_version: str
    calendar_version: str
    paused_seconds: int
    paused_working_days: int
    stops: tuple[Interval, ...]
    warnings: tuple[DeadlineWarning, ...] = ()

    @property
    def is_provisional(self) -> bool:
        """A notice of holidays may still move it: compute it again when the calendar is updated."""
        return any(warning.code == "calendar_provisional" for warning in self.warnings)


def deadline(policy: Policy, calendar: WorkingCalendar, facts: ClockFacts) -> Deadline:
    """Return the deadline of an order, open or closed.

    The period in force when the clock started decides, and later ones that `applies_to_open`, if
    the order is open and not late when they begin; those leave it a whole working day at least.
    """
    stops, warnings = _stops(policy, calendar, facts)
    period = policy.at(facts.started_at)
    due = _earliest(policy, period, calendar, facts, stops)
    for later in policy.after(period):
        begins = start_of_day(later.effective_from)
        if begins >= due.due_at or (facts.closed_at is not None and begins >= facts.closed_at):
            break
        changed = _earliest(policy, later, calendar, facts, stops)
        grace = min(due.due_at, calendar.end_after_working_days(begins, 1))
        due = replace(changed, due_at=max(changed.due_at, grace))
    return replace(due, warnings=(*warnings, *_doubts(policy, calendar, facts, due)))


def _earliest(
    policy: Policy,
    period: Period,
    calendar: WorkingCalendar,
    facts: ClockFacts,
    stops: Sequence[Interval],
) -> Deadline:
    """Return the first of the deadlines of the clock's levels, each counted from its beginning."""
    first = Raise(facts.started_at, facts.urgency, facts.mode)
    found: list[Deadline] = []
    for one in (first, *facts.raises):
        clock = period.clock(one.mode, one.urgency, facts.request_type)
        start = max(one.at, facts.started_at).astimezone(UTC)
        extension = sum(facts.extensions[one.extensions :])
        due_at, seconds, days = _count(clock, calendar, start, extension, stops)
        found.append(
            Deadline(
                due_at=due_at,
                kind=clock.kind,
                basis=_basis(clock, one, facts, extension),
                counted_from=start,
                policy_from=period.effective_from,
                policy_version=policy.version,
                calendar_version=calendar.version,
                paused_seconds=seconds,
                paused_working_days=days,
                stops=tuple(stops),
            )
        )
    return min(found, key=lambda one: one.due_at)


def _count(
    clock: Clock,
    calendar: WorkingCalendar,
    start: datetime,
    extension: int,
    stops: Sequence[Interval],
) -> tuple[datetime, int, int]:
    """Return when a clock ends, and the seconds or the working days for which it stood."""
    if clock.kind is ClockKind.WORKING_DAYS:
        due_at, stood = after_working_days(stops, start, clock.amount + extension, calendar)
        return due_at, 0, stood
    due_at = after_running(stops, start, timedelta(minutes=clock.amount))
    if extension:
        due_at, _ = after_working_days(stops, due_at, extension, calendar)
    stopped = due_at - start - running(stops, start, due_at)
    return due_at, stopped // SECOND, 0


def _stops(
    policy: Policy, calendar: WorkingCalendar, facts: ClockFacts
) -> tuple[tuple[Interval, ...], list[DeadlineWarning]]:
    """Return when the clock stood or will stand at most, and what is odd about the pauses."""
    warnings: list[DeadlineWarning] = []
    spans: list[Interval] = []
    for pause in facts.pauses:
        limit = _limit(policy, calendar, pause, warnings)
        ends = [end for end in (pause.until, facts.closed_at) if end is not None]
        end = min([limit, *ends])
        if pause.until is not None and pause.until > limit:
            message = f"挂起超过“{pause.reason}”允许的最长时间，自 {_shown(limit)} 起恢复计时"
            warnings.append(DeadlineWarning("pause_over_limit", message))
        spans.append((pause.since.astimezone(UTC), end.astimezone(UTC)))
    return merged(spans), warnings


def _limit(
    policy: Policy, calendar: WorkingCalendar, pause: Stop, warnings: list[DeadlineWarning]
) -> datetime:
    """Return the end of the longest pause that its reason allows; an unknown one the shortest."""
    reasons = policy.at(pause.since).pauses
    known = reasons.get(pause.reason)
    if known is None:
        message = f"挂起原因“{pause.reason}”不在政策里，按各原因中最短的期限计"
        warnings.append(DeadlineWarning("pause_reason_unknown", message))
    days = known.max_working_days if known else min(r.max_working_days for r in reasons.values())
    return calendar.end_after_working_days(pause.since, days)


def _doubts(
    policy: Policy, calendar: WorkingCalendar, facts: ClockFacts, due: Deadline
) -> Iterator[DeadlineWarning]:
    first = policy.periods[0].effective_from
    started = shanghai_day(facts.started_at)
    if started < first:
        message = f"受理早于政策最早的生效日 {first}，按最早一段计"
        yield DeadlineWarning("policy_before_first", message)
    if facts.request_type not in TYPES:
        message = f"诉求类型“{facts.request_type}”未知，按 {UNKNOWN_TYPE} 计"
        yield DeadlineWarning("type_unknown", message)
    last = shanghai_day(due.due_at - SECOND)  # 24:00 is the next day's 0:00
    years = calendar.unsettled(shanghai_day(due.counted_from), last)
    counts_days = due.kind is ClockKind.WORKING_DAYS or facts.extensions or facts.pauses
    if years and counts_days:
        named = "、".join(map(str, years))
        message = f"{named} 年放假通知尚未录入，调休未知；日历更新后须重算"
        yield DeadlineWarning("calendar_provisional", message)


def _basis(clock: Clock, one: Raise, facts: ClockFacts, extension: int) -> str:
    """Return, in Chinese, the clock, from when it counts, and where it is laid down."""
    kind = facts.request_type if facts.request_type in TYPES else UNKNOWN_TYPE
    parts = [f"{one.mode} {kind} {one.urgency} 级：{clock.name}"]
    if one.at > facts.started_at:
        parts.append(f"自 {_shown(one.at)} 提级起算")
    if extension:
        parts.append(f"延期 {extension} 个工作日")
    return "，".join(parts) + f"（{clock.source}）"


def _shown(moment: datetime) -> str:
    day = shanghai_day(moment)
    clock = (moment.astimezone(UTC) - start_of_day(day)) // timedelta(minutes=1)
    return f"{day} {clock // 60:02d}:{clock % 60:02d}"
