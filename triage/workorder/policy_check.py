"""Judge what the values of a policy file say together: gaps, doubles, wrong order.

Single values are judged where they are read (`policy_file`, `policy_fields`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from triage.workorder.clock import LEVELS, MODES, TYPES
from triage.workorder.policy import Clock, ClockKind, Period
from triage.workorder.policy_fields import Fields

Key: TypeAlias = tuple[str, int, str]
Covered: TypeAlias = tuple[Fields, Clock, list[Key]]
"""A table `[[period.clock]]`, its clock, and the orders it is for: mode, level, type."""


def clock_table(period: Fields, entries: Sequence[Covered]) -> dict[Key, Clock]:
    """Return the clock of every kind of order; name kinds that have none, or two."""
    clocks: dict[Key, Clock] = {}
    for table, clock, keys in entries:
        twice = [key for key in keys if key in clocks]
        if twice:
            table.problem(None, _shown(twice), "前面已有一条时限；请只留一条")
        clocks.update(dict.fromkeys(keys, clock))
    for mode in MODES:
        for level in LEVELS:
            missing = [(mode, level, one) for one in TYPES if (mode, level, one) not in clocks]
            if missing and entries:
                message = "没有规定时限；请补一段 [[period.clock]]"
                period.problem("clock", _shown(missing), message)
    return clocks


def order_of_levels(period: Fields, clocks: Mapping[Key, Clock]) -> None:
    """Name levels whose clock is longer than that of the next, less urgent one."""
    for mode in MODES:
        for one in TYPES:
            for level in LEVELS[:-1]:
                clock, calmer = clocks.get((mode, level, one)), clocks.get((mode, level + 1, one))
                if clock and calmer and _minutes(clock) > _minutes(calmer):
                    shown = f"{mode} {one} {level} 级 {clock.name}"
                    message = f"比 {level + 1} 级的 {calmer.name} 还长；越急的时限不能越长"
                    period.problem("clock", shown, message)


def order_of_periods(tables: Sequence[Fields], periods: Sequence[Period]) -> None:
    """Name periods that do not begin after the one before."""
    for index in range(1, len(periods)):
        day, before = periods[index].effective_from, periods[index - 1].effective_from
        if day <= before:
            message = f"须晚于上一段的 {before}；各段按生效日期从早到晚排列"
            tables[index].problem("effective_from", day, message)


def once(tables: Sequence[Fields], codes: Sequence[str]) -> None:
    """Name codes that an earlier table has too."""
    for index, (table, code) in enumerate(zip(tables, codes, strict=True)):
        if code and code in codes[:index]:
            table.problem("code", code, "代码重复；请改名")


def _minutes(clock: Clock) -> int:
    return clock.amount * (24 * 60 if clock.kind is ClockKind.WORKING_DAYS else 1)


def _shown(keys: Sequence[Key]) -> str:
    first = keys[0]
    return f"{first[0]} {first[1]} 级 {'、'.join(key[2] for key in keys if key[:2] == first[:2])}"
