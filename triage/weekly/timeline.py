"""Alarms on a timeline as one static SVG: a row an alarm, from when it opened to when it ended.

Small multiples by district are the same rows, grouped; nothing is fetched from anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from triage.alarms.alarm import Alarm
from triage.alarms.findings import AlarmKind
from triage.alarms.telling import Names
from triage.intake.moments import SHANGHAI

_COLOUR = {
    AlarmKind.OUTBREAK: "#b5462f",
    AlarmKind.EMERGING: "#b58a2f",
    AlarmKind.SILENCE: "#5a5f9e",
    AlarmKind.LOAD: "#2f8a6b",
}
_LEFT, _WIDTH, _ROW = 220.0, 640.0, 18.0
"""Pixels: room for names, for the time, and for one alarm."""


def timeline_svg(alarms: Sequence[Alarm], begins: datetime, ends: datetime, names: Names) -> str:
    """Return the SVG of alarms between two times, by district, the earliest first."""
    ordered = sorted(alarms, key=lambda one: (one.area, one.opened_at, one.id))
    height = _ROW * (len(ordered) + 2)
    rows = "".join(_row(one, n, begins, ends, names) for n, one in enumerate(ordered))
    first, last = (at.astimezone(SHANGHAI).strftime("%m-%d") for at in (begins, ends))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 10:.0f} '
        f'{height:.0f}" font-family="sans-serif" font-size="11" role="img" '
        f'aria-label="预警时间线">{rows}'
        f'<text x="{_LEFT:.0f}" y="{height - 6:.0f}">{first}</text>'
        f'<text x="{_LEFT + _WIDTH:.0f}" y="{height - 6:.0f}" text-anchor="end">{last}</text>'
        "</svg>\n"
    )


def _row(one: Alarm, n: int, begins: datetime, ends: datetime, names: Names) -> str:
    y = _ROW * (n + 0.5)
    left = _x(one.opened_at, begins, ends)
    right = _x(one.closed_at or ends, begins, ends)
    area = names(one.area) if one.area else "全市"
    what = names(str(one.evidence.get("topic") or one.evidence.get("channel") or one.kind.value))
    opacity = "0.45" if one.outcome == "FALSE" else "1"
    return (
        f'<text x="{_LEFT - 6:.0f}" y="{y + 9:.0f}" text-anchor="end">'
        f"{escape(f'{area} {what}'[:22])}</text>"
        f'<rect x="{left:.1f}" y="{y:.1f}" width="{max(right - left, 3.0):.1f}" height="11" '
        f'fill="{_COLOUR[one.kind]}" opacity="{opacity}"><title>{escape(one.id)}：'
        f"{escape(str(one.evidence.get('summary', '')))}</title></rect>"
    )


def _x(at: datetime, begins: datetime, ends: datetime) -> float:
    share = (at - begins) / (ends - begins)
    return _LEFT + _WIDTH * min(max(share, 0.0), 1.0)
