"""/v1/alarms: what is out of the ordinary, and what becomes of it."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from serving.answers import json_answer
from serving.caller import actor_of
from serving.routes.reports import Day
from serving.schemas import problem_responses
from serving.schemas_alarms import (
    AcknowledgeRequest,
    AlarmDocument,
    AlarmKindName,
    AlarmsDocument,
    AlarmStateName,
    CloseAlarmRequest,
    MergeAlarmRequest,
    PrecisionDocument,
)
from triage.desk import alarms
from triage.desk.alarm_room import AlarmRoom, room_of
from triage.desk.alarm_view import alarm_json, precision_json
from triage.desk.alarms import DEFAULT_LIMIT, MOST, AlarmWish
from triage.desk.reports import Reports
from triage.request import Json
from triage.workorder.working_calendar import start_of_day

_PROBLEMS = problem_responses(401, 403, 404, 409, 422, 429, 500, 503)
Since = Annotated[Day | None, Query(description="这一天起开立的")]
Until = Annotated[Day | None, Query(description="到哪天零点为止（不含）")]


def alarms_router(reports: Reports) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/alarms", tags=["alarms"])

    @cache
    def room() -> AlarmRoom:
        return room_of(reports)

    @router.get("", response_model=AlarmsDocument, responses=_PROBLEMS)
    def listed(
        request: Request,
        state: AlarmStateName | None = None,
        kind: AlarmKindName | None = None,
        since: Since = None,
        until: Until = None,
        cursor: Annotated[str | None, Query(max_length=128)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = DEFAULT_LIMIT,
    ) -> Response:
        """Return a page of alarms, the newest first; those of the whole city are among them."""
        wish = AlarmWish(_one(state), _one(kind), _start(since), _start(until), cursor, limit)
        actor = actor_of(request)
        page = alarms.listed(room(), wish, actor)
        items: list[Json] = [alarm_json(one, actor) for one in page.alarms]
        return json_answer({"items": items, "next_cursor": page.next_cursor})

    @router.get("/precision", response_model=PrecisionDocument, responses=_PROBLEMS)
    def precision(request: Request, since: Since = None, until: Until = None) -> Response:
        """Return how often alarms of each kind turned out true."""
        wish = AlarmWish(since=_start(since), until=_start(until))
        found = alarms.precision(room(), wish, actor_of(request))
        return json_answer({"items": [precision_json(one) for one in found]})

    @router.get("/{id}", response_model=AlarmDocument, responses=_PROBLEMS)
    def show(id: str, request: Request) -> Response:
        """Return an alarm with its evidence and its life."""
        actor = actor_of(request)
        return json_answer(alarm_json(alarms.shown(room(), id, actor), actor))

    @router.post("/{id}/acknowledge", response_model=AlarmDocument, responses=_PROBLEMS)
    def acknowledge(id: str, wanted: AcknowledgeRequest, request: Request) -> Response:
        """Take an alarm on."""
        actor = actor_of(request)
        one = alarms.acknowledge(room(), id, actor, note=wanted.note, version=wanted.version)
        return json_answer(alarm_json(one, actor))

    @router.post("/{id}/merge", response_model=AlarmDocument, responses=_PROBLEMS)
    def merge(id: str, wanted: MergeAlarmRequest, request: Request) -> Response:
        """Make an alarm part of another that tells of the same thing."""
        actor = actor_of(request)
        one = alarms.merge(room(), id, wanted.into, actor, note=wanted.note, version=wanted.version)
        return json_answer(alarm_json(one, actor))

    @router.post("/{id}/close", response_model=AlarmDocument, responses=_PROBLEMS)
    def close(id: str, wanted: CloseAlarmRequest, request: Request) -> Response:
        """Close an alarm with what it turned out to be."""
        actor = actor_of(request)
        one = alarms.close(
            room(), id, wanted.outcome, actor, note=wanted.note, version=wanted.version
        )
        return json_answer(alarm_json(one, actor))

    return router


def _one(value: str | None) -> frozenset[str]:
    return frozenset({value}) if value else frozenset()


def _start(day: Day | None) -> datetime | None:
    return start_of_day(day) if day else None
