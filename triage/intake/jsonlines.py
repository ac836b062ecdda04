"""One JSON value a line. A line that is not JSON is a broken row, never the end of the file."""

from __future__ import annotations

import json
from pathlib import Path

import orjson

from triage.errors import InvalidRequest
from triage.intake.headers import Headers
from triage.intake.reasons import refusal, type_name
from triage.intake.rows import BrokenRow, Row, Rows
from triage.intake.textlines import LineFeed, open_lines


def decode_line(line: str | bytes) -> object:
    """Decode one line of JSON; lone surrogates are let through for `clean` to replace.

    Raises
    ------
    InvalidRequest
        With the code `json_invalid`.
    """
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        column = error.colno
    try:
        # orjson refuses lone surrogates, which JSON allows.
        return json.loads(line)
    except (ValueError, RecursionError):
        raise refusal(
            "json_invalid",
            f"不是有效的 JSON（第 {column} 个字符附近）",
            "请改成一行一个完整的 JSON 对象",
        ) from None


def json_rows(path: Path, *, encoding: str, headers: Headers) -> Rows:
    """Yield the objects of a JSONL file by field name; blank lines are passed over."""
    with open_lines(path, encoding) as feed:
        for line in feed:
            feed.begin_record()
            if not line.isspace():
                yield _row(line, feed, headers)


def _row(line: str, feed: LineFeed, headers: Headers) -> Row | BrokenRow:
    try:
        value = decode_line(line)
        if not isinstance(value, dict):
            raise refusal("not_an_object", f"这一行是{type_name(value)}", "请写成 JSON 对象")
    except InvalidRequest as error:
        return BrokenRow(feed.number, error.code, error.message, feed.offset())
    fields = headers.assign_names(tuple(value))
    cells = {field: value[name] for name, field in fields.items()}
    return Row(feed.number, cells, feed.offset())
