"""/v1/jobs: ask for long work, see how far it is, cancel it; `triage jobs run` does it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from serving.answers import json_answer
from serving.caller import actor_of
from serving.schemas import problem_responses
from serving.schemas_jobs import JobDocument, JobRequest, JobsDocument, JobStateName
from triage.desk import jobs
from triage.desk.jobs import DEFAULT_LIMIT, MOST, JobRoom
from triage.request import Json
from triage.store.jobs import Job, JobState

_PROBLEMS = problem_responses(401, 403, 404, 409, 422, 429, 500, 503)
_PRIVATE = {"cache-control": "no-store"}


def jobs_router(room: JobRoom) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/jobs", tags=["jobs"])

    @router.get("", response_model=JobsDocument, responses=_PROBLEMS)
    def listed(
        request: Request,
        state: JobStateName | None = None,
        cursor: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = DEFAULT_LIMIT,
    ) -> Response:
        """Return a page of jobs, the newest first."""
        wanted = JobState(state) if state else None
        actor = actor_of(request)
        found = jobs.listed(room, actor, state=wanted, cursor=cursor, limit=limit)
        items: list[Json] = [job_json(one) for one in found.jobs]
        return json_answer({"items": items, "next_cursor": found.next_cursor})

    @router.post("", status_code=202, response_model=JobDocument, responses=_PROBLEMS)
    def submit(wanted: JobRequest, request: Request) -> Response:
        """Queue a job; arguments are checked against the table of its kind."""
        return accepted(jobs.submit(room, wanted.kind, wanted.arguments, actor_of(request)))

    @router.get("/{id}", response_model=JobDocument, responses=_PROBLEMS)
    def show(id: str, request: Request) -> Response:
        """Return a job as it stands."""
        return json_answer(job_json(jobs.show(room, id, actor_of(request))))

    @router.post("/{id}/cancel", response_model=JobDocument, responses=_PROBLEMS)
    def cancel(id: str, request: Request) -> Response:
        """Cancel a job: at once where it waits, soon where it runs."""
        return json_answer(job_json(jobs.cancel(room, id, actor_of(request))))

    @router.get("/{id}/log", responses=_PROBLEMS | _file("text/plain"))
    def log(id: str, request: Request) -> Response:
        """Return the last lines that a job wrote, masked."""
        return PlainTextResponse(jobs.log(room, id, actor_of(request)), headers=_PRIVATE)

    @router.get("/{id}/rejects", responses=_PROBLEMS | _file("text/csv"))
    def rejects(id: str, request: Request) -> Response:
        """Return the rows that a job refused as CSV: place, reason, masked cells."""
        path = jobs.rejects(room, id, actor_of(request))
        return FileResponse(
            path, media_type="text/csv", filename=f"{id}.rejects.csv", headers=_PRIVATE
        )

    return router


def accepted(one: Job) -> Response:
    """Return 202 for a job that waits, with the address where it is followed."""
    answer = json_answer(job_json(one), 202)
    answer.headers["location"] = f"/v1/jobs/{one.id}"
    return answer


def job_json(one: Job) -> dict[str, Json]:
    """Return a job for those who may see it."""
    return {
        "id": one.id,
        "kind": one.kind,
        "state": one.state.value,
        "arguments": dict(one.arguments),
        "progress": {"done": one.done, "total": one.total},
        "message": one.message,
        "created_by": one.created_by,
        "created_at": one.created_at.isoformat(),
        "started_at": _time(one.started_at),
        "finished_at": _time(one.finished_at),
        "attempts": one.attempts,
        "cancel_wanted": one.cancel_wanted,
        "exit_code": one.exit_code,
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _file(media_type: str) -> dict[int | str, dict[str, object]]:
    return {200: {"content": {media_type: {}}}}
