"""A documented FastAPI route whose work is done by a plain ASGI endpoint.

FastAPI reads the signature of `described` for the OpenAPI document and never calls it: no request
object, no dependency and no pydantic model stands on the fast path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fastapi.routing import APIRoute

from serving.asgi import ASGIApp
from serving.schemas import problem_responses


class RawRoute(APIRoute):
    """Answers with `endpoint`, documents itself with `described`."""

    def __init__(
        self,
        path: str,
        endpoint: ASGIApp,
        described: Callable[..., object],
        *,
        method: str,
        problems: tuple[int, ...],
        responses: Mapping[int | str, dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(
            path,
            described,
            methods=[method],
            responses={**problem_responses(*problems), **(responses or {})},
        )
        self.app = endpoint
