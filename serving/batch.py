"""A batch: every request gets its result or its own error, in order. Knows no HTTP but `Problem`.

Runs in the worker's thread, in small portions: one bad request never costs the others their answer.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import orjson

from serving.body import decode_json
from serving.engine import Engine
from serving.problems import Problem
from triage.errors import InvalidRequest
from triage.intake.reasons import type_name
from triage.intake.record import parse_request
from triage.request import CitizenRequest, Json, Prediction

PORTION = 32
"""Requests handed to the engine at once."""

logger = logging.getLogger(__name__)


def answer_batch(body: bytes, engine: Engine, *, with_text: bool, at_most: int) -> bytes:
    """Return the JSON document `{"results": […]}` for the document `{"requests": […]}`.

    Raises
    ------
    Problem
        json_invalid, batch_invalid, batch_too_long.
    """
    items = _items(decode_json(body), at_most)
    results: list[Json] = [None] * len(items)
    accepted: list[tuple[int, CitizenRequest]] = []
    for index, item in enumerate(items):
        try:
            accepted.append((index, parse_request(item)))
        except InvalidRequest as error:
            results[index] = _error(_id_of(item), index, error)
    for start in range(0, len(accepted), PORTION):
        portion = accepted[start : start + PORTION]
        for index, result in _triaged(engine, portion, with_text=with_text):
            results[index] = result
    return orjson.dumps({"results": results})


def _items(document: object, at_most: int) -> list[object]:
    items = document.get("requests") if isinstance(document, dict) else None
    if not isinstance(items, list):
        given = (
            type_name(document)
            if not isinstance(document, dict)
            else f"requests 为{type_name(items)}"
        )
        message = f'批量请求应为 {{"requests": [ … ]}}，收到的是{given}'
        item = {"field": "requests", "code": "batch_invalid", "message": message}
        raise Problem("batch_invalid", message, errors=(item,))
    if len(items) > at_most:
        message = f"一次最多 {at_most} 条，收到 {len(items)} 条；请分几次发送"
        item = {"field": "requests", "code": "batch_too_long", "message": message}
        raise Problem("batch_too_long", message, errors=(item,))
    return items


def _triaged(
    engine: Engine, portion: Sequence[tuple[int, CitizenRequest]], *, with_text: bool
) -> Iterator[tuple[int, Json]]:
    """Triage a portion at once; where that fails, one by one, so that only the culprit suffers."""
    predictions: Sequence[Prediction]
    try:
        predictions = engine.triage([request for _, request in portion])
    except Exception as error:
        if len(portion) > 1:
            for pair in portion:
                yield from _triaged(engine, (pair,), with_text=with_text)
            return
        index, request = portion[0]
        yield index, _error(request.id, index, _known(error))
        return
    for (index, _), prediction in zip(portion, predictions, strict=True):
        yield index, prediction.to_json(with_text=with_text)


def _known(error: Exception) -> InvalidRequest:
    if isinstance(error, InvalidRequest):
        return error
    logger.error("unexpected %s in a batch", type(error).__name__)
    return InvalidRequest("internal_error", "处理这一条时服务内部出错，已记录；请稍后重试")


def _error(request_id: str | None, index: int, error: InvalidRequest) -> Json:
    return {
        "id": request_id,
        "line": index + 1,
        "error": {"code": error.code, "message": error.message},
    }


def _id_of(item: object) -> str | None:
    """Return the id of a refused item, where that much of it is sound."""
    try:
        return parse_request({"id": item["id"], "text": "-"}).id  # type: ignore[index]
    except (InvalidRequest, KeyError, TypeError):
        return None
