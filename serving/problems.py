"""Errors on the wire: RFC 9457 problem+json with a stable code and Chinese text.

`PROBLEMS` is the whole list of codes that HTTP itself may answer; a request that breaks a rule of
the contract carries the code of `triage.intake.reasons.REASONS` with status 422. Knows no route.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from starlette.exceptions import HTTPException
from starlette.responses import Response

from serving.asgi import Headers
from triage.errors import InvalidRequest
from triage.intake.reasons import REASONS

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:citizen-triage:problem:"


@dataclass(frozen=True, slots=True)
class Kind:
    """The status of a code, and its title: the same words every time."""

    status: int
    title: str


PROBLEMS: Mapping[str, Kind] = {
    "http_invalid": Kind(400, "不是有效的 HTTP 请求"),
    "json_invalid": Kind(400, "请求体不是有效的 JSON"),
    "key_missing": Kind(401, "缺少访问密钥"),
    "key_invalid": Kind(401, "访问密钥无效"),
    "not_found": Kind(404, "没有这个地址"),
    "method_not_allowed": Kind(405, "不支持这个方法"),
    "body_timeout": Kind(408, "请求体没有按时到齐"),
    "body_too_large": Kind(413, "请求体过大"),
    "media_type_unsupported": Kind(415, "不支持的内容类型"),
    "encoding_unsupported": Kind(415, "不支持的内容编码"),
    "query_invalid": Kind(422, "查询参数无效"),
    "batch_invalid": Kind(422, "批量请求的格式不对"),
    "batch_too_long": Kind(422, "批量请求的条数过多"),
    "rate_limited": Kind(429, "请求过于频繁"),
    "head_too_large": Kind(431, "请求头过大"),
    "internal_error": Kind(500, "服务内部错误"),
    "overloaded": Kind(503, "服务繁忙"),
    "not_ready": Kind(503, "服务尚未就绪"),
}
"""Every code of HTTP itself → its status and title."""


class Problem(Exception):
    """An answer other than the wanted one; `detail` says what was wrong and what to do."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: tuple[Mapping[str, str | None], ...] = (),
        headers: Headers = (),
    ) -> None:
        super().__init__(code)
        kind = PROBLEMS.get(code) or Kind(422, REASONS[code])
        self.code = code
        self.status = kind.status
        self.title = kind.title
        self.detail = detail
        self.errors = errors
        self.headers = headers

    @classmethod
    def of_request(cls, error: InvalidRequest) -> Problem:
        """Return the problem for a request that breaks a rule of the contract."""
        item = {"field": error.field, "code": error.code, "message": error.message}
        return cls(error.code, error.message, errors=(item,))

    def body(self) -> bytes:
        """Return the JSON document."""
        return orjson.dumps(
            {
                "type": TYPE_PREFIX + self.code,
                "title": self.title,
                "status": self.status,
                "code": self.code,
                "detail": self.detail,
                "errors": list(self.errors),
            }
        )


class ProblemResponse(Response):
    """The answer that carries a problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.body(), problem.status, media_type=MEDIA_TYPE)
        self.raw_headers.extend(problem.headers)


def problem_of_http(error: HTTPException) -> Problem:
    """Translate what the router raises: an unknown path, a method that it does not take."""
    headers = tuple(
        (name.lower().encode(), value.encode()) for name, value in (error.headers or {}).items()
    )
    if error.status_code == 404:
        return Problem("not_found", "请核对地址；全部接口见 /openapi.json", headers=headers)
    if error.status_code == 405:
        allowed = dict(headers).get(b"allow", b"").decode()
        return Problem("method_not_allowed", f"这个地址只接受 {allowed}", headers=headers)
    return Problem("http_invalid", f"请求被拒绝（HTTP {error.status_code}）", headers=headers)
