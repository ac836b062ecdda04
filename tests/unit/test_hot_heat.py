from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from triage.errors import UnusableFile
from triage.hot.heat import PARTS, Facts, growth_of, heat_of, load_heat

RULES = load_heat()
FACTS = Facts(count=9, requesters=8, districts=2, urgency=3, likes=0, before=1.0)


def points(facts: Facts) -> dict[str, float]:
    return {part.name: part.points for part in heat_of(facts, RULES).parts}


def test_the_score_is_the_sum_of_six_parts_worked_out_by_hand() -> None:
    # growth: (9+3)/(1+3) = 3 times, of 8; districts: (2-1)/(5-1); urgency: (4-3)/4, volume's root
    expected = {
        "volume": 30 * math.log(10) / math.log(101),
        "growth": 25 * math.log2(3) / 3,
        "requesters": 15 * math.log(9) / math.log(101),
        "districts": 10 / 4,
        "urgency": 15 / 4 * math.sqrt(math.log(10) / math.log(101)),
        "likes": 0.0,
    }
    assert points(FACTS) == pytest.approx(expected)
    assert heat_of(FACTS, RULES).score == pytest.approx(sum(expected.values()))


def test_no_part_is_ever_above_its_points_or_below_zero() -> None:
    most = Facts(10**6, 10**6, 40, 0, 10**9, 0.0)
    assert points(most) == pytest.approx(dict(RULES.points))
    assert sum(RULES.points.values()) == 100
    fallen = points(replace(FACTS, before=10_000.0))
    assert fallen["growth"] == 0


def test_without_history_nothing_is_said_of_growth() -> None:
    facts = replace(FACTS, before=None)
    assert growth_of(facts, RULES) is None
    assert points(facts)["growth"] == 0
    growth = heat_of(facts, RULES).parts[PARTS.index("growth")]
    assert "没有此前的记录" in growth.reason


@pytest.mark.parametrize(
    "change",
    [
        {"count": 10},
        {"requesters": 9},
        {"districts": 3},
        {"urgency": 2},
        {"likes": 5},
        {"before": 0.0},
    ],
)
def test_more_of_anything_is_hotter(change: dict[str, float]) -> None:
    assert heat_of(replace(FACTS, **change), RULES).score > heat_of(FACTS, RULES).score  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("version = '1'\n", r"\[points\] volume"),
        ("[points]\nvolume = -1\n", r"\[points\] volume 的值 -1"),
        ("[points]\nvolume = 'viel'\n", r"\[points\] volume 的值 'viel'"),
        ("points = = 3", "不是有效的 TOML"),
    ],
)
def test_an_unfit_file_of_weights_names_what_is_wrong(
    tmp_path: Path, text: str, named: str
) -> None:
    path = tmp_path / "heat.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(UnusableFile, match=named):
        load_heat(path)
    with pytest.raises(UnusableFile, match="无法读取"):
        load_heat(tmp_path / "missing.toml")
