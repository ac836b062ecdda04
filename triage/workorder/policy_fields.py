"""Typed access to one table of a policy file; what is wrong becomes a problem, and reading goes on.

So that a person sees all slips at once. Every field is taken once; what is left over is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar

from triage.catalogue.problems import Problem
from triage.errors import PolicyError

T = TypeVar("T", str, int)

FIRST_DAY = date(2001, 1, 1)
"""Before it no notice of holidays was checked by the calendar library."""


def refusal(title: str, problems: Sequence[Problem]) -> PolicyError:
    """Return the error that lists all problems of a file."""
    head = f"{title}有 {len(problems)} 处问题："
    return PolicyError("\n  ".join([head, *(str(problem) for problem in problems)]))


class Fields:
    """One table, and where it stands; a field that is wrong reads as some value of its type.

    `table` is None for one that is absent: that was said once, its fields are not named too.
    """

    def __init__(
        self, table: Mapping[str, object] | None, file: str, place: str, problems: list[Problem]
    ) -> None:
        self._absent = table is None
        self._rest = dict(table or {})
        self._file = file
        self._place = place
        self._problems = problems

    @property
    def findings(self) -> int:
        """Count the problems of the whole file so far."""
        return len(self._problems)

    def has(self, name: str) -> bool:
        """Say whether the table gives a field that was not taken yet."""
        return name in self._rest

    def text(self, name: str) -> str:
        """Take a text that is not empty."""
        value = self._take(name, "写成非空的文字")
        if isinstance(value, str) and value.strip():
            return value
        self._wrong(name, value, "应是非空的文字")
        return ""

    def flag(self, name: str) -> bool:
        """Take true or false."""
        value = self._take(name, "写成 true 或 false")
        if not isinstance(value, bool):
            self._wrong(name, value, "应是 true 或 false，不加引号")
        return value is True

    def whole(self, name: str, low: int, high: int) -> int:
        """Take a whole number from `low` to `high`."""
        value = self._take(name, f"写成 {low} 到 {high} 的整数")
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self._wrong(name, value, f"应是 {low} 到 {high} 的整数，不加引号")
        return low

    def number(self, name: str, low: float, high: float) -> float:
        """Take a number from `low` to `high`."""
        value = self._take(name, f"写成 {low:g} 到 {high:g} 的数")
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        self._wrong(name, value, f"应是 {low:g} 到 {high:g} 的数，不加引号")
        return low

    def day(self, name: str) -> date:
        """Take a TOML date."""
        value = self._take(name, "写成 2026-01-01")
        if isinstance(value, date) and not isinstance(value, datetime) and value >= FIRST_DAY:
            return value
        self._wrong(name, value, f"应是 {FIRST_DAY} 或以后的日期，写成 2026-01-01，不加引号")
        return FIRST_DAY

    def choice(self, name: str, allowed: Sequence[str]) -> str:
        """Take one of the allowed texts."""
        value = self._take(name, f"可写 {'、'.join(allowed)}")
        if isinstance(value, str) and value in allowed:
            return value
        self._wrong(name, value, f"只能是 {'、'.join(allowed)}")
        return allowed[0]

    def choices(self, name: str, allowed: Sequence[T]) -> tuple[T, ...]:
        """Take a list of allowed values, at least one, none twice."""
        shown = "、".join(map(str, allowed))
        value = self._take(name, f"写成列表，可用 {shown}")
        if not isinstance(value, list) or not value:
            self._wrong(name, value, f"应是非空列表，可用 {shown}")
            return ()
        wrong = [item for item in value if isinstance(item, bool) or item not in allowed]
        for item in wrong:
            self._wrong(name, item, f"只能是 {shown}")
        if not wrong and len(set(value)) < len(value):
            self._wrong(name, value, "有重复的值；请只留一个")
        return tuple(dict.fromkeys(item for item in value if item not in wrong))

    def table(self, name: str) -> Fields:
        """Take a sub-table."""
        value = self._take(name, f"请补上 [{self._path(name)}]")
        if not isinstance(value, dict):
            self._wrong(name, value, f"应是表：[{self._path(name)}]")
            value = None
        return Fields(value, self._file, self._path(name), self._problems)

    def tables(self, name: str) -> tuple[Fields, ...]:
        """Take a list of sub-tables, at least one; places count from 1."""
        value = self._take(name, f"请至少写一段 [[{self._path(name)}]]")
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._wrong(name, value, f"应写成 [[{self._path(name)}]]")
            return ()
        return tuple(
            Fields(item, self._file, f"{self._path(name)}[{index}]", self._problems)
            for index, item in enumerate(value, start=1)
        )

    def finish(self) -> None:
        """Name the fields that nobody took."""
        for name, value in self._rest.items():
            self.problem(name, value, "不认识的键；请检查拼写，可用的见 docs/policy.md")

    def problem(self, name: str | None, value: object, message: str) -> None:
        """Add a finding about a field, or about the table itself."""
        field = self._place if name is None else self._path(name)
        shown = "" if value is None else str(value)
        self._problems.append(Problem(self._file, None, field or None, shown, message))

    def _take(self, name: str, hint: str) -> object:
        if name not in self._rest:
            if not self._absent:
                self.problem(name, None, f"缺少这一项；{hint}")
            return None
        return self._rest.pop(name)

    def _wrong(self, name: str, value: object, message: str) -> None:
        if value is not None:  # TOML has no null: None was absent, and that is said already
            self.problem(name, value, message)

    def _path(self, name: str) -> str:
        return f"{self._place}.{name}" if self._place else name
