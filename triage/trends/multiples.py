"""The stored forecast of one topic in every district, for small multiples side by side."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from triage.request import Json
from triage.trends.forecasts import NoForecast
from triage.trends.panel import ALL, DAILY
from triage.trends.shelf import Shelf

AREA = "area"


def by_area(shelf: Shelf, topic: str, areas: Collection[str], *, history: int) -> dict[str, Json]:
    """Return the daily forecasts of a topic (`*` for all) by district, the largest first.

    `areas` bounds the districts; none takes all.

    Raises
    ------
    NoForecast
        None is stored, not of this topic, or not by district.
    ArtifactError
    """
    stored = shelf.forecast(DAILY)
    columns = stored.facts.columns
    if AREA not in columns:
        raise NoForecast(
            "存下的预测不分区县；请运行 triage forecast --from-store --by topic,area --stored",
            field=AREA,
        )
    rows = stored.rows
    for name in columns:
        if name != AREA:
            rows = rows.filter(rows[name] == (topic if name == "topic" else ALL))
    totals = (
        rows.group_by(AREA).agg(pl.col("mean").sum()).sort(["mean", AREA], descending=[True, False])
    )
    codes = [str(code) for code in totals[AREA]]
    reached = [code for code in codes if code != ALL and (not areas or code in areas)]
    if not reached:
        raise NoForecast(f"没有 topic={topic} 分区县的预测；请检查代码，或先运行 triage forecast")
    items: list[Json] = []
    for code in reached:
        wanted = {AREA: code} | ({} if topic == ALL else {"topic": topic})
        document = shelf.document(DAILY, wanted, history=history)
        items.append(
            {AREA: code, **{name: document[name] for name in ("model", "steps", "history")}}
        )
    facts = stored.facts
    return {
        "topic": topic,
        "known_until": facts.known_until,
        "levels": list(facts.levels),
        "items": items,
    }
