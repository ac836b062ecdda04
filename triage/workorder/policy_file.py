"""Read a policy file (TOML) into values; `policy_check` judges what the values say together.

The shipped file is `data/policy.toml`; a city's own file replaces it as a whole.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from importlib.resources import files
from pathlib import Path

from triage.catalogue.problems import Problem
from triage.catalogue.table import read_bytes
from triage.workorder.clock import LEVELS, MODES, TYPES
from triage.workorder.policy import (
    Clock,
    ClockKind,
    ExtensionRule,
    FollowUpRule,
    PauseReason,
    Period,
    Policy,
    QueueRule,
    RejectRule,
    ReminderKind,
    ReminderRule,
    RulingRule,
)
from triage.workorder.policy_check import (
    Covered,
    clock_table,
    once,
    order_of_levels,
    order_of_periods,
)
from triage.workorder.policy_fields import Fields, refusal
from triage.workorder.ranking import Weights

ROLES = ("agent", "dispatcher", "handler", "supervisor")
MAX_DAYS = 366
MAX_POINTS = 1000
SPANS = {"minutes": 60 * 24 * 31, "hours": 24 * 31, "working_days": MAX_DAYS}
"""The ways to write a clock, and the most of each: a slip of the finger is longer."""
_IDENTITY = re.compile(r"[a-z0-9_-]{1,40}")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,39}")


def load_policy(path: Path | None = None) -> Policy:
    """Return the policy of a city's file, or the shipped one.

    Raises
    ------
    PolicyError
        The file is missing or has problems; all of them are named.
    """
    if path is None:
        name = "policy.toml"
        content = files("triage.workorder").joinpath("data", name).read_bytes()
        policy, problems = read_policy(content, name)
    else:
        policy, problems = check_policy(path)
    if policy is None:
        raise refusal("政策文件", problems)
    return policy


def check_policy(path: Path) -> tuple[Policy | None, list[Problem]]:
    """Read a file; where anything is wrong the policy is None and every problem is listed."""
    problems: list[Problem] = []
    content = read_bytes(path, path.name, problems)
    if content is not None:
        return read_policy(content, path.name)
    if not problems:
        problems.append(Problem(path.name, None, None, str(path), "没有这个文件；请检查路径"))
    return None, problems


def read_policy(content: bytes, file: str) -> tuple[Policy | None, list[Problem]]:
    """Read a file's content; where anything is wrong the policy is None."""
    problems: list[Problem] = []
    try:
        table = tomllib.loads(content.decode("utf-8-sig"))
    except ValueError as error:  # neither UTF-8 nor TOML; tomllib names line and column
        message = f"不是 UTF-8 的 TOML 文件；请按提示的行列改正，或另存为 UTF-8（{error}）"
        return None, [Problem(file, None, None, "", message)]
    root = Fields(table, file, "", problems)
    identity, version = root.text("id"), root.text("version")
    if identity and not _IDENTITY.fullmatch(identity):
        root.problem("id", identity, "只能用小写字母、数字、- 或 _，至多 40 个")
    digest = hashlib.sha256(content).hexdigest()[:8]
    policy = Policy(
        version=f"{identity}-{version}+{digest}",
        title=root.text("title"),
        periods=_periods(root),
        queue=_queue(root.table("queue")),
    )
    root.finish()
    return (None if problems else policy), problems


def _periods(root: Fields) -> tuple[Period, ...]:
    tables = root.tables("period")
    periods = tuple(_period(table) for table in tables)
    order_of_periods(tables, periods)
    return periods


def _period(table: Fields) -> Period:
    before = table.findings
    clocks = clock_table(table, [_clock(item) for item in table.tables("clock")])
    if table.findings == before:  # else a value that could not be read would look out of order
        order_of_levels(table, clocks)
    period = Period(
        effective_from=table.day("effective_from"),
        applies_to_open=table.flag("applies_to_open"),
        source=table.text("source"),
        clocks=clocks,
        reject=_reject(table.table("reject")),
        pauses=_pauses(table),
        extension=_extension(table.table("extension")),
        reminders=_reminders(table),
        follow_up=_follow_up(table.table("follow_up")),
        ruling=_ruling(table.table("ruling")),
    )
    table.finish()
    return period


def _clock(item: Fields) -> Covered:
    modes = item.choices("modes", MODES)
    levels = item.choices("urgency", LEVELS)
    types = item.choices("types", (*TYPES, "*"))
    given = [name for name in SPANS if item.has(name)]
    if len(given) != 1:
        item.problem(None, None, "minutes、hours、working_days 三者恰写一个")
    amounts = {name: item.whole(name, 1, SPANS[name]) for name in given}
    name, amount = next(iter(amounts.items()), ("hours", 1))
    kind = ClockKind.WORKING_DAYS if name == "working_days" else ClockKind.HOURS
    source = item.text("source")
    item.finish()
    clock = Clock(kind, amount * 60 if name == "hours" else amount, source)
    every = TYPES if "*" in types else types
    return item, clock, [(mode, level, one) for mode in modes for level in levels for one in every]


def _reject(table: Fields) -> RejectRule:
    rule = RejectRule(
        working_days=table.whole("working_days", 1, 30),
        complex_working_days=table.whole("complex_working_days", 1, 30),
        designate_after=table.whole("designate_after", 1, 20),
        source=table.text("source"),
    )
    if rule.complex_working_days < rule.working_days:
        days = rule.complex_working_days
        table.problem("complex_working_days", days, "不能少于 working_days；复杂事项只会更久")
    table.finish()
    return rule


def _pauses(period: Fields) -> dict[str, PauseReason]:
    tables = period.tables("pause")
    reasons = []
    for table in tables:
        reasons.append(
            PauseReason(
                code=_code(table),
                zh=table.text("zh"),
                en=table.text("en"),
                max_working_days=table.whole("max_working_days", 1, MAX_DAYS),
            )
        )
        table.finish()
    once(tables, [reason.code for reason in reasons])
    return {reason.code: reason for reason in reasons}


def _extension(table: Fields) -> ExtensionRule:
    rule = ExtensionRule(
        max_times=table.whole("max_times", 0, 20),
        max_working_days=table.whole("max_working_days", 1, MAX_DAYS),
        approver=table.choice("approver", ROLES),
        source=table.text("source"),
    )
    table.finish()
    return rule


def _reminders(period: Fields) -> tuple[ReminderRule, ...]:
    tables = period.tables("reminder")
    rules = tuple(_reminder(table) for table in tables)
    once(tables, [rule.code for rule in rules])
    return rules


def _reminder(table: Fields) -> ReminderRule:
    if table.has("share_left") == table.has("overdue_hours"):
        table.problem(None, None, "share_left 与 overdue_hours 恰写一个")
    share = table.number("share_left", 0.01, 0.99) if table.has("share_left") else None
    hours = table.number("overdue_hours", 0, 24 * 366) if table.has("overdue_hours") else None
    rule = ReminderRule(
        code=_code(table),
        kind=ReminderKind(table.choice("kind", [kind.value for kind in ReminderKind])),
        zh=table.text("zh"),
        to=table.choices("to", ROLES),
        share_left=share,
        overdue_hours=hours,
    )
    table.finish()
    return rule


def _follow_up(table: Fields) -> FollowUpRule:
    rule = FollowUpRule(table.whole("working_days", 1, 60), table.text("source"))
    for name in ("automatic_waiver", "waive_after_days"):
        if table.has(name):
            message = "不能自动免回访：没有事项会自己办结；请删去，免回访由人写明理由"
            table.problem(name, None, message)
    table.finish()
    return rule


def _ruling(table: Fields) -> RulingRule:
    rule = RulingRule(table.whole("working_days", 1, 60), table.text("source"))
    table.finish()
    return rule


def _queue(table: Fields) -> QueueRule:
    rule = QueueRule(
        weights={mode: _weights(table.table(mode)) for mode in MODES},
        emergency_hours=table.whole("emergency_hours", 1, 24 * 31),
    )
    table.finish()
    return rule


def _weights(table: Fields) -> Weights:
    weights = Weights(
        urgency=table.number("urgency", 0, MAX_POINTS),
        deadline=table.number("deadline", 0.01, MAX_POINTS),
        group_size=table.number("group_size", 0, MAX_POINTS),
        vulnerability=table.number("vulnerability", 0, MAX_POINTS),
        waiting=table.number("waiting", 0.01, MAX_POINTS),
        repeat=table.number("repeat", 0, MAX_POINTS),
    )
    table.finish()
    return weights


def _code(table: Fields) -> str:
    code = table.text("code")
    if code and not _CODE.fullmatch(code):
        table.problem("code", code, "只能用大写字母、数字和 _，以字母开头，至多 40 个")
    return code
