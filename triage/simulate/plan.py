"""What to simulate: how long, how much, from which seed, and what goes wrong on purpose.

Values only, checked when they are made. Rates are shares in [0, 1] of requests; days and hours
are those of Chongqing, UTC+8 all year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from triage.errors import PlanError
from triage.simulate.tables import CHANNELS, DISTRICTS, PROFILES

LOCAL = timezone(timedelta(hours=8))
DEFAULT_START = date(2023, 11, 1)
"""Three years from here hold the change of districts of 2025-11-06."""
MAX_DAYS = 36_525
MAX_PER_DAY = 1_000_000
FIRST_START, LAST_START = date(2000, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class Outbreak:
    """One topic in one district, `factor` times its usual volume from `start` for `hours`.

    `district` is a code of 2020 (`data/districts.csv`), whatever the district is called later. With
    `is_one_event` all its requests tell of one event; otherwise of many alike.
    """

    topic: str
    district: str
    start: datetime
    hours: float
    factor: float
    is_one_event: bool = True

    def __post_init__(self) -> None:
        _known("outbreaks.topic", self.topic, {row["topic"] for row in PROFILES()})
        _known("outbreaks.district", self.district, {row["code"] for row in DISTRICTS()})
        _window("outbreaks", self.start, self.hours)
        _between("outbreaks.factor", self.factor, 1, 100_000)


@dataclass(frozen=True, slots=True)
class Silence:
    """A channel that loses the share `lost` of its requests from `start` for `hours`."""

    channel: str
    start: datetime
    hours: float
    lost: float = 0.98

    def __post_init__(self) -> None:
        _known("silences.channel", self.channel, {row["channel"] for row in CHANNELS()})
        _window("silences", self.start, self.hours)
        _between("silences.lost", self.lost, 0, 1)


@dataclass(frozen=True, slots=True)
class CityPlan:
    """A city to simulate.

    Parameters
    ----------
    per_day : requests on an average day, same-event tellings and repeats included
    noise : share of requests whose topic, and independently whose unit, the agent gets wrong
    personal : share of texts in which the requester names themselves
    repeats : share of requests after which the same requester comes again
    outbreaks_a_month, silences_a_month : how many arise by chance, besides those that are given

    Raises
    ------
    PlanError
        Naming the field, the value and the range.
    """

    days: int = 30
    per_day: float = 30_000
    seed: int = 7
    start: date = DEFAULT_START
    noise: float = 0.08
    personal: float = 0.2
    repeats: float = 0.05
    outbreaks_a_month: float = 2.0
    silences_a_month: float = 0.5
    outbreaks: tuple[Outbreak, ...] = ()
    silences: tuple[Silence, ...] = ()

    def __post_init__(self) -> None:
        _between("days", self.days, 1, MAX_DAYS)
        _between("per_day", self.per_day, 1, MAX_PER_DAY)
        _between("seed", self.seed, 0, 2**63 - 1)
        _between("outbreaks_a_month", self.outbreaks_a_month, 0, 1000)
        _between("silences_a_month", self.silences_a_month, 0, 1000)
        for name in ("noise", "personal", "repeats"):
            _between(name, getattr(self, name), 0, 1)
        if not FIRST_START <= self.start <= LAST_START:
            raise PlanError(
                f"start 的值 {self.start} 不在 {FIRST_START} 到 {LAST_START} 之间；请换一天",
                field="start",
            )

    def day(self, index: int) -> date:
        """Return the date of a day by its index from 0."""
        return self.start + timedelta(days=index)


def _between(field: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:  # false for NaN too
        raise PlanError(f"{field} 的值 {value} 不在 {least} 到 {most} 之间；请改正", field=field)


def _known(field: str, value: str, codes: set[str]) -> None:
    if value not in codes:
        some = "、".join(sorted(codes)[:5])
        raise PlanError(f"{field} 的值“{value}”不是已知代码；例如 {some}", field=field)


def _window(field: str, start: datetime, hours: float) -> None:
    if start.tzinfo is None:
        raise PlanError(
            f"{field}.start 的值 {start} 没有时区；请写成 2025-07-01T18:00+08:00",
            field=f"{field}.start",
        )
    _between(f"{field}.hours", hours, 0, 24 * 366)
