"""Written reasons for groups that are served worse: a TOML file that people keep.

A reason says in Chinese why the gap stands and what follows from it; `group` is a group's key,
`figure` one of its figures, left out where the reason holds for all of them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from evaluation.fairness import Flagged
from triage.errors import UnusableFile

SHORTEST = 10
"""Characters: a shorter text explains nothing."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a figure of a group may be lower; `figure` None: all its figures."""

    group: str
    reason: str
    figure: str | None = None


def read_reasons(path: Path | None = None) -> list[Reason]:
    """Read the reasons of a file; without one, those that come with the package.

    Raises
    ------
    UnusableFile
        The file is missing, is no TOML, or a reason lacks its group or its text.
    """
    name = path or "fairness_reasons.toml"
    try:
        text = (
            path.read_text("utf-8")
            if path
            else files("evaluation").joinpath("fairness_reasons.toml").read_text("utf-8")
        )
        rows = tomllib.loads(text).get("reason", [])
    except (OSError, ValueError) as error:
        raise UnusableFile(
            f"无法读取理由 {name}：{error}；应为 TOML，每条一段 [[reason]]"
        ) from error
    return [_reason(row, f"{name} 第 {number} 条") for number, row in enumerate(rows, 1)]


def reason_for(found: Flagged, reasons: Sequence[Reason]) -> str | None:
    """Return the reason written for a figure of a group, else that for the whole group."""
    ours = [reason for reason in reasons if reason.group == found.group]
    exact = [reason.reason for reason in ours if reason.figure == found.figure]
    return next(iter([*exact, *(r.reason for r in ours if r.figure is None)]), None)


def _reason(row: Mapping[str, object], place: str) -> Reason:
    unknown = sorted(set(row) - {"group", "figure", "reason"})
    if unknown:
        raise UnusableFile(f"{place} 有不认识的字段 {unknown[0]}：只能有 group、figure、reason")
    group, figure, reason = row.get("group"), row.get("figure"), row.get("reason")
    if not isinstance(group, str) or ":" not in group:
        raise UnusableFile(f"{place} 的 group 为 {group!r}：应写成报告里的分组，如 length:<60")
    if not isinstance(reason, str) or len(reason.strip()) < SHORTEST:
        raise UnusableFile(f"{place} 的 reason 为 {reason!r}：请用 {SHORTEST} 个字以上说明原因")
    if figure is not None and not isinstance(figure, str):
        raise UnusableFile(f"{place} 的 figure 为 {figure!r}：应为指标名或不写")
    return Reason(group, reason.strip(), figure)
