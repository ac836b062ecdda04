from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from triage.alarms.findings import AlarmKind
from triage.alarms.hours import HISTORY_HOURS, HourlySet, quiet_hours, usual_hours
from triage.alarms.key import Level, SeriesKey
from triage.alarms.load import ExpectedHour, Staffing, overload, read_staffing
from triage.alarms.rules import load_rules
from triage.alarms.telling import Names, sentence
from triage.alarms.terms import new_terms
from triage.errors import UnusableFile
from triage.workorder.working_calendar import WorkingCalendar

RULES, CALENDAR = load_rules(), WorkingCalendar()
MONDAY = datetime(2026, 3, 2)
NAMES = Names({"APP": "手机应用"})
OLD = ["小区楼下烧烤店油烟太大", "路灯不亮已经三天", "物业乱收停车费", "公交车等了很久不来"]


def hourly(last: int) -> HourlySet:
    """Return a channel with 20 an hour, and `last` in each of the last four."""
    counts = np.full((1, HISTORY_HOURS + 24), 20.0)
    counts[0, -4:] = last
    first = MONDAY - timedelta(hours=HISTORY_HOURS)
    return HourlySet((SeriesKey(Level.CHANNEL, channel="APP"),), first, counts)


def test_a_channel_that_has_ceased_hours_ago_is_silent() -> None:
    (found,) = quiet_hours(hourly(0), RULES.silence, CALENDAR)
    assert (found.kind, found.count, found.expected) == (AlarmKind.SILENCE, 0, 80.0)
    assert found.title == "最近 4 小时"
    assert "手机应用渠道最近 4 小时只有 0 件，预期 80.0 件" in sentence(found, NAMES)


def test_a_channel_that_goes_on_is_not() -> None:
    assert quiet_hours(hourly(19), RULES.silence, CALENDAR) == []


def test_hours_without_two_weeks_before_them_are_not_judged() -> None:
    whole = hourly(0)
    short = HourlySet(whole.keys, MONDAY, whole.counts[:, -24 * 10 :])
    assert quiet_hours(short, RULES.silence, CALENDAR) == []


def test_a_channel_opened_three_weeks_ago_is_held_against_those_weeks_alone() -> None:
    whole = hourly(20)
    whole.counts[0, : HISTORY_HOURS - 3 * 168] = 0.0
    assert usual_hours(whole, CALENDAR)[0] == pytest.approx([20.0] * 24)
    quiet = hourly(0)
    quiet.counts[0, : HISTORY_HOURS - 3 * 168] = 0.0
    (found,) = quiet_hours(quiet, RULES.silence, CALENDAR)
    assert found.expected == pytest.approx(80.0)


def test_terms_of_much_the_same_texts_are_told_as_one_matter() -> None:
    recent = ["澄川水厂停水了，老人受不了"] * 12 + ["马头镇塌方"] * 8
    found = new_terms(recent, OLD * 60, RULES.terms)
    assert len(found) == 2
    told = [{one.term, *one.others} for one in found]
    assert any("马头镇塌方" in one for one in told)
    assert any({"澄川水厂停水", "老人受不了"} & one and len(one) > 1 for one in told)


def test_a_term_that_nobody_used_before_is_new_and_told_whole() -> None:
    recent = ["澄川水厂停水了" if n % 2 else "我家澄川水厂断水" for n in range(12)] + OLD
    (found,) = new_terms(recent, OLD * 60, RULES.terms)[:1]
    assert found.term == "澄川水厂"
    assert (found.count, len(found.at)) == (12, 12)
    assert found.chance < 1e-6


def test_terms_that_were_always_there_are_not_new() -> None:
    assert new_terms(OLD * 5, OLD * 60, RULES.terms) == []
    assert new_terms(["澄川水厂停水"] * 12, [], RULES.terms) == []  # nothing to compare with


def test_placeholders_of_masked_data_are_no_terms() -> None:
    recent = [f"来电人<电话{n}>反映" for n in range(20)]
    assert [one for one in new_terms(recent, OLD * 60, RULES.terms) if "电话" in one.term] == []


def test_hours_over_what_those_on_duty_can_take_are_one_finding() -> None:
    # 10 agents take 10 x 60 x 0.85 / 6 = 85 calls an hour.
    staffing = Staffing((10.0,) * 24, (4.0,) * 24)
    hours = [
        ExpectedHour(MONDAY + timedelta(hours=n), mean) for n, mean in enumerate((60, 90, 120))
    ]
    (found,) = overload(hours, staffing, RULES.load, CALENDAR)
    assert (found.kind, found.count, found.expected) == (AlarmKind.LOAD, 120, 85.0)
    assert "02:00 预计 120 通，在岗能接 85 通，约缺 5 人" in sentence(found, NAMES)
    assert overload(hours[:1], staffing, RULES.load, CALENDAR) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hour,workday\n0,1\n", "列 hour、workday、restday"),
        ("hour,workday,restday\n0,1,1\n", "恰好是 0 到 23"),
        ("hour,workday,restday\n" + "".join(f"{h},-1,1\n" for h in range(24)), "不小于 0"),
    ],
)
def test_a_table_of_staffing_that_is_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "s.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(UnusableFile, match=said):
        read_staffing(path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("rate = 0.05", "rate = 1.5", "rate 的值 1.5"),
        ("least = 6", "least = true", "least 的值 True"),
        ("gap_days = 14", "gap = 14", "恰好有"),
        ('load = ["supervisor"]', "", "recipients"),
    ],
)
def test_rules_that_cannot_be_are_refused_by_name(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    own = Path("triage/alarms/data/alarms.toml").read_text("utf-8")
    assert old in own
    path = tmp_path / "rules.toml"
    path.write_text(own.replace(old, new, 1), "utf-8")
    with pytest.raises(UnusableFile, match=said):
        load_rules(path)
