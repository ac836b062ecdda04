"""Why a record is refused: the stable codes, and how the refusal is worded.

A message says what was wrong, the value (short, never a text) and what to do. A value may stand in
a wrong column, so long runs of digits are hidden before it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from triage.errors import InvalidRequest
from triage.intake.clean import clean

REASONS: Mapping[str, str] = {
    "not_an_object": "不是 JSON 对象",
    "json_invalid": "不是有效的 JSON",
    "row_malformed": "引号不符合 CSV 规则",
    "row_shape": "单元格多于表头的列",
    "field_missing": "缺少必填字段",
    "field_type": "字段类型不对",
    "field_too_long": "字段过长",
    "field_blank": "字段为空白",
    "time_invalid": "时间无法识别",
    "time_in_future": "时间在一天以后",
    "id_damaged": "编号被表格软件改成了近似数",
    "duplicate_id": "编号重复",
    "duplicate_content": "没有编号，且内容与前面的行相同",
    "unknown_code": "值不在代码表中，待核",
}
"""Every code that a refused record may carry → its meaning."""

_SHOWN = 24
_DIGITS = re.compile(r"\d{7,}")
_TYPES: Mapping[type, str] = {
    type(None): "null",
    bool: "布尔值",
    int: "整数",
    float: "小数",
    str: "字符串",
    list: "数组",
    dict: "对象",
}


def refusal(code: str, what: str, remedy: str, *, field: str | None = None) -> InvalidRequest:
    """Return the error for one broken rule.

    Raises
    ------
    ValueError
        For a code that `REASONS` does not document.
    """
    if code not in REASONS:
        raise ValueError(f"undocumented reason: {code}")
    return InvalidRequest(code, f"{what}；{remedy}", field=field)


def wrong_type(field: str, value: object, *, wanted: str) -> InvalidRequest:
    """Return the error for a value of a type that the field does not take."""
    return refusal(
        "field_type",
        f"字段 {field} 应为{wanted}，收到的是{type_name(value)}",
        f"请改成{wanted}",
        field=field,
    )


def too_long(field: str, length: int, *, limit: int) -> InvalidRequest:
    """Return the error for a value of more than `limit` characters."""
    return refusal(
        "field_too_long",
        f"字段 {field} 有 {length} 个字符，上限是 {limit}",
        "请缩短后重试",
        field=field,
    )


def type_name(value: object) -> str:
    """Return the Chinese name of a JSON type."""
    return _TYPES.get(type(value), type(value).__name__)


def shown(value: str) -> str:
    """Return a value as it may stand in a message: one short line, long numbers hidden."""
    line = " ".join(clean(_DIGITS.sub("…", value)).split())
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "…"
