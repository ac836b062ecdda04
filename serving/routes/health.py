"""GET /healthz (the process answers), /readyz (a model answers), /metrics (Prometheus)."""

from __future__ import annotations

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from serving.engine import Provider
from serving.metrics import Metrics
from serving.routes.current import current_engine
from serving.schemas import Health, Readiness, VersionsDocument, problem_responses


def health_router(provider: Provider, metrics: Metrics) -> APIRouter:
    """Return the routes."""
    router = APIRouter()

    @router.get("/healthz", responses=problem_responses(500))
    async def healthz() -> Health:
        """Say that the process answers."""
        return Health(status="ok")

    @router.get("/readyz", responses=problem_responses(500, 503))
    async def readyz() -> Readiness:
        """Say which model answers."""
        versions = current_engine(provider).versions
        return Readiness(
            status="ready",
            versions=VersionsDocument(
                model=versions.model, catalogue=versions.catalogue, rules=versions.rules
            ),
        )

    @router.get(
        "/metrics",
        response_class=Response,
        responses={
            200: {
                "description": "Prometheus",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            },
            **problem_responses(401, 429, 500, 503),
        },
    )
    async def metrics_page() -> Response:
        """Return counters for Prometheus; no personal data is among them."""
        return Response(metrics.exposition(), media_type=CONTENT_TYPE_LATEST)

    return router
