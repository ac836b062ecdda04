"""When to raise an alarm, for how long one holds, and whom to tell: a file that a city may replace.

Thresholds were chosen on other seeds than those reported (evaluation/results/alarms.json).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from triage.errors import UnusableFile


@dataclass(frozen=True, slots=True)
class OutbreakRules:
    """More than expected: all of rate, least, excess and times must hold for one of the windows."""

    rate: float
    least: int
    excess: float
    times: float
    windows: tuple[int, ...]
    gap_days: int
    years: int
    long_days: int
    short_days: int


@dataclass(frozen=True, slots=True)
class SilenceRules:
    """Fewer than expected; `hours` are the windows in which a channel is looked at by the hour."""

    rate: float
    expected: float
    share: float
    windows: tuple[int, ...]
    hours: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TermRules:
    """A term that many texts of a district share of late and few before."""

    recent_days: int
    history_days: int
    least: int
    times: float
    chance: float


@dataclass(frozen=True, slots=True)
class LoadRules:
    """Expected calls over what those on duty can take, in the coming hours."""

    hours_ahead: int
    share: float
    occupancy: float
    call_minutes: float


@dataclass(frozen=True, slots=True)
class LifeRules:
    """Days after closing without a new alarm of the series; days after which one has calmed."""

    cooldown_days: int
    merge_days: int


@dataclass(frozen=True, slots=True)
class AlarmRules:
    """All of it; `recipients` are roles by kind of alarm."""

    version: str
    outbreak: OutbreakRules
    silence: SilenceRules
    terms: TermRules
    load: LoadRules
    life: LifeRules
    recipients: Mapping[str, tuple[str, ...]]


_SECTIONS = {
    "outbreak": OutbreakRules,
    "silence": SilenceRules,
    "terms": TermRules,
    "load": LoadRules,
    "life": LifeRules,
}
_SHARES = frozenset({"rate", "chance", "occupancy"})


@lru_cache(maxsize=4)
def load_rules(path: Path | None = None) -> AlarmRules:
    """Return the rules of a file, or those that come with the package.

    Raises
    ------
    UnusableFile
        It cannot be read, lacks something, or a value is out of range; the message names it.
    """
    name = str(path) if path is not None else "alarms.toml"
    source = path if path is not None else files("triage.alarms") / "data/alarms.toml"
    try:
        table = cast(Mapping[str, Any], tomllib.loads(source.read_text("utf-8")))
    except OSError as error:
        raise UnusableFile(f"无法读取 {name}：{error.strerror}；请检查路径") from error
    except ValueError as error:
        raise UnusableFile(f"{name} 不是有效的 TOML：{error}") from error
    sections = {key: _section(name, key, kind, table) for key, kind in _SECTIONS.items()}
    return AlarmRules(
        version=str(table.get("version", "")), recipients=_recipients(name, table), **sections
    )


def _section(name: str, key: str, kind: type[Any], table: Mapping[str, Any]) -> Any:  # noqa: ANN401  one of the classes above
    found = table.get(key)
    wanted = {field.name for field in fields(kind)}
    if not isinstance(found, dict) or set(found) != wanted:
        raise UnusableFile(f"{name}：[{key}] 应恰好有 {'、'.join(sorted(wanted))}")
    for item, value in found.items():
        numbers = value if isinstance(value, list) else [value]
        for number in numbers or [None]:
            is_number = isinstance(number, int | float) and not isinstance(number, bool)
            if not is_number or not number > 0 or (item in _SHARES and number > 1):
                raise UnusableFile(f"{name}：[{key}] {item} 的值 {value!r} 不在允许的范围")
    return kind(**{one: tuple(v) if isinstance(v, list) else v for one, v in found.items()})


def _recipients(name: str, table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    found = table.get("recipients")
    if not isinstance(found, dict) or set(found) != {"outbreak", "emerging", "silence", "load"}:
        raise UnusableFile(f"{name}：[recipients] 应恰好有 outbreak、emerging、silence、load")
    return {kind: tuple(str(role) for role in roles) for kind, roles in found.items()}
