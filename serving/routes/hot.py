"""GET /v1/hot-topics: the hottest events or common problems of the caller's part of the city."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from serving.answers import json_answer
from serving.caller import actor_of
from serving.routes.reports import Day
from serving.schemas import problem_responses
from serving.schemas_hot import HotTopicsDocument
from triage.desk.hot import MOST_TOP, HotRoom, hot_report, wish_of
from triage.desk.reports import Reports
from triage.hot.heat import load_heat
from triage.store.event_groups import Level
from triage.text.elements import ElementExtractor

_SINCE = r"^([1-9][0-9]{0,3}[dh]|20[0-9]{2}-[0-9]{2}-[0-9]{2})$"


def hot_router(reports: Reports) -> APIRouter:
    """Return the route."""
    router = APIRouter(prefix="/v1", tags=["reports"])

    @cache
    def room() -> HotRoom:
        return HotRoom(reports, ElementExtractor(reports.place_names), load_heat())

    @router.get(
        "/hot-topics",
        response_model=HotTopicsDocument,
        responses=problem_responses(401, 403, 422, 429, 500, 503),
    )
    def hot_topics(
        request: Request,
        since: Annotated[
            str, Query(pattern=_SINCE, description="7d、24h，或一天如 2026-11-01")
        ] = "7d",
        until: Annotated[Day | None, Query(description="到哪天零点为止（不含）；默认现在")] = None,
        level: Level = "events",
        region: Annotated[str, Query(max_length=16, description="区县代码；默认全部")] = "",
        top: Annotated[int, Query(ge=1, le=MOST_TOP)] = 20,
    ) -> Response:
        """Return the topics by heat, each with its reasons; the words of reports are not shown."""
        wish = wish_of(since, until, reports.now(), level=level, region=region, top=top)
        return json_answer(hot_report(room(), wish, actor_of(request)).to_json())

    return router
