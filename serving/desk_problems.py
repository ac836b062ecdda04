"""Errors of the desk on the wire: each code of a deed with its status; 409 says what is allowed."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi.exceptions import RequestValidationError

from serving.problems import Problem
from triage.errors import InvalidRequest, TriageError
from triage.request import Json
from triage.store.database import StoreUnavailable
from triage.store.orders import StaleOrder
from triage.workorder.moves import IllegalMove

RETRY_SECONDS = b"5"
"""How long a caller should wait for a database that is gone: a restart takes about as long."""


def problem_of(error: TriageError) -> Problem:
    """Return the problem that tells of an error at the desk."""
    if isinstance(error, InvalidRequest):
        return Problem.of_request(error)
    errors: tuple[Mapping[str, str | None], ...] = ()
    if error.field is not None:
        errors = ({"field": error.field, "code": error.code, "message": error.message},)
    headers = ((b"retry-after", RETRY_SECONDS),) if isinstance(error, StoreUnavailable) else ()
    return Problem(error.code, error.message, errors=errors, headers=headers, extra=_extra(error))


def problem_of_validation(error: RequestValidationError) -> Problem:
    """Return the problem that names every field of a body or query that is wrong."""
    if error.errors()[0]["type"] == "json_invalid":
        return Problem("json_invalid", "请求体不是有效的 JSON：请检查引号、逗号和编码（UTF-8）")
    items = tuple(
        {
            "field": ".".join(str(part) for part in found["loc"][1:]) or str(found["loc"][0]),
            "code": "field_invalid",
            "message": _told(found["type"], found.get("ctx") or {}),
        }
        for found in error.errors()
    )
    first = items[0]
    return Problem("field_invalid", f"字段 {first['field']}：{first['message']}", errors=items)


def _told(kind: str, limits: Mapping[str, object]) -> str:
    """Return in Chinese what a check of pydantic found; the value itself may be personal."""
    words = _CHECKS.get(kind)
    if words is None:
        return "值不合要求，请对照 /openapi.json"
    return words.format(**{name: limits.get(name, "") for name in _LIMITS})


_LIMITS = ("ge", "le", "min_length", "max_length", "expected")
_CHECKS: Mapping[str, str] = {
    "missing": "缺少必填字段，请补上",
    "extra_forbidden": "没有这个字段，请核对拼写",
    "literal_error": "应为其中之一：{expected}",
    "string_type": "应为字符串",
    "string_too_long": "过长，最多 {max_length} 个字符",
    "string_too_short": "过短，至少 {min_length} 个字符",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "bool_type": "应为 true 或 false",
    "list_type": "应为数组",
    "too_long": "过长，最多 {max_length} 项",
    "too_short": "过短，至少 {min_length} 项",
    "greater_than_equal": "应不小于 {ge}",
    "less_than_equal": "应不大于 {le}",
    "model_attributes_type": "应为 JSON 对象",
}


def _extra(error: TriageError) -> Mapping[str, Json]:
    if isinstance(error, IllegalMove):
        return {
            "state": error.state.value,
            "allowed": [state.value for state in error.allowed],
        }
    if isinstance(error, StaleOrder):
        return {"state": error.order.state.value, "version": error.order.version}
    return {}
