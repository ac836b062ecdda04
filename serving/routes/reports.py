"""GET /v1/scorecards: how units do, recomputed; GET /v1/opendata: months that were published.

Open data is served from the files that `triage opendata` wrote: what the public reads was published
once, and no request of the public makes the database count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from serving.answers import json_answer, raw_answer
from serving.caller import actor_of
from serving.problems import Problem
from serving.schemas import problem_responses
from serving.schemas_reports import OpenMonthsDocument, ScorecardsDocument
from triage.desk.reports import Reports
from triage.desk.scorecard_files import as_csv, as_json, as_xlsx
from triage.desk.scorecards import ScorecardReport, scorecards_of
from triage.workorder.scorecards import By
from triage.workorder.working_calendar import shanghai_day

Format = Literal["json", "csv", "xlsx"]
_PROBLEMS = problem_responses(401, 403, 422, 429, 500, 503)
MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 1, 1))]
USUAL_DAYS = 30
"""The span that is shown where none is asked for."""
_CSV = "text/csv; charset=utf-8"


@dataclass(frozen=True, slots=True)
class _File:
    write: Callable[[ScorecardReport], bytes]
    media_type: str


_FILES: Mapping[str, _File] = {
    "csv": _File(as_csv, _CSV),
    "xlsx": _File(as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def scorecards_router(reports: Reports) -> APIRouter:
    """Return the route of the scorecards."""
    router = APIRouter(prefix="/v1", tags=["reports"])

    @router.get(
        "/scorecards",
        response_model=ScorecardsDocument,
        responses=_PROBLEMS | _content(*(one.media_type for one in _FILES.values())),
    )
    def scorecards(
        request: Request,
        first: Annotated[
            Day | None, Query(alias="from", description="受理日，起；默认 30 天前")
        ] = None,
        last: Annotated[Day | None, Query(alias="to", description="受理日，止；默认今天")] = None,
        by: By = By.UNIT,
        format: Format = "json",
    ) -> Response:
        """Return figures by code, within the caller's units and regions; nothing is ranked."""
        until = last or shanghai_day(reports.now())
        since = first or until - timedelta(days=USUAL_DAYS)
        report = scorecards_of(reports, since, until, by, actor_of(request))
        file = _FILES.get(format)
        if file is None:
            return raw_answer(as_json(report))
        return _download(file.write(report), file.media_type, f"scorecards-{by.value}.{format}")

    return router


def opendata_router(folder: Path) -> APIRouter:
    """Return the route of the published months, files `2026-10.csv` of a folder."""
    router = APIRouter(prefix="/v1", tags=["reports"])

    @router.get(
        "/opendata",
        response_model=OpenMonthsDocument,
        responses=problem_responses(404, 422, 429, 500, 503) | _content(_CSV),
    )
    def opendata(
        month: Annotated[str | None, Query(pattern=MONTH, description="如 2026-10")] = None,
    ) -> Response:
        """Return a published month as CSV; without `month`, the months that there are."""
        if month is None:
            return json_answer(
                {"months": [path.stem for path in sorted(folder.glob("????-??.csv"))]}
            )
        try:
            content = (folder / f"{month}.csv").read_bytes()
        except FileNotFoundError:
            message = f"{month} 没有公布；已公布的月份见 GET /v1/opendata"
            raise Problem("month_unpublished", message) from None
        return _download(content, _CSV, f"opendata-{month}.csv")

    return router


def _content(*media_types: str) -> dict[int | str, dict[str, object]]:
    """Return the OpenAPI entry of answers that are files."""
    return {200: {"content": {media_type.split(";")[0]: {} for media_type in media_types}}}


def _download(content: bytes, media_type: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
