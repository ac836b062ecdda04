"""JSON answers that hold a work order: never stored by a cache on the way."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from starlette.responses import Response

from triage.request import Json


def json_answer(value: Mapping[str, Json], status: int = 200) -> Response:
    """Return the answer."""
    return raw_answer(orjson.dumps(value), status)


def raw_answer(body: bytes, status: int = 200) -> Response:
    """Return JSON that is written already."""
    return Response(
        body, status, media_type="application/json", headers={"cache-control": "no-store"}
    )
