"""What the publishing gate asks for, read from a TOML file: floors, ceilings, allowed losses."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from triage.errors import UnusableFile

METRICS = (
    "accuracy",
    "macro_f1",
    "micro_f1",
    "top3",
    "ece",
    "ece_debiased",
    "quadratic_kappa",
    "urgent_recall",
    "urgent_precision",
    "urgent_recall_at_precision_0.75",
    "urgent_recall_at_precision_0.60",
    "alarm_recall",
    "alarm_precision",
)
DECISIONS = (
    "topic",
    "topic_l1",
    "topic2",
    "request_type",
    "urgency",
    "urgency_with_rules",
    "lead_unit",
    "support_units",
    "flags",
)


@dataclass(frozen=True, slots=True)
class Bound:
    """A floor (`is_least`) or a ceiling of one figure of one decision."""

    decision: str
    metric: str
    value: float
    is_least: bool


@dataclass(frozen=True, slots=True)
class Losses:
    """How much worse than the current model a candidate may be; differences, so 0 or less.

    Of `decisions`, `lowest` bounds the lower end of the `level` interval of the difference in the
    first figure, and `mean` the difference itself; `others` that of all other decisions.
    `urgent_recall` bounds the difference in urgent recall after rules.
    """

    decisions: tuple[str, ...]
    level: float
    lowest: float
    mean: float
    others: float
    urgent_recall: float


@dataclass(frozen=True, slots=True)
class Floors:
    """All that the gate asks for.

    `is_own`: a city's own file, each of whose bounds must be measured; of the shipped floors only
    those apply whose decision the data label.
    """

    min_rows: int
    bounds: tuple[Bound, ...]
    losses: Losses
    is_own: bool


def load_floors(path: Path | None = None) -> Floors:
    """Read a file of floors; None reads the shipped one.

    Raises
    ------
    UnusableFile
        The file is missing, not TOML, or holds an unknown key or a value out of range.
    """
    place = str(path or "floors.toml")
    try:
        text = (path or files("evaluation").joinpath("floors.toml")).read_text("utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        raise UnusableFile(f"门槛文件 {place} 无法读取：{error.strerror}；请检查路径") from error
    except ValueError as error:
        raise UnusableFile(f"门槛文件 {place} 不是 UTF-8 的 TOML：{error}") from error
    try:
        return _floors(values, is_own=path is not None)
    except (KeyError, TypeError, ValueError) as error:
        reason = f"缺少 {error}" if isinstance(error, KeyError) else str(error)
        raise UnusableFile(
            f"门槛文件 {place} 不可用：{reason}；写法见 evaluation/floors.toml"
        ) from error


def _floors(values: Mapping[str, object], *, is_own: bool) -> Floors:
    unknown = set(values) - {"min_rows", "compare", "least", "most"}
    if unknown:
        raise ValueError(f"不认识的项 {'、'.join(sorted(unknown))}")
    min_rows = values["min_rows"]
    if type(min_rows) is not int or min_rows < 1:
        raise ValueError(f"min_rows = {min_rows!r}，应为正整数")
    bounds = (*_bounds(values, "least"), *_bounds(values, "most"))
    return Floors(min_rows, bounds, _losses(_section(values, "compare")), is_own)


def _bounds(values: Mapping[str, object], kind: str) -> list[Bound]:
    found = []
    for decision in _section(values, kind) if kind in values else ():
        if decision not in DECISIONS:
            raise ValueError(f"[{kind}.{decision}] 不认识：可用的有 {'、'.join(DECISIONS)}")
        for metric, value in _section(_section(values, kind), decision).items():
            if metric not in METRICS:
                raise ValueError(
                    f"[{kind}.{decision}] {metric} 不认识：可用的有 {'、'.join(METRICS)}"
                )
            name = f"[{kind}.{decision}] {metric}"
            found.append(Bound(decision, metric, _number(value, name, 0, 1), kind == "least"))
    return found


def _losses(section: Mapping[str, object]) -> Losses:
    unknown = set(section) - set(Losses.__slots__)
    if unknown:
        raise ValueError(f"[compare] 不认识 {'、'.join(sorted(unknown))}")
    decisions = section["decisions"]
    if not isinstance(decisions, list) or not set(decisions) <= set(DECISIONS):
        raise ValueError(f"[compare] decisions 应为列表，可用的有 {'、'.join(DECISIONS)}")
    level = _number(section["level"], "[compare] level", 0.5, 0.99)
    lowest, mean, others, urgent = (
        _number(section[name], f"[compare] {name}", -1, 0)
        for name in ("lowest", "mean", "others", "urgent_recall")
    )
    return Losses(tuple(decisions), level, lowest, mean, others, urgent)


def _section(values: Mapping[str, object], name: str) -> Mapping[str, object]:
    section = values[name]
    if not isinstance(section, dict):
        raise TypeError(f"{name} 应为一节，如 [{name}]")
    return section


def _number(value: object, name: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"{name} = {value!r}，应在 {low} 到 {high} 之间")
    return float(value)
