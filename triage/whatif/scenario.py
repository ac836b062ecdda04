"""What is to be different: agents by hour, a new unit, deadlines, a storm; checked when made."""

from __future__ import annotations

from dataclasses import dataclass

from triage.errors import InvalidRequest


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
    agents : on duty by hour of the day, (24,); () for as many as the busiest hour of the record
        needed at the occupancy of `triage.alarms` rules
    call_minutes : mean of a call, with its registration
    patience_minutes : mean time after which a caller who waits gives up
    deadline : factor on every deadline
    unit_desks : factor on how many orders units work on at once
    """

    name: str = "as it was"
    agents: tuple[float, ...] = ()
    call_minutes: float = 6.0
    patience_minutes: float = 5.0
    deadline: float = 1.0
    unit_desks: float = 1.0
    new_unit: NewUnit | None = None
    storm: Storm | None = None

    def __post_init__(self) -> None:
        if self.agents and len(self.agents) != 24:
            raise _wrong("agents", len(self.agents), "24 个数，一小时一个")
        for number in self.agents:
            _between("agents", number, 0, 100_000)
        _between("call_minutes", self.call_minutes, 0.1, 240)
        _between("patience_minutes", self.patience_minutes, 0.1, 240)
        _between("deadline", self.deadline, 0.05, 20)
        _between("unit_desks", self.unit_desks, 0.05, 20)


def _between(field: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:  # false for NaN too
        raise _wrong(field, value, f"{least} 到 {most} 之间")


def _wrong(field: str, value: float, wanted: str) -> InvalidRequest:
    return InvalidRequest(
        "whatif_invalid", f"{field} 的值 {value} 应为{wanted}；请改正", field=field
    )
