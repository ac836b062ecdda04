"""Early load: hours to come in which more calls are expected than those on duty can take.

Who is on duty is a city's own table (`hour, workday, restday`); what is expected comes from a
stored forecast or from the usual hours (`triage.desk.alarm_load`). What waiting follows from it
is `triage.whatif`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from triage.alarms.findings import AlarmKind, Finding, Method, Point
from triage.alarms.key import Level, SeriesKey
from triage.alarms.rules import LoadRules
from triage.alarms.tails import upper_tail
from triage.errors import UnusableFile
from triage.trends.day_kinds import Calendar


@dataclass(frozen=True, slots=True)
class Staffing:
    """Agents on duty by hour of the day, (24,) each: on working days, and on days of rest."""

    workday: tuple[float, ...]
    restday: tuple[float, ...]

    def on_duty(self, at: datetime, calendar: Calendar) -> float:
        """Return how many are on duty in the hour that begins at a Chinese time."""
        return (self.workday if calendar.is_working_day(at.date()) else self.restday)[at.hour]


@dataclass(frozen=True, slots=True)
class ExpectedHour:
    """Calls expected in the hour that begins at `at` (Chinese time), by which method."""

    at: datetime
    mean: float
    dispersion: float = 1.0


def read_staffing(path: Path) -> Staffing:
    """Read `hour,workday,restday`, hours 0 to 23, agents ≥ 0.

    Raises
    ------
    UnusableFile
        It is missing, or not such a table; the message says what is wrong.
    """
    try:
        table = pl.read_csv(path)
        rows = {int(hour): (float(a), float(b)) for hour, a, b in
                table.select("hour", "workday", "restday").iter_rows()}  # fmt: skip
    except (OSError, pl.exceptions.PolarsError, ValueError, TypeError) as error:
        raise UnusableFile(
            f"无法读取 {path}：应为 CSV，列 hour、workday、restday，一行一小时"
        ) from error
    if sorted(rows) != list(range(24)) or len(rows) != table.height:
        raise UnusableFile(f"{path}：hour 应恰好是 0 到 23，各一行", field="hour")
    if any(not 0 <= n < 100_000 for pair in rows.values() for n in pair):
        raise UnusableFile(f"{path}：在岗人数应为不小于 0 的数", field="workday")
    return Staffing(*(tuple(rows[hour][side] for hour in range(24)) for side in (0, 1)))


def overload(
    hours: Sequence[ExpectedHour],
    staffing: Staffing,
    rules: LoadRules,
    calendar: Calendar,
    method: Method = Method.HOURS,
) -> list[Finding]:
    """Return one finding for the coming hours in which too much is expected, [] for none."""
    per_agent = 60.0 * rules.occupancy / rules.call_minutes
    judged = [(one, staffing.on_duty(one.at, calendar) * per_agent) for one in hours]
    over = [(one, most) for one, most in judged if one.mean > rules.share * most]
    if not over:
        return []
    worst, most = max(over, key=lambda pair: pair[0].mean - pair[1])
    chance = upper_tail(
        np.array([np.floor(most) + 1.0]), np.array([worst.mean]), np.array([worst.dispersion])
    )
    short = max(0, int(np.ceil((worst.mean - rules.share * most) / per_agent)))
    return [
        Finding(
            kind=AlarmKind.LOAD,
            key=SeriesKey(Level.CITY),
            day=over[0][0].at.date(),
            window_days=1,
            count=round(worst.mean),
            expected=most,
            chance=1.0 - float(chance[0]),
            rate=0.0,
            dispersion=worst.dispersion,
            method=method,
            curve=tuple(
                Point(one.at.isoformat("T", "minutes"), round(one.mean), round(can, 1))
                for one, can in judged
            ),
            title=_told(over, worst, most, short),
            statistics=(
                ("hours_over", float(len(over))),
                ("agents_short", float(short)),
                ("calls_an_agent_hour", round(per_agent, 2)),
            ),
            threshold=float(np.floor(rules.share * most) + 1.0),
        )
    ]


def _told(
    over: Sequence[tuple[ExpectedHour, float]], worst: ExpectedHour, most: float, short: int
) -> str:
    first, last = over[0][0].at, over[-1][0].at + timedelta(hours=1)
    return (
        f"{first:%Y-%m-%d} {first:%H:%M} 至 {last:%H:%M}有 {len(over)} 个小时"
        "预计来话超过在岗能接的量："
        f"最紧的 {worst.at:%H:%M} 预计 {worst.mean:.0f} 通，在岗能接 {most:.0f} 通，"
        f"约缺 {short} 人。"
    )
