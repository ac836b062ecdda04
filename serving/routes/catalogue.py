"""GET /v1/catalogue: the code lists that answers are in, made once a model, cached by ETag."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from serving.engine import Engine, Provider
from serving.routes.current import current_engine
from serving.schemas import CatalogueDocument, problem_responses


@dataclass(frozen=True, slots=True)
class _Page:
    engine: Engine
    body: bytes
    etag: str


def catalogue_router(provider: Provider) -> APIRouter:
    """Return the route."""
    router = APIRouter()
    pages: list[_Page] = []

    @router.get(
        "/v1/catalogue",
        response_model=CatalogueDocument,
        responses={
            304: {"description": "`If-None-Match` 与当前代码表一致"},
            **problem_responses(401, 429, 500, 503),
        },
    )
    async def catalogue(request: Request) -> Response:
        """Return the code lists in use. Send `If-None-Match` to be spared an unchanged list."""
        engine = current_engine(provider)
        if not pages or pages[0].engine is not engine:
            pages[:] = [_page(engine)]
        page = pages[0]
        headers = {"etag": page.etag, "cache-control": "no-cache"}
        if _matches(request.headers.get("if-none-match"), page.etag):
            return Response(status_code=304, headers=headers)
        return Response(page.body, media_type="application/json", headers=headers)

    return router


def _page(engine: Engine) -> _Page:
    body = orjson.dumps(engine.catalogue.to_json())
    return _Page(engine, body, f'"{hashlib.sha256(body).hexdigest()[:16]}"')


def _matches(header: str | None, etag: str) -> bool:
    if header is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or etag in tags
