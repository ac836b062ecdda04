"""GET /v1/forecast: the stored forecast of one series, with the counts before it.

Nothing is fitted for a request: `triage forecast --stored` has done it, as a job.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from serving.answers import json_answer
from serving.caller import actor_of
from serving.problems import Problem
from serving.schemas import problem_responses
from serving.schemas_trends import ForecastDocument
from triage.desk.actor import Actor
from triage.trends.panel import ALL
from triage.trends.shelf import Shelf

_PROBLEMS = problem_responses(401, 403, 404, 422, 429, 500)
Code = Annotated[str, Query(max_length=64)]
MOST_HISTORY = 400
"""Days of counts in one answer: a year and the weeks before it."""


def trends_router(shelf: Shelf) -> APIRouter:
    """Return the route of the forecasts."""
    router = APIRouter(prefix="/v1", tags=["trends"])

    @router.get("/forecast", response_model=ForecastDocument, responses=_PROBLEMS)
    def forecast(
        request: Request,
        topic: Annotated[Code, Query(description="主题代码或一级主题；* 为全部")] = ALL,
        area: Annotated[Code, Query(description="区县代码（最新区划）；* 为全市")] = ALL,
        township: Annotated[Code, Query(description="镇街代码；* 为全部")] = ALL,
        grain: Literal["daily", "hourly"] = "daily",
        history: Annotated[int, Query(ge=0, le=MOST_HISTORY, description="之前几天的实际数")] = 56,
    ) -> Response:
        """Return mean, median and intervals, step by step, within the caller's regions."""
        _check_reach(actor_of(request), area)
        asked = {"topic": topic, "area": area, "township": township}
        series = {name: value for name, value in asked.items() if value != ALL}
        return json_answer(shelf.document(grain, series, history=history))

    return router


def _check_reach(actor: Actor, area: str) -> None:
    if actor.regions and area not in actor.regions:
        some = "、".join(sorted(actor.regions)[:5])
        raise Problem("not_allowed", f"只能看所辖区县的预测；请加 area，可用：{some}")
