"""A plan that cannot be carried out is refused, naming the field, the value and the range."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from triage.errors import PlanError
from triage.simulate import CityPlan, Outbreak, Silence

NOON = datetime(2025, 7, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("days", 0),
        ("days", 40_000),
        ("per_day", 0),
        ("per_day", float("nan")),
        ("per_day", float("inf")),
        ("seed", -1),
        ("noise", 1.5),
        ("personal", -0.1),
        ("repeats", 2),
        ("outbreaks_a_month", -1),
        ("start", date(1990, 1, 1)),
    ],
)
def test_a_value_out_of_range_is_refused(field: str, value: object) -> None:
    with pytest.raises(PlanError) as error:
        CityPlan(**{field: value})  # type: ignore[arg-type]  # wrong on purpose
    assert error.value.field == field
    assert str(value) in error.value.message
    assert error.value.code == "plan_invalid"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"topic": "XX99"}, "outbreaks.topic"),
        ({"district": "CQ-LJXQ"}, "outbreaks.district"),
        ({"factor": 0.5}, "outbreaks.factor"),
        ({"hours": -1}, "outbreaks.hours"),
        ({"start": datetime(2025, 7, 1)}, "outbreaks.start"),
    ],
)
def test_an_outbreak_needs_known_codes_and_an_aware_time(
    change: dict[str, Any], field: str
) -> None:
    sound: dict[str, Any] = {
        "topic": "GY02", "district": "500112", "start": NOON, "hours": 6, "factor": 20,
    }  # fmt: skip
    with pytest.raises(PlanError) as error:
        Outbreak(**(sound | change))
    assert error.value.field == field


def test_a_silence_needs_a_channel_that_is_simulated() -> None:
    with pytest.raises(PlanError, match="FAX"):
        Silence("FAX", NOON, 6)
