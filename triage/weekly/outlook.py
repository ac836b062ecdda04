"""The week to come by the stored forecast: the sum of its means; each day's median and interval.

Nothing is fitted here; where no forecast is stored the part says which command makes one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from triage.errors import TriageError
from triage.request import Json
from triage.trends.forecasts import NoForecast
from triage.trends.shelf import Shelf
from triage.weekly.document import Bar, Chart, Figure, Part
from triage.weekly.volume import Week

TITLE = "下周预测"
_SOURCE = "GET /v1/forecast?grain=daily&history=0"
_COMMAND = "triage forecast --from-store --horizon 14 --stored"


def outlook_of(shelf: Shelf | None, week: Week) -> Part:
    """Return the forecast of the seven days after a week; empty where none is stored for them.

    Where the forecast begins after the first of them, as from the Tuesday on, of the days left.

    Raises
    ------
    ArtifactError
        The stored forecast is damaged.
    """
    empty = f"没有存下的预测；请先运行 {_COMMAND}"
    if shelf is None:
        return Part(TITLE, empty=empty)
    try:
        document = shelf.document("daily", {}, history=0)
    except NoForecast:
        return Part(TITLE, empty=empty)
    known = datetime.fromisoformat(str(document["known_until"])).date()
    days = _days_left(week, known)
    if not days:
        return Part(TITLE, empty=f"下周已经过去：{known} 以前的件数都已知道，不再预测")
    steps = _rows(document["steps"], days)
    if len(steps) < len(days):
        said = f"存下的预测从 {known} 之后算起，没有算到下周日；请运行 {_COMMAND}"
        return Part(TITLE, empty=said)
    level = f"{max(_numbers(document['levels'])):g}"
    bars = tuple(
        Bar(str(one["date"]), _of(one, "median"), _of(one, f"lo-{level}"), _of(one, f"hi-{level}"))
        for one in steps
    )
    what = "下周" if len(days) == 7 else f"下周余下 {len(days)} 天"
    total = sum(_of(one, "mean") for one in steps)
    figures = [Figure(f"{what}预计（逐日均值之和）", f"{total:,.0f} 件", _SOURCE)]
    figures += [
        Figure(f"{one.label} 预计（中位数）", f"{one.value:,.0f} 件（{level}% 区间 {one.low:,.0f}–"
            f"{one.high:,.0f}）", _SOURCE)
        for one in bars
    ]  # fmt: skip
    chart = Chart(f"{what}每天的预测与 {level}% 区间", bars, (_SOURCE,))
    return Part(TITLE, tuple(figures), charts=(chart,))


def _days_left(week: Week, known: date) -> set[str]:
    """Return the days of the week after that are not counted yet."""
    days = (week.until + timedelta(days=n) for n in range(7))
    return {str(day) for day in days if day > known}


def _rows(found: Json, days: set[str]) -> list[dict[str, Json]]:
    rows = found if isinstance(found, list) else []
    return [one for one in rows if isinstance(one, dict) and one.get("date") in days]


def _numbers(found: Json) -> list[float]:
    return [float(str(one)) for one in found] if isinstance(found, list) else []


def _of(row: dict[str, Json], name: str) -> float:
    if name not in row:
        raise TriageError(f"存下的预测里没有 {name}；请重新运行 {_COMMAND}")
    return float(str(row[name]))
