"""A small curve as SVG: counts as bars, what was expected as a line; for alarms in reports.

No script, no font of its own, every value in the title that a reader hovers over.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from triage.alarms.findings import Point

WIDTH, HEIGHT = 280.0, 56.0
"""Pixels: a line of text high, so that many stand below one another."""


def curve_svg(points: Sequence[Point]) -> str:
    """Return the SVG element, "" for no points."""
    if not points:
        return ""
    most = max(1.0, *(float(one.count) for one in points), *(one.expected or 0.0 for one in points))
    step = WIDTH / len(points)
    bars = "".join(_bar(one, n * step, step, most) for n, one in enumerate(points))
    line = " ".join(
        f"{(n + 0.5) * step:.1f},{HEIGHT * (1 - one.expected / most):.1f}"
        for n, one in enumerate(points)
        if one.expected is not None
    )
    label = f"{points[0].label} 至 {points[-1].label} 的件数与预期"
    return (
        f'<svg class="curve" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" width="{WIDTH:.0f}" '
        f'height="{HEIGHT:.0f}" role="img" aria-label="{escape(label)}">{bars}'
        f'<polyline points="{line}" fill="none" stroke="#b00" stroke-width="1.5"/></svg>'
    )


def _bar(one: Point, x: float, step: float, most: float) -> str:
    high = HEIGHT * one.count / most
    expected = "" if one.expected is None else f"，预期 {one.expected:.1f}"
    return (
        f'<rect x="{x:.1f}" y="{HEIGHT - high:.1f}" width="{max(step - 1, 0.5):.1f}" '
        f'height="{high:.1f}" fill="#4a7ab5"><title>{escape(one.label)}：{one.count} 件{expected}'
        "</title></rect>"
    )
