"""Charts of a report as SVG: standing bars by day, lying ones by name, intervals as thin lines.

No script and no font of its own; every value is written beside its bar, so that paper shows it too.
"""

from __future__ import annotations

from html import escape

from triage.weekly.document import Bar, Chart

WIDTH = 640.0
_HIGH, _ROOM = 120.0, 34.0
"""Pixels of standing bars, and of the words above and below them."""
_ROW, _NAMES, _VALUES = 22.0, 200.0, 60.0
"""Pixels of one lying bar, of its name, of its value."""
_LONGEST = 14
"""Characters of a name that fit."""


def chart_svg(chart: Chart) -> str:
    """Return the SVG element, "" for no values."""
    if not chart.bars:
        return ""
    most = max(1.0, *(one.value for one in chart.bars), *(one.high or 0.0 for one in chart.bars))
    body, height = _across(chart.bars, most) if chart.is_across else _upright(chart.bars, most)
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" '
        f'aria-label="{escape(chart.title)}">{body}</svg>'
    )


def _upright(bars: tuple[Bar, ...], most: float) -> tuple[str, float]:
    step = WIDTH / len(bars)
    wide = min(step * 0.6, 60.0)
    found = []
    for n, one in enumerate(bars):
        middle = (n + 0.5) * step
        top = _y(one.value, most)
        found.append(
            f'<rect class="bar" x="{middle - wide / 2:.1f}" y="{top:.1f}" width="{wide:.1f}" '
            f'height="{_HIGH + _ROOM / 2 - top:.1f}"/>'
        )
        above = top
        if one.low is not None and one.high is not None:
            above = _y(one.high, most)
            found.append(
                f'<line class="interval" x1="{middle:.1f}" x2="{middle:.1f}" '
                f'y1="{above:.1f}" y2="{_y(one.low, most):.1f}"/>'
            )
        found.append(_text(middle, above - 4, f"{one.value:,.0f}", "middle"))
        found.append(_text(middle, _HIGH + _ROOM - 3, one.label, "middle"))
    return "".join(found), _HIGH + _ROOM


def _across(bars: tuple[Bar, ...], most: float) -> tuple[str, float]:
    room = WIDTH - _NAMES - _VALUES
    found = []
    for n, one in enumerate(bars):
        y, long = n * _ROW, room * one.value / most
        name = one.label if len(one.label) <= _LONGEST else f"{one.label[: _LONGEST - 1]}…"
        found += [
            _text(_NAMES - 8, y + 15, name, "end"),
            f'<rect class="bar" x="{_NAMES:.0f}" y="{y + 3:.1f}" width="{max(long, 1):.1f}" '
            f'height="{_ROW - 7:.0f}"/>',
            _text(_NAMES + long + 6, y + 15, f"{one.value:,.0f}", "start"),
        ]
    return "".join(found), _ROW * len(bars)


def _y(value: float, most: float) -> float:
    return _ROOM / 2 + _HIGH * (1 - value / most)


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
