"""Settings of a pipeline: the commented defaults, and a city's own TOML laid over them.

Read once at the edge and passed down as a frozen value; nothing here is global.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from triage.errors import UnusableFile

OPEN = frozenset({"flags"})
"""Sections keyed by a city's own codes, so that unknown keys are no mistake there."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a city may set; `defaults.toml` says what each value means."""

    steps: frozenset[str]
    ranks: int
    support_threshold: float
    flag_threshold: float
    flag_thresholds: Mapping[str, float]
    evidence_spans: int
    risk: float
    risk_error: float
    tie: float
    urgent_thresholds: tuple[float, float, float]
    doubt: float
    duty_topic: float
    duty_lead: float
    duty_support: float


def load_settings(path: Path | None = None) -> Settings:
    """Read the defaults and, over them, a city's file.

    Raises
    ------
    UnusableFile
        The file is missing, not TOML, or holds an unknown key or a value of the wrong type.
    """
    values = tomllib.loads(files("triage").joinpath("data/defaults.toml").read_text("utf-8"))
    if path is not None:
        try:
            own = tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise UnusableFile(f"配置文件 {path} 无法读取：应为 UTF-8 的 TOML 文件") from error
        _merge(values, own, str(path))
    steps, thresholds, risk = values["steps"], values["thresholds"], values["risk"]
    for key in ("target", "error"):
        if not 0 < risk[key] < 1:
            raise UnusableFile(f"risk.{key} = {risk[key]!r} 应在 0 和 1 之间（不含两端）")
    return Settings(
        steps=frozenset(name for name, on in steps.items() if on),
        ranks=values["output"]["ranks"],
        evidence_spans=values["output"]["evidence_spans"],
        support_threshold=thresholds["support"],
        flag_threshold=thresholds["flag"],
        flag_thresholds=values["flags"],
        risk=risk["target"],
        risk_error=risk["error"],
        tie=risk["tie"],
        urgent_thresholds=tuple(thresholds["urgent"]),
        doubt=thresholds["doubt"],
        duty_topic=thresholds["duty_topic"],
        duty_lead=thresholds["duty_lead"],
        duty_support=thresholds["duty_support"],
    )


def _merge(values: dict[str, dict[str, object]], own: Mapping[str, object], path: str) -> None:
    for section, entries in own.items():
        known = values.get(section)
        if known is None or not isinstance(entries, dict):
            raise UnusableFile(f"{path} 的 [{section}] 不认识：可用的有 {'、'.join(values)}")
        for key, value in entries.items():
            wanted = float if section in OPEN else type(known.get(key))
            if type(value) is not wanted:
                raise UnusableFile(f"{path} 的 {section}.{key} = {value!r} 不认识或类型不对")
            known[key] = value
