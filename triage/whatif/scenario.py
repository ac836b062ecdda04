"""What is to be different: agents by hour, a new unit, deadlines, a storm; checked when made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from triage.errors import InvalidRequest
from triage.whatif.cases import Case, Period

_SHOWN = 8
"""Units named in a refusal."""


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit that takes the share `share` of another's orders, `desks` of them at once."""

    code: str
    takes_from: str
    share: float
    desks: int

    def __post_init__(self) -> None:
        _between("new_unit.share", self.share, 0.0, 1.0)
        _between("new_unit.desks", self.desks, 1, 100_000)


@dataclass(frozen=True, slots=True)
class Storm:
    """`calls` more by telephone from an hour of the period on, for `hours`; all of one unit."""

    at: float
    hours: float
    calls: int
    unit: str
    merged: float = 0.0
    """Share of the calls merged into one order: they are answered, and make no order."""

    def __post_init__(self) -> None:
        _between("storm.at", self.at, 0, 24 * 366)
        _between("storm.hours", self.hours, 0.1, 24 * 31)
        _between("storm.calls", self.calls, 1, 1_000_000)
        _between("storm.merged", self.merged, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A month as it was, unless something is said.

    Parameters
    ----------
    agents : whole numbers on duty by hour of a working day, (24,); () for nobody ever waiting
    rest_agents : on days of rest, (24,); () for as many as on working days
    call_minutes : mean of a call, with its registration
    patience_minutes : mean time after which a caller who waits gives up
    deadline : factor on every deadline
    unit_desks : factor on how many orders units work on at once
    """

    name: str = "as it was"
    agents: tuple[float, ...] = ()
    rest_agents: tuple[float, ...] = ()
    call_minutes: float = 6.0
    patience_minutes: float = 5.0
    deadline: float = 1.0
    unit_desks: float = 1.0
    new_unit: NewUnit | None = None
    storm: Storm | None = None

    def __post_init__(self) -> None:
        for numbers in (self.agents, self.rest_agents):
            if numbers and len(numbers) != 24:
                raise _wrong("agents", len(numbers), "24 个数，一小时一个")
            for hour, number in enumerate(numbers):
                _between("agents", number, 0, 100_000)
                if not float(number).is_integer():
                    raise _wrong("agents", number, f"整数：{hour} 时在岗的人数")
        _between("call_minutes", self.call_minutes, 0.1, 240)
        _between("patience_minutes", self.patience_minutes, 0.1, 240)
        _between("deadline", self.deadline, 0.05, 20)
        _between("unit_desks", self.unit_desks, 0.05, 20)


def check_fits(scenario: Scenario, cases: Sequence[Case], period: Period) -> None:
    """Check a scenario against the period: units that exist, a storm that falls into it.

    Raises
    ------
    InvalidRequest
        whatif_invalid.
    """
    units = {case.unit for case in cases if case.unit}
    new, storm = scenario.new_unit, scenario.storm
    if new is not None:
        _known("new_unit.takes_from", new.takes_from, units)
        if new.code in units or not new.code:
            raise _wrong("new_unit.code", new.code, "一个还没有的单位代码")
    if storm is not None:
        _known("storm.unit", storm.unit, units | ({new.code} if new else set()))
        _between("storm.at", storm.at, 0, math.nextafter(period.hours, 0))


def _known(field: str, unit: str, units: set[str]) -> None:
    if unit not in units:
        some = "、".join(sorted(units)[:_SHOWN])
        more = f"等 {len(units)} 个" if len(units) > _SHOWN else ""
        raise _wrong(field, unit, f"这段时间有工单的单位（{some}{more}）")


def _between(field: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:  # false for NaN too
        raise _wrong(field, value, f"{least} 到 {most} 之间")


def _wrong(field: str, value: object, wanted: str) -> InvalidRequest:
    return InvalidRequest(
        "whatif_invalid", f"{field} 的值 {value!s:.60} 应为{wanted}；请改正", field=field
    )
