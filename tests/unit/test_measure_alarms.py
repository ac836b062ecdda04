"""What measuring alarms puts together: figures, their page and their curve, of a small city."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

import numpy as np
import pytest

from evaluation.alarm_background import Background
from evaluation.alarm_choosing import choose
from evaluation.alarm_city import by_mean, measure_city
from evaluation.alarm_injections import Found, Injection, Judging, find, outbreaks
from evaluation.alarm_lives import Lives
from evaluation.alarm_measure import Plan
from evaluation.alarm_page import page
from evaluation.alarm_quiet import hourly_silences, unit_silences
from triage.alarms.findings import AlarmKind
from triage.alarms.hours import HourlySet
from triage.alarms.key import Level, SeriesKey
from triage.alarms.rules import load_rules
from triage.alarms.series import city_series, series_of
from triage.catalogue import Catalogue
from triage.simulate.rows import ROW
from triage.workorder.working_calendar import WorkingCalendar

FIRST, DAYS, TEST = date(2026, 3, 2), 112, 100
RULES, CALENDAR = load_rules(), WorkingCalendar()
PLAN = Plan(
    {
        "outbreak": {
            "times": [3.0], "days": [2], "shapes": ["flat"], "means": [15.0, 1000.0], "each": 4,
        },
        "silence": {"remaining": [0.0], "days": [2], "each": 3},
        "hours": {"lasting": [8], "remaining": [0.0], "each": 6},
        "units": {"history_days": 90, "remaining": [0.0], "days": [2], "each": 4},
        "grid": {"rate": [0.05], "windows": [[1, 3]], "silence_rate": [0.05],
                 "silence_share": [0.5]},
    }
)  # fmt: skip


@pytest.fixture(scope="module")
def background() -> Background:
    """Give two topics in four districts, a channel by the hour and a unit that rests on Sundays."""
    rng = np.random.default_rng(3)
    areas = ("500103", "500106", "500107", "500112")
    cells = {
        (topic, area): rng.poisson(mean, DAYS).astype(np.float64)
        for topic, mean in (("GY02", 20.0), ("SR03", 3.0))
        for area in areas
    }
    series = city_series(cells, FIRST, {"GY02": "公用事业", "SR03": "市容环卫"})
    channel = series_of(
        [SeriesKey(Level.CHANNEL, channel="APP")],
        FIRST,
        rng.poisson(90.0, (1, DAYS)).astype(np.float64),
    )
    hours = HourlySet(
        channel.keys,
        datetime.combine(FIRST, time()),
        rng.poisson(6.0, (1, 24 * DAYS)).astype(np.float64),
    )
    works = np.array([day.weekday() < 5 for day in series.days])
    answers = series_of(
        [SeriesKey(Level.UNIT, unit="WATER")], FIRST, rng.poisson(30.0, (1, DAYS)) * works * 1.0,
        has_gaps=False,
    )  # fmt: skip
    return Background("small", series.with_(channel), TEST, hours, answers)


def test_figures_page_and_curve_of_a_city_agree(background: Background) -> None:
    judging = Judging(background, RULES, CALENDAR)
    city = measure_city(judging, PLAN, 5)
    hours = hourly_silences(background, PLAN, RULES, 5)
    units = unit_silences(background, PLAN, RULES, 5)
    city |= {"silence_of_hours": hours, "silence_of_units": units}
    grid = {"seed": 1, **choose([judging], PLAN, RULES)}
    said = page({"simulated": [city], "real": [], "chosen_on": [grid]})
    assert city["mean_15_times_3_days_2"]["found_within_1"] == 1.0  # type: ignore[index,call-overload]  # +40 on 20
    assert hours["by_channel"] == [  # type: ignore[index,call-overload]  # 8 hours of 6: 48 expected, none came
        {"of": "APP", "n": 6, "found": 1.0, "mean_delay_hours": pytest.approx(3.0, abs=2.0)}
    ]
    assert units["mean_15"]["found"] == 1.0  # type: ignore[index,call-overload]
    assert units["false_per_unit_month"] == 0.0  # type: ignore[index,call-overload]
    for words in (
        "渠道的小时静默：注入 6 次",
        "单位的静默：1 个单位",
        "small silence | 0.05 | 0.5",
    ):
        assert words in said


def test_the_curve_is_drawn_of_the_report_s_own_figures(background: Background) -> None:
    pytest.importorskip("matplotlib")
    from evaluation.alarm_curve import curves

    rows = by_mean([_found(20.0, 0), _found(21.0, None), _found(3.0, None)], [15.0])
    assert [(one["of"], one["found_within_1"]) for one in rows] == [("0–15", 0.0), ("≥ 15", 0.5)]  # type: ignore[index,call-overload]
    drawn = curves([{"background": "small", "by_mean_times_3_days_2": rows}])
    assert drawn.startswith("<?xml")
    assert curves([{"background": "small", "by_mean_times_3_days_2": rows}]) == drawn


def test_what_is_injected_is_taken_out_again(background: Background) -> None:
    judging, rng = Judging(background, RULES, CALENDAR), np.random.default_rng(1)
    before = judging.day(TEST)
    (made,) = outbreaks(background, [0], rng, times=5.0, days=2, shape="flat", at=TEST)
    assert find(judging, made, AlarmKind.OUTBREAK).delay == 0
    assert judging.day(TEST) == before


def test_a_unit_answers_on_working_days_only() -> None:
    rows = np.zeros(200, dtype=ROW)
    lives = Lives(Catalogue.load(), FIRST, 21)
    for day in range(14):
        lives.add(day, rows)
    answers = lives.answers().counts.sum(axis=0)
    # 2026-03-07 and 08 are Saturday and Sunday: columns 5 and 6.
    assert answers[[5, 6, 12, 13]].sum() == 0
    assert answers.sum() > 0
    assert lives.hours().counts.sum() == 14 * 200


def _found(mean: float, delay: int | None) -> Found:
    return Found(replace(Injection(0, 0, mean, 3.0, "flat", (1, 1))), delay, None)
