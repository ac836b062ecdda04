"""/open311/v2: services, requests and their status as Open311 GeoReport v2 has them.

https://wiki.open311.org/GeoReport_v2; `serving.open311_door` turns keys and errors. Read by anybody
without a key; docs/intake.md says what the public sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from serving.caller import actor_of
from serving.open311_door import FORM_KEY
from serving.open311_formats import Item, answer, single
from serving.problems import Problem
from triage.desk.intake import receive
from triage.desk.open311 import Listing, Service, Window, listed, one
from triage.desk.open311_form import read_submission
from triage.intake.reasons import refusal
from triage.store.orders import find

Format = Literal["xml", "json"]
Words = Annotated[str, Query(max_length=2_000)]
_MOST_IDS = 50


def open311_router(listing: Listing) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/open311/v2", tags=["open311"], include_in_schema=False)

    @router.get("/services.{format}")
    def services(format: Format) -> Response:
        """Return what may be asked for: the topics."""
        items = [_service(one) for one in listing.services.values()]
        return answer(format, "services", "service", items)

    @router.get("/services/{code}.{format}")
    def definition(code: str, format: Format) -> Response:
        """Return what a service asks for beside a description: nothing."""
        if code not in listing.services:
            raise Problem("not_found", f"没有服务 {code}；请从 services 中选")
        return single(format, "service_definition", {"service_code": code, "attributes": []})

    @router.post("/requests.{format}")
    async def submit(
        format: Format,
        request: Request,
        idempotency_key: Annotated[
            str | None, Header(alias="Idempotency-Key", max_length=128)
        ] = None,
    ) -> Response:
        """Take a request in; its id and the citizen's query code are told."""
        form: Mapping[str, str] = request.scope[FORM_KEY]
        office = listing.office
        sent = read_submission(form, listing.services, now=office.now())
        actor = actor_of(request)
        receipt = await run_in_threadpool(
            receive, office, sent.record, actor=actor.id, idempotency_key=idempotency_key or ""
        )
        code = await run_in_threadpool(_query_code, listing, receipt.order_id)
        notices = "；".join([f"查询码：{code}", *sent.notices])
        told: Item = {
            "service_request_id": receipt.order_id,
            "service_notice": notices,
            "account_id": "",
        }
        return answer(format, "service_requests", "request", [told], 201)

    @router.get("/requests/{id}.{format}")
    def show(id: str, format: Format) -> Response:
        """Return one request, without its text."""
        return answer(format, "service_requests", "request", [one(listing, id)])

    @router.get("/requests.{format}")
    def requests(
        format: Format,
        service_request_id: Words = "",
        service_code: Words = "",
        start_date: Annotated[str, Query(max_length=40)] = "",
        end_date: Annotated[str, Query(max_length=40)] = "",
        status: Annotated[str, Query(max_length=40)] = "",
    ) -> Response:
        """Return requests of a range of at most 90 days, the newest first."""
        window = Window(
            _words(service_request_id)[:_MOST_IDS],
            _words(service_code),
            _moment("start_date", start_date),
            _moment("end_date", end_date),
            _words(status),
        )
        return answer(format, "service_requests", "request", listed(listing, window))

    return router


def _service(one: Service) -> Item:
    return {
        "service_code": one.code,
        "service_name": one.name,
        "description": one.description,
        "metadata": False,
        "type": "realtime",
        "keywords": "",
        "group": one.group,
    }


def _query_code(listing: Listing, order_id: str) -> str:
    with listing.office.database.read() as connection:
        return find(connection, order_id).query_code


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _moment(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))  # a "+" that a client did not encode
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise refusal(
            "time_invalid",
            f"{name} 应为带时区的时间",
            "请写成 2026-03-01T09:30:00+08:00",
            field=name,
        )
    return at
