"""POST /v1/requests:bulk: a file of requests, kept until a job has taken its rows in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from serving.body import BodyLimit
from serving.caller import actor_of
from serving.multipart import MEDIA_TYPE, unpack
from serving.routes.jobs import accepted
from serving.schemas import problem_responses
from serving.schemas_jobs import JobDocument
from serving.settings import Limits
from serving.spool import FORM, SUFFIXES, discard, spool, suffix_of
from triage.desk import jobs
from triage.desk.bulk_rows import DEFAULT_SOURCE
from triage.desk.job_kinds import UPLOAD
from triage.desk.jobs import JobRoom
from triage.intake.sources import file_type
from triage.workorder.numbers import new_job_id

_FILE = {"type": "string", "format": "binary"}
_BODY = {
    "required": True,
    "content": {
        **{kind: {"schema": _FILE} for kind in SUFFIXES},
        MEDIA_TYPE: {
            "schema": {"type": "object", "required": ["file"], "properties": {"file": _FILE}}
        },
    },
}


def bulk_router(room: JobRoom, limits: Limits) -> APIRouter:
    """Return the route."""
    router = APIRouter(prefix="/v1", tags=["work orders"])
    limit = BodyLimit(limits.upload_bytes, limits.upload_seconds)

    @router.post(
        "/requests:bulk",
        status_code=202,
        response_model=JobDocument,
        responses=problem_responses(401, 403, 408, 413, 415, 422, 429, 500, 503),
        openapi_extra={"requestBody": _BODY},
    )
    async def bulk(
        request: Request,
        source: Annotated[
            str, Query(max_length=64, description="没有写明来源的行，来源代码")
        ] = DEFAULT_SOURCE,
    ) -> Response:
        """Take a CSV, XLSX or JSONL file, as it is or in a form; each row is taken in once."""
        job_id = new_job_id(room.now())
        path = room.place.own(job_id) / f"{UPLOAD}{suffix_of(request.scope, limit.size)}"
        await spool(request.receive, path, limit)
        try:
            if path.suffix == FORM:
                kind = request.headers["content-type"]
                path = await run_in_threadpool(unpack, path, kind, SUFFIXES)
            await run_in_threadpool(file_type, path)
            one = await run_in_threadpool(
                jobs.submit,
                room,
                "intake",
                {"files": [f"{job_id}/{path.name}"], "source": source},
                actor_of(request),
                job_id=job_id,
            )
        except BaseException:
            discard(path)
            raise
        return accepted(one)

    return router
