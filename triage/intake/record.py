"""One request from decoded JSON: checked by hand, because every request of the service passes here.

`parse_request` costs a few microseconds (`tests/benchmarks/bench_import.py`). It knows nothing of
files, of code lists or of masking: an unknown district is a string like any other.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from triage.errors import InvalidRequest
from triage.intake.clean import clean, is_blank
from triage.intake.moments import from_iso
from triage.intake.reasons import refusal, shown, too_long, type_name, wrong_type
from triage.request import MAX_TEXT, CitizenRequest

MAX_ID = 128
MAX_TITLE = 1000
MAX_WORD = 100
"""Characters of district, township, channel and source."""

_FUTURE = timedelta(days=1)  # clocks of other systems run ahead; a day is a wrong date
_INT_LIMIT = 10**MAX_ID


def parse_request(value: object, *, now: datetime | None = None) -> CitizenRequest:
    """Read one request.

    Parameters
    ----------
    value
        Decoded JSON. Keys that are not of the contract are ignored.
    now
        Aware; the present when absent. A request may be at most one day ahead of it.

    Raises
    ------
    InvalidRequest
        With a code of `triage.intake.reasons.REASONS`, the field, and a remedy.
    """
    if not isinstance(value, dict):
        raise refusal(
            "not_an_object",
            f"一条诉求应为 JSON 对象，收到的是{type_name(value)}",
            '请写成 {"id": "…", "text": "…"}',
        )
    get = value.get
    return CitizenRequest(
        id=_id(get("id")),
        text=_text(get("text")),
        title=_title(get("title")),
        received_at=_received_at(get("received_at"), now),
        district=_word("district", get("district")),
        township=_word("township", get("township")),
        channel=_word("channel", get("channel")),
        source=_word("source", get("source")),
    )


def _id(value: object) -> str:
    if isinstance(value, str):
        text = clean(value)
    elif value is None:
        raise _missing("id")
    elif isinstance(value, int) and not isinstance(value, bool):
        # Python refuses to print integers of thousands of digits, so the size comes first.
        if not -_INT_LIMIT < value < _INT_LIMIT:
            raise too_long("id", MAX_ID + 1, limit=MAX_ID)
        text = str(value)
    else:
        raise wrong_type("id", value, wanted="字符串或整数")
    if len(text) > MAX_ID:
        raise too_long("id", len(text), limit=MAX_ID)
    if is_blank(text):
        raise _blank("id")
    return text


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _missing("text") if value is None else wrong_type("text", value, wanted="字符串")
    if len(value) > MAX_TEXT:
        raise too_long("text", len(value), limit=MAX_TEXT)
    text = clean(value)
    if is_blank(text):
        raise _blank("text")
    return text


def _title(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise wrong_type("title", value, wanted="字符串")
    if len(value) > MAX_TITLE:
        raise too_long("title", len(value), limit=MAX_TITLE)
    return clean(value)


def _word(field: str, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise wrong_type(field, value, wanted="字符串或 null")
    if len(value) > MAX_WORD:
        raise too_long(field, len(value), limit=MAX_WORD)
    word = clean(value).strip()
    return word or None


def _received_at(value: object, now: datetime | None) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise wrong_type("received_at", value, wanted="ISO 8601 字符串")
    if is_blank(value):
        return None
    try:
        moment = from_iso(value)
    except ValueError:
        raise refusal(
            "time_invalid",
            f"字段 received_at 的值“{shown(value)}”不是 ISO 8601 时间",
            "请写成 2026-03-01T09:30:00+08:00",
            field="received_at",
        ) from None
    if moment - (now or datetime.now(UTC)) > _FUTURE:
        raise refusal(
            "time_in_future",
            f"字段 received_at 的值 {moment.isoformat()} 晚于现在一天以上",
            "请核对日期与时区",
            field="received_at",
        )
    return moment


def _missing(field: str) -> InvalidRequest:
    return refusal("field_missing", f"缺少必填字段 {field}", "请补上它", field=field)


def _blank(field: str) -> InvalidRequest:
    return refusal("field_blank", f"字段 {field} 是空白", "请填写内容", field=field)
