"""The calls that the coming hours are to bring: the stored forecast's, else what is usual.

`triage forecast --hourly --stored` makes the forecast; with `--by channel` it tells calls by
telephone, otherwise their usual share is taken of it. A forecast that does not reach over all the
hours asked for is not used, and that is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from triage.alarms.findings import Method
from triage.alarms.hours import HourlySet, usual_hours
from triage.alarms.load import ExpectedHour
from triage.alarms.tails import Floats
from triage.desk.alarm_room import AlarmRoom
from triage.desk.alarm_series import channel_hours
from triage.intake.moments import SHANGHAI
from triage.trends.forecasts import NoForecast, StoredForecast, read_forecast
from triage.trends.panel import HOURLY
from triage.trends.reading import Counts

PHONE: Final = "PHONE"
_DEVIATIONS: Final = {80.0: 1.2816, 95.0: 1.9600}
"""Standard deviations between the middle of a normal law and the end of an interval of a level."""
_LEAST: Final = 0.1


@dataclass(frozen=True, slots=True)
class Coming:
    """Hours to come, by which method they were expected, and what is to be said of it."""

    hours: tuple[ExpectedHour, ...]
    method: Method
    notes: tuple[str, ...] = ()


def coming_hours(room: AlarmRoom, counts: Counts) -> Coming:
    """Return the calls by telephone of the coming hours; no hours where nothing tells.

    Raises
    ------
    ArtifactError
        The stored forecast is damaged.
    """
    now = room.now().astimezone(SHANGHAI)
    begins = now.replace(minute=0, second=0, microsecond=0, tzinfo=None)
    ahead = room.rules.load.hours_ahead
    wanted = [begins + timedelta(hours=n) for n in range(ahead)]
    hourly = channel_hours(counts, now)
    usual = usual_hours(hourly, room.reports.clocks.calendar, ahead)[:, 24:]
    try:
        stored = read_forecast(counts.folder.root.parent, HOURLY)
        return _by_forecast(stored, wanted, _share(hourly, usual))
    except NoForecast as error:
        found = _by_usual(hourly, usual, wanted)
        return Coming(found, Method.HOURS, (f"{error}；来话量改按近八周同一时段推算",))


def _by_forecast(stored: StoredForecast, wanted: list[datetime], share: Floats) -> Coming:
    """Return what is stored of the hours; only the one that runs, wanted first, may be missing."""
    is_phone = "channel" in stored.facts.columns
    rows = stored.of({"channel": PHONE} if is_phone else {})
    means = zip(rows["mean"], _dispersion(stored, rows), strict=True)
    told = dict(zip(rows["date"], means, strict=True))
    names = [one.isoformat("T", "minutes") for one in wanted]
    facts = stored.facts
    if any(name not in told for name in names[1:]):
        raise NoForecast(f"存下的小时预测（{facts.made_at} 做）不含今后 {len(wanted)} 个小时")
    hours = []
    for at, name, usual in zip(wanted, names, share, strict=True):
        part = 1.0 if is_phone else float(usual)
        if name in told:
            mean, dispersion = told[name]
            hours.append(ExpectedHour(at, float(mean) * part, 1.0 + (dispersion - 1.0) * part))
    whose = "电话渠道" if is_phone else "全部渠道，按近八周的电话占比折算"
    note = f"来话量取自存下的预测：{facts.made_at} 做，已知到 {facts.known_until}（{whose}）"
    return Coming(tuple(hours), Method.FORECAST, (note,))


def _by_usual(hourly: HourlySet, usual: Floats, wanted: list[datetime]) -> tuple[ExpectedHour, ...]:
    at = next((n for n, key in enumerate(hourly.keys) if key.channel == PHONE), None)
    if at is None:
        return ()
    return tuple(
        ExpectedHour(hour, float(mean)) for hour, mean in zip(wanted, usual[at], strict=True)
    )


def _share(hourly: HourlySet, usual: Floats) -> Floats:
    """Return which part of each hour usually comes by telephone; all of it where nothing is known.

    What cannot be told apart is counted as calls: it is better to have one agent too many.
    """
    is_phone = np.array([key.channel == PHONE for key in hourly.keys], bool)
    total = usual.sum(axis=0)
    known = total > _LEAST
    result = np.ones(usual.shape[1])
    result[known] = usual[is_phone].sum(axis=0)[known] / total[known]
    return result


def _dispersion(stored: StoredForecast, rows: pl.DataFrame) -> Floats:
    """Return variance over mean of each hour by its first interval, 1 or more."""
    level = next((one for one in stored.facts.levels if one in _DEVIATIONS), None)
    if level is None:
        return np.ones(rows.height)
    low, high = (rows[f"{end}-{level:g}"].to_numpy() for end in ("lo", "hi"))
    spread = (high - low) / (2 * _DEVIATIONS[level])
    mean = np.maximum(rows["mean"].to_numpy(), _LEAST)
    return np.asarray(np.maximum(spread**2 / mean, 1.0))
