"""The series that alarms watch: from the counts' folder, from a file, and units from the ledger.

Days must be there up to the one judged: counts that end before it are refused, never taken for
silence. Districts stand on the latest boundaries, so that a series goes on through their change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from sqlalchemy import BigInteger, Connection, func, select, type_coerce

from triage.alarms.hours import HISTORY_HOURS, HourlySet
from triage.alarms.key import Level, SeriesKey
from triage.alarms.series import SeriesSet, city_series, series_of
from triage.alarms.tails import Floats
from triage.catalogue import Catalogue
from triage.errors import InvalidRequest
from triage.store.tables import ledger, work_order
from triage.trends.codes import areas_of
from triage.trends.panel import DAILY, Panel
from triage.trends.panel_file import read_panel
from triage.trends.reading import Counts
from triage.workorder.events import Kind
from triage.workorder.working_calendar import start_of_day

MOST_YEARS = 6
"""Years of counts that are read: five to fit on, and the one that runs."""
UNIT_DAYS = 120
_COLUMNS = frozenset({"topic", "area", "district", "channel"})
_DAY_MICROSECONDS = 86_400_000_000
_SHANGHAI_MICROSECONDS = 8 * 3_600_000_000


def from_counts(counts: Counts, catalogue: Catalogue, day: date) -> SeriesSet:
    """Return the series of all levels, and those of channels, up to a day.

    Raises
    ------
    InvalidRequest
        counts_stale: counts end before the day, and nothing came since they were built.
    UnusableFile
    """
    first = _covered(counts, day)
    earliest = max(first, day - timedelta(days=365 * MOST_YEARS))
    frame = counts.daily(["topic", "area"], earliest, day)
    levels = {code: entry.l1 for code, entry in catalogue.topics.items()}
    cells = city_series(_cells(frame, ("topic", "area"), earliest, day), earliest, levels)
    by_channel = counts.daily(["channel"], earliest, day)
    channels = {
        name: row for (name,), row in _rows(by_channel, ("channel",), earliest, day) if name
    }
    keys = [SeriesKey(Level.CHANNEL, channel=name) for name in channels]
    if not keys:
        return cells
    return cells.with_(series_of(keys, earliest, np.stack(list(channels.values()))))


def from_file(path: Path, catalogue: Catalogue, day: date | None) -> SeriesSet:
    """Return the series of a CSV: `date,count` and any of `topic`, `area` or `district`, `channel`.

    Raises
    ------
    InvalidRequest
        Its rows cannot be counts (`triage.trends.panel_file`); alarm_columns; counts_stale.
    UnusableFile
    """
    panel = read_panel(path).panel
    unknown = set(panel.columns) - _COLUMNS
    if panel.grain != DAILY or unknown or {"area", "district"} <= set(panel.columns):
        raise InvalidRequest(
            "alarm_columns",
            f"{path}：预警要按日的 date、count，可有 topic、area 或 district、channel；"
            f"现有 {'、'.join(panel.columns) or '没有别的列'}",
            field="columns",
        )
    last = panel.day(panel.steps - 1)
    if day is not None and day > last:
        raise _stale(day, last)
    series = _of_panel(panel, catalogue)
    return series if day is None else series.upto(max(day, series.days[0]))


def units_answering(connection: Connection, day: date) -> SeriesSet | None:
    """Return how many replies each line gave on each of the last days; None for none at all."""
    first = day - timedelta(days=UNIT_DAYS - 1)
    at = type_coerce(ledger.c.at, BigInteger)
    number = ((at + _SHANGHAI_MICROSECONDS) // _DAY_MICROSECONDS).label("day")
    query = (
        select(work_order.c.lead, number, func.count())
        .join(work_order, work_order.c.id == ledger.c.order_id)
        .where(
            ledger.c.kind == Kind.REPLY.value,
            ledger.c.at >= start_of_day(first),
            ledger.c.at < start_of_day(day + timedelta(days=1)),
            work_order.c.lead != "",
        )
        .group_by(work_order.c.lead, number)
    )
    rows: dict[str, Floats] = {}
    begins = (first - date(1970, 1, 1)).days
    for lead, on, n in connection.execute(query):
        rows.setdefault(str(lead), np.zeros(UNIT_DAYS))[int(on) - begins] += int(n)
    if not rows:
        return None
    keys = [SeriesKey(Level.UNIT, unit=lead) for lead in sorted(rows)]
    return series_of(
        keys, first, np.stack([rows[key.unit] for key in keys]), late_days=0, has_gaps=False
    )


def channel_hours(counts: Counts, now: datetime) -> HourlySet:
    """Return the hours of each channel up to the last whole one before `now` (Chinese time)."""
    ends = now.replace(minute=0, second=0, microsecond=0, tzinfo=None)
    first = ends - timedelta(hours=HISTORY_HOURS + 24)
    frame = counts.hourly(["channel"], first.date(), ends.date())
    at = pl.col("day").cast(pl.Datetime("us")) + pl.duration(hours=pl.col("hour"))
    frame = frame.with_columns(step=(at - first).dt.total_hours())
    hours = HISTORY_HOURS + 24
    frame = frame.filter((pl.col("step") >= 0) & (pl.col("step") < hours))
    rows: dict[str, Floats] = {}
    for name, step, n in frame.select("channel", "step", "requests").iter_rows():
        rows.setdefault(str(name), np.zeros(hours))[int(step)] += int(n)
    names = sorted(name for name in rows if name)
    keys = tuple(SeriesKey(Level.CHANNEL, channel=name) for name in names)
    table = np.stack([rows[name] for name in names]) if names else np.zeros((0, hours))
    return HourlySet(keys, first, table)


def _covered(counts: Counts, day: date) -> date:
    """Return the first day counted, where the counts are known to hold the whole of `day`."""
    ends, built = counts.ends(), counts.manifest().built_at
    if ends is None:
        raise InvalidRequest("counts_empty", "统计里没有一条诉求；请先运行 triage trends build")
    is_built_since = bool(built) and datetime.fromisoformat(built) >= start_of_day(
        day + timedelta(days=1)
    )
    if ends[1] < day and not is_built_since:
        raise _stale(day, ends[1])
    return ends[0]


def _stale(day: date, last: date) -> InvalidRequest:
    return InvalidRequest(
        "counts_stale",
        f"统计只到 {last}，没有 {day}：缺数据不是静默；请先更新统计，或用 --day 指定有数据的一天",
        field="day",
    )


def _cells(
    frame: pl.DataFrame, by: tuple[str, str], first: date, last: date
) -> Mapping[tuple[str, str], Floats]:
    return {(key[0], key[1]): row for key, row in _rows(frame, by, first, last)}


def _rows(
    frame: pl.DataFrame, by: tuple[str, ...], first: date, last: date
) -> Iterable[tuple[tuple[str, ...], Floats]]:
    """Give the counts of each group as a row over all days."""
    days = (last - first).days + 1
    placed = frame.with_columns(_at=(pl.col("day") - first).dt.total_days())
    for key, part in placed.group_by(by, maintain_order=True):
        row = np.zeros(days)
        row[part["_at"].to_numpy()] = part["requests"].to_numpy()
        yield tuple(str(one) for one in key), row


def _of_panel(panel: Panel, catalogue: Catalogue) -> SeriesSet:
    names = panel.columns
    first = panel.day(0)
    counts = panel.counts.astype(np.float64)
    if names == ("channel",):
        keys = [SeriesKey(Level.CHANNEL, channel=one[0]) for one in panel.ids]
        return series_of(keys, first, counts)
    areas = _areas(panel, catalogue)
    cells: dict[tuple[str, str], Floats] = {}
    for id_, row in zip(panel.ids, counts, strict=True):
        of = dict(zip(names, id_, strict=True))
        place = of.get("area", "") or areas.get(of.get("district", ""), "")
        key = (of.get("topic", ""), place)
        cells[key] = cells[key] + row if key in cells else row
    levels = {code: entry.l1 for code, entry in catalogue.topics.items()}
    return city_series(cells, first, levels)


def _areas(panel: Panel, catalogue: Catalogue) -> dict[str, str]:
    """Return what each district of a file belongs to now; one that no list knows is refused."""
    if "district" not in panel.columns:
        return {}
    at = panel.columns.index("district")
    labels = sorted({id_[at] for id_ in panel.ids if id_[at]})
    known = {
        name: region.code
        for region in catalogue.places.regions
        if region.is_district
        for name in (region.code, region.name, *region.aliases)
    }
    codes = {label: known.get(label, "") for label in labels}
    unknown = [label for label, code in codes.items() if not code]
    if unknown:
        raise InvalidRequest(
            "label_unknown",
            f"区县 {unknown[0]!r:.40} 不在代码表中：请写代码或名称",
            field="district",
        )
    pairs = pl.DataFrame(
        {"district": sorted(set(codes.values())), "township": [""] * len(set(codes.values()))}
    )
    now = {row[0]: row[2] for row in areas_of(catalogue, pairs).iter_rows()}
    return {label: now[code] for label, code in codes.items()}
