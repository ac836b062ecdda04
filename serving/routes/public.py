"""GET /v1/public/{query_code}: a citizen's progress. No text, no person; guessing locks."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from serving.answers import json_answer
from serving.schemas import problem_responses
from serving.schemas_orders import ProgressDocument
from triage.desk.office import Office
from triage.desk.public import progress_of
from triage.desk.view import progress_json


def public_router(office: Office) -> APIRouter:
    """Return the route."""
    router = APIRouter(prefix="/v1/public", tags=["public"])

    @router.get(
        "/{query_code}",
        response_model=ProgressDocument,
        responses=problem_responses(404, 422, 429, 500, 503),
    )
    def progress(
        query_code: str,
        phone: Annotated[str, Query(max_length=4, description="电话后四位")] = "",
    ) -> Response:
        """Return how far a request is, by its query code and the last four digits of the phone."""
        return json_answer(progress_json(progress_of(office, query_code, phone)))

    return router
