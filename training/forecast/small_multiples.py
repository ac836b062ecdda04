"""Small multiples as one SVG: three across, each series on its own scale, one legend for all.

Knows nothing of forecasting: what it draws are labels, counts, medians and interval ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from triage.request import Json

Array: TypeAlias = NDArray[np.float64]

WIDE, HIGH, ACROSS = 400, 200, 3
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 12, 28, 24
_HEAD: Final = 58
"""Pixels for the title and the legend."""
_LABEL: Final = 62
"""Pixels that the name of a day or an hour takes: closer ones are left out."""
_INK, _LINE, _REST = "#444", "#1f6fb2", "#f1f1ee"
_BANDS: Final = ("#a9cbe6", "#d5e5f2", "#eaf2f9")
"""From the narrowest interval to the widest."""
_STYLE: Final = (
    "text{font-family:'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',"
    "'WenQuanYi Zen Hei',sans-serif;font-size:11px;fill:#444}"
    ".h{font-size:15px;fill:#111}.t{font-size:12px;font-weight:600;fill:#111}"
)


class Drawn(Protocol):
    """What is drawn of a series."""

    @property
    def name(self) -> str:
        """The title."""
        ...

    @property
    def labels(self) -> Sequence[str]:
        """When each count was."""
        ...

    @property
    def counts(self) -> Sequence[float]:
        """The counts."""
        ...

    @property
    def steps(self) -> Sequence[Mapping[str, Json]]:
        """The forecast: date, median, lo-… and hi-…."""
        ...


def svg_of(
    series: Sequence[Drawn], levels: Sequence[float], head: str, *, shades_rest_days: bool
) -> str:
    """Return the picture; the same series give the same text."""
    across = min(ACROSS, max(1, len(series)))
    wide = max(across * WIDE, 640)
    high = _HEAD + -(-max(1, len(series)) // across) * HIGH
    cells = "".join(
        f'<g transform="translate({n % across * WIDE},{_HEAD + n // across * HIGH})">'
        f"{_cell(one, levels, shades_rest_days=shades_rest_days)}</g>"
        for n, one in enumerate(series)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" '
        f'height="{high}" role="img" aria-label="{escape(head)}"><style>{_STYLE}</style>'
        f'<rect width="100%" height="100%" fill="#fff"/>'
        f'<text class="h" x="{_LEFT}" y="24">{escape(head)}</text>'
        f"{_legend(levels, shades_rest_days=shades_rest_days)}{cells}</svg>\n"
    )


def _legend(levels: Sequence[float], *, shades_rest_days: bool) -> str:
    lines = (("实际", _INK, 1), ("中位数", _LINE, 2))
    items = [
        f'<path d="M0 -4H18" stroke="{ink}" stroke-width="{wide}"/><text x="23">{text}</text>'
        for text, ink, wide in lines
    ]
    boxes = [(f"{level:g}% 区间", _band(n)) for n, level in enumerate(levels)]
    boxes += [("周末", _REST)] * shades_rest_days
    items += [f'<rect y="-10" width="18" height="12" fill="{fill}"/><text x="23">{text}</text>'
              for text, fill in boxes]  # fmt: skip
    return "".join(f'<g transform="translate({_LEFT + n * 92},46)">{one}</g>'
                   for n, one in enumerate(items))  # fmt: skip


def _cell(one: Drawn, levels: Sequence[float], *, shades_rest_days: bool) -> str:
    known, ahead = len(one.counts), len(one.steps)
    ends = [f"{end}-{level:g}" for level in levels for end in ("lo", "hi")]
    said = {name: [float(str(step[name])) for step in one.steps] for name in ("median", *ends)}
    most = max(1.0, *one.counts, *(value for values in said.values() for value in values))
    ticks = _ticks(most)
    top = max(most, ticks[-1])
    x = np.linspace(_LEFT, WIDE - _RIGHT, known + ahead)
    y = _Scale(top)
    labels = [*one.labels, *(str(step["date"]) for step in one.steps)]
    rests = _rests(labels, x) if shades_rest_days else ""
    grid = "".join(
        f'<path d="M{_LEFT} {y.at(tick)}H{WIDE - _RIGHT}" stroke="#e3e3e0"/>'
        f'<text x="{_LEFT - 5}" y="{y.at(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>'
        for tick in ticks
    )
    later = x[known:]
    bands = "".join(
        _area(later, said[f"lo-{level:g}"], said[f"hi-{level:g}"], y, _band(n))
        for n, level in reversed(list(enumerate(levels)))
    )
    return (
        f'<text class="t" x="{_LEFT}" y="18">{escape(one.name)}</text>{rests}{grid}{bands}'
        f"{_path(x[:known], one.counts, y, _INK, 1)}{_path(later, said['median'], y, _LINE, 2)}"
        f"{_dates(labels, x, known)}"
    )


class _Scale:
    def __init__(self, top: float) -> None:
        self._top = top

    def at(self, value: float) -> float:
        """Return the pixel of a value."""
        inside = HIGH - _TOP - _BOTTOM
        return round(HIGH - _BOTTOM - inside * value / self._top, 1)


def _ticks(most: float) -> list[float]:
    """Return 0 and two to four round numbers up to `most`, whole ones for counts."""
    rough = most / 3
    power = 10 ** np.floor(np.log10(rough))
    step = max(1.0, next(power * k for k in (1, 2, 5, 10) if power * k >= rough))
    return [float(n * step) for n in range(int(most // step) + 1)]


def _path(x: Array, values: Sequence[float], y: _Scale, ink: str, wide: float) -> str:
    points = " ".join(f"{a:.1f},{y.at(b)}" for a, b in zip(x, values, strict=True))
    return f'<polyline points="{points}" fill="none" stroke="{ink}" stroke-width="{wide}"/>'


def _area(x: Array, low: Sequence[float], high: Sequence[float], y: _Scale, fill: str) -> str:
    there = [f"{a:.1f},{y.at(b)}" for a, b in zip(x, high, strict=True)]
    back = [f"{a:.1f},{y.at(b)}" for a, b in zip(x[::-1], low[::-1], strict=True)]
    return f'<polygon points="{" ".join(there + back)}" fill="{fill}"/>'


def _dates(labels: Sequence[str], x: Array, known: int) -> str:
    """Name the first step, the last known and the last; a line parts what was from what may be."""
    marks = [(0, "start"), (len(labels) - 1, "end")]
    if x[-1] - x[known - 1] > _LABEL < x[known - 1] - x[0]:
        marks.append((known - 1, "end"))
    texts = "".join(
        f'<text x="{x[at]:.1f}" y="{HIGH - 8}" text-anchor="{anchor}">{_short(labels[at])}</text>'
        for at, anchor in marks
    )
    middle = (x[known - 1] + x[known]) / 2
    line = f'<path d="M{middle:.1f} {_TOP}V{HIGH - _BOTTOM}" stroke="#999" stroke-dasharray="3 3"/>'
    return line + texts


def _rests(labels: Sequence[str], x: Array) -> str:
    step = float(x[1] - x[0]) if len(x) > 1 else 1.0
    high = HIGH - _TOP - _BOTTOM
    return "".join(
        f'<rect x="{at - step / 2:.1f}" y="{_TOP}" width="{step:.1f}" height="{high}" '
        f'fill="{_REST}"/>'
        for label, at in zip(labels, x, strict=True)
        if date.fromisoformat(label).weekday() >= 5
    )


def _short(label: str) -> str:
    day = date.fromisoformat(label[:10])
    if len(label) > 10:
        return f"{day.month}/{day.day} {label[11:13]} 时"
    return f"{day.month}月{day.day}日"


def _band(n: int) -> str:
    return _BANDS[min(n, len(_BANDS) - 1)]
