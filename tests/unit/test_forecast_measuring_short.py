"""Measuring level by level: too few days are refused by name, just enough are measured."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import numpy as np
import pytest

pytest.importorskip("statsforecast", reason="fitting needs the forecast extra")
from training.forecast.measuring_city import city_report
from training.forecast.measuring_hours import hours_report
from triage.errors import InvalidRequest
from triage.trends.day_kinds import calendar_of
from triage.trends.panel import DAILY, HOURLY, Panel

pytestmark = pytest.mark.train
ENOUGH_DAYS, ENOUGH_DAYS_OF_HOURS = 505, 170


def panel(grain: str, steps: int) -> Panel:
    counts = np.random.default_rng(0).poisson(0.2, (2, steps)).astype(np.float32)
    start = np.zeros(2, np.int64)
    return Panel(grain, ("topic",), (("a",), ("b",)), datetime(2024, 1, 1), counts, start)


def city(days: int) -> dict[str, Any]:
    report = city_report(panel(DAILY, days), {}, calendar_of("CN"), horizon=14, jobs=1)
    return cast("dict[str, Any]", report)


def hours(days: int) -> dict[str, Any]:
    report = hours_report(panel(HOURLY, days * 24), {}, calendar_of("CN"), horizon=72)
    return cast("dict[str, Any]", report)


@pytest.mark.parametrize("days", [1, 300, 440, ENOUGH_DAYS - 1])
def test_a_city_of_too_few_days_is_refused(days: int) -> None:
    with pytest.raises(InvalidRequest, match=f"只有 {days} 天.*至少要 505 天") as found:
        city(days)
    assert found.value.code == "days_too_few"


@pytest.mark.parametrize("days", [1, 60, 115, ENOUGH_DAYS_OF_HOURS - 1])
def test_hours_of_too_few_days_are_refused(days: int) -> None:
    with pytest.raises(InvalidRequest, match=f"只有 {days} 天.*至少要 170 天") as found:
        hours(days)
    assert found.value.code == "days_too_few"


def test_just_enough_days_give_all_the_origins_that_are_reported() -> None:
    assert city(ENOUGH_DAYS)["last_12"]["origins"] == 12
    assert hours(ENOUGH_DAYS_OF_HOURS)["last_12"]["origins"] == 12
