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
from triage.request import Json

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
    "key_expired": Kind(401, "访问密钥已到期"),
    "token_invalid": Kind(401, "登录令牌无效"),
    "token_expired": Kind(401, "登录令牌已过期"),
    "forbidden": Kind(403, "没有权限"),
    "cross_origin": Kind(403, "请求来自别的网站"),
    "not_found": Kind(404, "没有这个地址"),
    "method_not_allowed": Kind(405, "不支持这个方法"),
    "not_allowed": Kind(403, "无权操作"),
    "vault_empty": Kind(404, "没有保存原文"),
    "forecast_missing": Kind(404, "没有这个预测"),
    "month_unpublished": Kind(404, "这个月没有公布"),
    "webhook_unknown": Kind(404, "没有这项外发登记"),
    "order_unknown": Kind(404, "没有这张工单"),
    "dispute_unknown": Kind(404, "这张工单没有异议"),
    "rule_unknown": Kind(404, "没有这条裁定规则"),
    "job_unknown": Kind(404, "没有这个任务"),
    "job_rejects_none": Kind(404, "没有拒收明细"),
    "alarm_unknown": Kind(404, "没有这条预警"),
    "alarm_ended": Kind(409, "预警已办结或已并入别条"),
    "alarm_stale": Kind(409, "预警已被他人更新"),
    "alarm_merge_itself": Kind(409, "预警不能并入自己"),
    "alarm_merge_ended": Kind(409, "并入的预警已结束"),
    "alarm_outcome_unknown": Kind(422, "没有这种结论"),
    "alarm_state_unknown": Kind(422, "没有这种预警状态"),
    "alarm_kind_unknown": Kind(422, "没有这种预警"),
    "move_illegal": Kind(409, "现在的状态不能这样转"),
    "delivery_not_dead": Kind(409, "这个事件不是死信"),
    "order_stale": Kind(409, "工单已被他人更新"),
    "order_ended": Kind(409, "工单已结束"),
    "dispute_closed": Kind(409, "异议已裁定"),
    "opinion_stand_unknown": Kind(422, "会商意见不明"),
    "job_over": Kind(409, "任务已结束"),
    "reject_too_late": Kind(409, "退单时限已过"),
    "designation_too_early": Kind(409, "还不能指定承办单位"),
    "merge_into_ended": Kind(409, "并入的工单已结束"),
    "merge_into_itself": Kind(409, "不能并入自己"),
    "unit_accused": Kind(409, "不得派给被举报的单位"),
    "unit_lacks_power": Kind(409, "承办单位没有所需的权力"),
    "nothing_held": Kind(409, "没有待确认的答复"),
    "override_dispatched": Kind(409, "工单已经派出"),
    "already_reopened": Kind(409, "已经重开"),
    "already_split": Kind(409, "已经拆分"),
    "merge_accused": Kind(409, "举报件不能这样并单"),
    "not_closed": Kind(409, "工单还没有办结"),
    "parts_open": Kind(409, "拆分出的各件还没有全部办结"),
    "extension_refused": Kind(409, "不能再延期"),
    "body_timeout": Kind(408, "请求体没有按时到齐"),
    "body_too_large": Kind(413, "请求体过大"),
    "media_type_unsupported": Kind(415, "不支持的内容类型"),
    "encoding_unsupported": Kind(415, "不支持的内容编码"),
    "field_invalid": Kind(422, "字段不合要求"),
    "query_invalid": Kind(422, "查询参数无效"),
    "batch_invalid": Kind(422, "批量请求的格式不对"),
    "batch_too_long": Kind(422, "批量请求的条数过多"),
    "move_incomplete": Kind(422, "这一步缺少内容"),
    "purpose_missing": Kind(422, "没有写明用途"),
    "state_unknown": Kind(422, "没有这种状态"),
    "split_number": Kind(422, "拆分的件数不对"),
    "mode_unknown": Kind(422, "没有这种模式"),
    "mode_without_reason": Kind(422, "没有写明原因"),
    "period_invalid": Kind(422, "起止日期不对"),
    "webhook_url": Kind(422, "外发的网址不能用"),
    "webhook_event": Kind(422, "没有这种事件"),
    "cursor_invalid": Kind(422, "翻页标记无效"),
    "text_unstorable": Kind(422, "文字里有空字符"),
    "cursor_expired": Kind(422, "翻页标记已过期"),
    "label_unknown": Kind(422, "代码不在代码表中"),
    "unit_unknown": Kind(422, "单位代码不存在"),
    "rule_refused": Kind(422, "裁定规则不能成立"),
    "file_unusable": Kind(422, "文件无法使用"),
    "job_kind_unknown": Kind(422, "没有这种任务"),
    "job_argument": Kind(422, "任务的参数不对"),
    "dispute_state_unknown": Kind(422, "没有这种异议状态"),
    "override_field": Kind(422, "不能改这个字段"),
    "override_empty": Kind(422, "没有要改的内容"),
    "idempotency_key_reused": Kind(422, "幂等键已用于别的内容"),
    "rate_limited": Kind(429, "请求过于频繁"),
    "locked_out": Kind(429, "输错次数过多"),
    "head_too_large": Kind(431, "请求头过大"),
    "vault_damaged": Kind(500, "保险库里的原文打不开"),
    "webhook_secret": Kind(500, "外发的签名密钥打不开"),
    "vault_key_missing": Kind(500, "缺少保险库的密钥"),
    "internal_error": Kind(500, "服务内部错误"),
    "overloaded": Kind(503, "服务繁忙"),
    "not_ready": Kind(503, "服务尚未就绪"),
    "index_not_ready": Kind(503, "相似工单的索引尚未就绪"),
    "store_unavailable": Kind(503, "数据库暂时不可用"),
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
        extra: Mapping[str, Json] | None = None,
    ) -> None:
        super().__init__(code)
        kind = PROBLEMS.get(code) or Kind(422, REASONS[code])
        self.code = code
        self.status = kind.status
        self.title = kind.title
        self.detail = detail
        self.errors = errors
        self.headers = headers
        self.extra = extra or {}

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
                **self.extra,
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
