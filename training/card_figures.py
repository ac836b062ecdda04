"""Figures as they stand on the card: shares with their intervals, and tables of them.

No figure is written here; every one is handed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.markdown import NAMES, safe

Figures = Mapping[str, Any]
NONE = "–"
_COLUMNS = (
    ("accuracy", "准确率"),
    ("micro_f1", "micro-F1"),
    ("macro_f1", "macro-F1"),
    ("top3", "前三命中"),
    ("ece", "校准误差"),
    ("urgent_recall", "紧急召回"),
    ("urgent_precision", "紧急精确率"),
    ("n", "条数"),
)


def share(value: object) -> str:
    """Return a share to three places, a count as it is, a dash for what is undefined."""
    if isinstance(value, bool) or value is None:
        return NONE
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def between(value: object, interval: Sequence[object] | None) -> str:
    """Return a figure with the ends of its interval, where it has one."""
    if not interval or value is None:
        return share(value)
    return f"{share(value)}（{share(interval[0])}–{share(interval[1])}）"


def points(value: object) -> str:
    """Return a difference of shares in percentage points, with its sign."""
    return f"{value * 100:+.1f}" if isinstance(value, float) else NONE


def points_between(value: object, interval: Sequence[object]) -> str:
    """Return a difference in points with the ends of its interval."""
    return f"{points(value)}（{points(interval[0])} 至 {points(interval[1])}）"


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a Markdown table with an empty line after it; nothing without rows."""
    if not rows:
        return []
    lines = [f"| {' | '.join(titles)} |", "|" + "---|" * len(titles)]
    lines += [f"| {' | '.join(safe(cell) for cell in row)} |" for row in rows]
    return [*lines, ""]


def decisions(found: Mapping[str, Figures]) -> list[str]:
    """Return the table of decisions × figures, each with its interval."""
    columns = [(name, title) for name, title in _COLUMNS if any(name in f for f in found.values())]
    rows = [
        [
            NAMES.get(decision, decision),
            *(between(f.get(name), f.get("interval", {}).get(name)) for name, _ in columns),
        ]
        for decision, f in found.items()
    ]
    return table(["决策", *(title for _, title in columns)], rows)


def selection(found: Mapping[str, Figures]) -> list[str]:
    """Return what may stand unchecked at each accepted share of errors."""
    rows = [
        [
            NAMES.get(decision, decision),
            f"{float(risk):.0%}",
            share(figures.get("coverage")),
            share(figures.get("risk")),
            share(figures.get("oracle_coverage")),
        ]
        for decision, by_risk in found.items()
        for risk, figures in by_risk.items()
    ]
    return table(["决策", "允许的差错", "可免核对的比例", "实际差错", "阈值选得最好时"], rows)


def leaves(report: Figures, *, depth: int = 3, most: int = 40) -> list[str]:
    """Return the figures of a report of any shape by their path, the outermost first."""
    found = sorted(_leaves(report, "", depth), key=lambda row: row[0].count("."))
    return table(["指标", "值"], found[:most])


def _leaves(part: Figures, path: str, depth: int) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in part.items():
        here = f"{path}.{name}" if path else str(name)
        if isinstance(value, Mapping) and depth > 1:
            rows += _leaves(value, here, depth - 1)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            rows.append((here, share(value)))
    return rows
