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
from serving.schemas_trends import AreasDocument, BacktestDocument, ForecastDocument
from triage.desk.actor import Actor
from triage.trends.backtests import backtest
from triage.trends.multiples import by_area
from triage.trends.panel import ALL, DAILY
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
        return json_answer(shelf.document(grain, _series(topic, area, township), history=history))

    @router.get("/forecast/backtest", response_model=BacktestDocument, responses=_PROBLEMS)
    def backtested(
        request: Request, topic: Code = ALL, area: Code = ALL, township: Code = ALL
    ) -> Response:
        """Return how the candidates did in the back-tests of a series of daily counts."""
        _check_reach(actor_of(request), area)
        columns = shelf.forecast(DAILY).facts.columns
        return json_answer(backtest(shelf.folder, columns, _series(topic, area, township)))

    @router.get("/forecast/areas", response_model=AreasDocument, responses=_PROBLEMS)
    def areas(
        request: Request,
        topic: Code = ALL,
        history: Annotated[int, Query(ge=0, le=MOST_HISTORY, description="之前几天的实际数")] = 28,
    ) -> Response:
        """Return the daily forecasts of every district that the caller reaches, side by side."""
        return json_answer(by_area(shelf, topic, actor_of(request).regions, history=history))

    return router


def _series(topic: str, area: str, township: str) -> dict[str, str]:
    asked = {"topic": topic, "area": area, "township": township}
    return {name: value for name, value in asked.items() if value != ALL}


def _check_reach(actor: Actor, area: str) -> None:
    if actor.regions and area not in actor.regions:
        some = "、".join(sorted(actor.regions)[:5])
        raise Problem("not_allowed", f"只能看所辖区县的预测；请加 area，可用：{some}")
