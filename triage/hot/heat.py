"""The heat of a group: six parts, each with its points and its reason; the weights are data.

The formulae are written beside the weights in `data/heat.toml`. What the group is about is not
known here.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import cast

from triage.errors import UnusableFile
from triage.request import Json

PARTS = ("volume", "growth", "requesters", "districts", "urgency", "likes")
_FULL = ("volume", "growth", "requesters", "districts", "likes")
LOWEST_URGENCY = 4


@dataclass(frozen=True, slots=True)
class HeatRules:
    """Points of the parts, where each is full, and what makes a common problem."""

    version: str
    points: Mapping[str, float]
    full: Mapping[str, float]
    growth_smoothing: float
    problem_least: int
    problem_places: int
    problem_one_event: float
    generic_objects: frozenset[str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is counted of a group in a period.

    `before` are its requests in the stretch of the same length before, None where nothing is known
    of that time; `urgency` is a level from 0 (most urgent) to 4.
    """

    count: int
    requesters: int
    districts: int
    urgency: int
    likes: int = 0
    before: float | None = None


@dataclass(frozen=True, slots=True)
class HeatPart:
    """One part: its points and, in words, why."""

    name: str
    points: float
    reason: str


@dataclass(frozen=True, slots=True)
class Heat:
    """The score in [0, sum of all points] and its parts, always the same six."""

    score: float
    parts: tuple[HeatPart, ...]

    def to_json(self) -> list[Json]:
        """Return the parts."""
        return [
            {"name": part.name, "points": round(part.points, 2), "reason": part.reason}
            for part in self.parts
        ]


def heat_of(facts: Facts, rules: HeatRules) -> Heat:
    """Return the heat of a group."""
    full = rules.full
    times = growth_of(facts, rules)
    many = _log_share(facts.count, full["volume"])
    degrees = {
        "volume": many,
        "growth": math.log2(times) / math.log2(full["growth"]) if times else 0.0,
        "requesters": _log_share(facts.requesters, full["requesters"]),
        "districts": (facts.districts - 1) / (full["districts"] - 1),
        "urgency": (LOWEST_URGENCY - facts.urgency) / LOWEST_URGENCY * math.sqrt(min(many, 1.0)),
        "likes": _log_share(facts.likes, full["likes"]),
    }
    reasons = {
        "volume": f"{facts.count} 件诉求",
        "growth": _growth_words(facts, times),
        "requesters": f"{facts.requesters} 个诉求人",
        "districts": f"涉及 {facts.districts} 个区县",
        "urgency": f"紧急程度 {facts.urgency} 级",
        "likes": f"附议 {facts.likes} 次",
    }
    parts = tuple(
        HeatPart(name, rules.points[name] * min(max(degrees[name], 0.0), 1.0), reasons[name])
        for name in PARTS
    )
    return Heat(math.fsum(part.points for part in parts), parts)


def growth_of(facts: Facts, rules: HeatRules) -> float | None:
    """Return how many times as many as before, smoothed; None where nothing is known of before."""
    if facts.before is None:
        return None
    extra = rules.growth_smoothing
    return (facts.count + extra) / (facts.before + extra)


@lru_cache(maxsize=4)
def load_heat(path: Path | None = None) -> HeatRules:
    """Return the rules of a file, or those that come with the package.

    Raises
    ------
    UnusableFile
        Naming the key, its value and what it should be.
    """
    name = str(path) if path is not None else "heat.toml"
    try:
        source = path if path is not None else files("triage.hot") / "data/heat.toml"
        table = cast(Mapping[str, Mapping[str, object]], tomllib.loads(source.read_text("utf-8")))
    except OSError as error:
        raise UnusableFile(f"无法读取 {name}：{error.strerror}；请检查路径") from error
    except ValueError as error:
        raise UnusableFile(f"{name} 不是有效的 TOML：{error}") from error
    problems = table.get("problems", {})
    return HeatRules(
        version=str(table.get("version", "")),
        points={part: _number(table, name, "points", part, least=0.0) for part in PARTS},
        full={part: _number(table, name, "full", part, least=2.0) for part in _FULL},
        growth_smoothing=_number(table, name, "smoothing", "growth", least=0.1),
        problem_least=int(_number(table, name, "problems", "least", least=2.0)),
        problem_places=int(_number(table, name, "problems", "places", least=1.0)),
        problem_one_event=_number(table, name, "problems", "one_event", least=0.0),
        generic_objects=frozenset(cast("list[str]", problems.get("generic", []))),
    )


def _number(
    table: Mapping[str, Mapping[str, object]], name: str, section: str, key: str, *, least: float
) -> float:
    value = table.get(section, {}).get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= least:
        raise UnusableFile(f"{name}：[{section}] {key} 的值 {value!r} 应为不小于 {least:g} 的数")
    return float(value)


def _log_share(value: float, full: float) -> float:
    return math.log1p(value) / math.log1p(full)


def _growth_words(facts: Facts, times: float | None) -> str:
    if times is None:
        return "没有此前的记录，不计增长"
    return f"此前同样长的时间 {facts.before:.0f} 件，平滑后 {times:.1f} 倍"
