"""Early load: the stored forecast's calls against those on duty, and what is said without one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from triage.alarms.findings import AlarmKind, Method
from triage.alarms.load import Staffing
from triage.catalogue import Catalogue
from triage.desk.alarm_load import coming_hours
from triage.desk.alarm_room import AlarmRoom, open_room
from triage.desk.alarm_watch import watch_hours
from triage.errors import ArtifactError
from triage.trends.folder import CountsFolder, Manifest
from triage.trends.forecasts import ForecastFacts, write_forecast
from triage.trends.reading import Counts

if TYPE_CHECKING:
    from desks import Desk

CATALOGUE = Catalogue.load()
NOW = datetime(2026, 3, 2, 1, 20, tzinfo=UTC)
"""09:20 on a Monday in Shanghai: the desk's clock, twenty minutes on."""
WEEKS = 4
STAFFING = Staffing((1.0,) * 24, (1.0,) * 24)
"""One agent takes 60 x 0.85 / 6 = 8.5 calls an hour."""


def counted(folder: Path) -> Counts:
    """Write four weeks of 6 calls and 2 letters an hour, up to this hour."""
    first = date(2026, 3, 2) - timedelta(weeks=WEEKS)
    rows = [
        {"day": first + timedelta(days=n), "hour": hour, "topic": "SR03", "district": "500103",
         "township": "", "channel": channel, "requests": count, "events": count}
        for n in range(7 * WEEKS + 1)
        for hour in range(24 if n < 7 * WEEKS else 9)
        for channel, count in (("PHONE", 6), ("SITE", 2))
    ]  # fmt: skip
    counts = CountsFolder(folder)
    table = pl.DataFrame(rows)
    for month in ("2026-02", "2026-03"):
        of = table.filter(pl.col("day").dt.strftime("%Y-%m") == month)
        counts.write("hourly", month, of)
    counts.write_manifest(Manifest(built_at=NOW.isoformat()))
    return Counts(counts, CATALOGUE)


def stored(folder: Path, mean: float, *, columns: Sequence[str], hours: int = 24) -> None:
    """Store an hourly forecast from ten o'clock on."""
    start = datetime(2026, 3, 2, 10)
    keys = {name: "PHONE" if name == "channel" else "*" for name in columns}
    rows = [
        {"level": "x", **keys, "date": (start + timedelta(hours=n)).isoformat("T", "minutes"),
         "mean": mean, "median": mean, "lo-80": mean - 6.408, "hi-80": mean + 6.408, "model": "m"}
        for n in range(hours)
    ]  # fmt: skip
    facts = ForecastFacts(
        grain="hourly", columns=tuple(columns), horizon=hours, levels=(80.0,),
        known_until="2026-03-02T09:00", made_at="2026-03-02T01:10:00+00:00", series=1,
    )  # fmt: skip
    write_forecast(folder, facts, pl.DataFrame(rows))


def room(desk: Desk) -> AlarmRoom:
    return open_room(desk.office.database, CATALOGUE, now=lambda: NOW)


def test_the_stored_forecast_of_calls_is_held_against_those_on_duty(
    desk: Desk, tmp_path: Path
) -> None:
    counts = counted(tmp_path)
    stored(tmp_path, 20.0, columns=("channel",))
    seen = watch_hours(room(desk), counts, STAFFING)
    (found,) = [one for one in seen.findings if one.kind is AlarmKind.LOAD]
    assert (found.method, found.count, found.expected) == (Method.FORECAST, 20, 8.5)
    # The interval is 2 x 6.408 wide: a deviation of 5, so a variance of 25 over a mean of 20.
    assert found.dispersion == pytest.approx(1.25, abs=0.001)
    # 20 calls are 11.5 too many, which two agents take.
    assert dict(found.statistics) == {
        "hours_over": 7.0, "agents_short": 2.0, "calls_an_agent_hour": 8.5
    }  # fmt: skip
    assert len(found.curve) == 7  # the hour that runs was not forecast
    assert any("取自存下的预测" in note and "电话渠道" in note for note in seen.notes)


def test_of_a_forecast_of_all_channels_the_usual_share_of_calls_is_taken(
    desk: Desk, tmp_path: Path
) -> None:
    counts = counted(tmp_path)
    stored(tmp_path, 20.0, columns=("topic", "area"))
    coming = coming_hours(room(desk), counts)
    assert coming.method is Method.FORECAST
    assert [one.mean for one in coming.hours] == pytest.approx(
        [15.0] * 7, rel=0.01
    )  # 6 of 8 are calls
    assert [one.dispersion for one in coming.hours] == pytest.approx([1.1875] * 7, abs=0.001)
    assert "按近八周的电话占比折算" in coming.notes[0]


@pytest.mark.parametrize("hours", [0, 3])
def test_without_a_forecast_that_reaches_far_enough_the_usual_hours_tell(
    hours: int, desk: Desk, tmp_path: Path
) -> None:
    counts = counted(tmp_path)
    if hours:
        stored(tmp_path, 20.0, columns=("channel",), hours=hours)
    coming = coming_hours(room(desk), counts)
    assert coming.method is Method.HOURS
    assert [one.mean for one in coming.hours] == pytest.approx([6.0] * 8)
    assert "改按近八周同一时段推算" in coming.notes[0]


def test_a_damaged_forecast_is_refused_and_not_passed_over(desk: Desk, tmp_path: Path) -> None:
    counts = counted(tmp_path)
    stored(tmp_path, 20.0, columns=("channel",))
    (tmp_path / "forecasts" / "hourly.json").write_text("{}", "utf-8")
    with pytest.raises(ArtifactError, match="已损坏"):
        coming_hours(room(desk), counts)


def test_where_nothing_tells_of_calls_that_is_said(desk: Desk, tmp_path: Path) -> None:
    folder = CountsFolder(tmp_path)
    folder.write_manifest(Manifest(built_at=NOW.isoformat()))
    seen = watch_hours(room(desk), Counts(folder, CATALOGUE), STAFFING)
    assert seen.findings == ()
    assert any("没有判断来话超量" in note for note in seen.notes)
