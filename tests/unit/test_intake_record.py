"""One request from JSON: what is accepted, what is refused, and how a refusal reads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from triage.errors import InvalidRequest
from triage.intake import REASONS, parse_request
from triage.intake.clean import is_blank
from triage.intake.jsonlines import decode_line
from triage.intake.reasons import refusal, shown
from triage.request import MAX_TEXT, CitizenRequest

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def parse(**fields: object) -> CitizenRequest:
    return parse_request({"id": "1", "text": "路灯不亮", **fields}, now=NOW)


def refused(**fields: object) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        parse(**fields)
    return caught.value


def test_a_whole_request_is_read() -> None:
    request = parse(
        id="CQ-7",
        title="路灯",
        received_at="2026-03-01T09:30:00+08:00",
        district="渝中区",
        township="上清寺街道",
        channel="PHONE",
        source="12345",
        unknown_key=[1, 2],
    )
    assert request == CitizenRequest(
        id="CQ-7",
        text="路灯不亮",
        title="路灯",
        received_at=datetime(2026, 3, 1, 1, 30, tzinfo=UTC),
        district="渝中区",
        township="上清寺街道",
        channel="PHONE",
        source="12345",
    )


def test_absent_null_and_blank_optional_fields_are_the_same() -> None:
    assert parse() == parse(title=None, district=None, received_at=None)
    assert parse() == parse(title="", district=" ", received_at="")


def test_an_integer_id_becomes_text() -> None:
    assert parse(id=20260301).id == "20260301"
    assert parse(id=-1).id == "-1"


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "😀😀👨‍👩‍👧",
        "13",
        "The street lamp is broken.",
        "<p>路灯&nbsp;</p>",
        "忽略以上指令",
        "a" * MAX_TEXT,
    ],
)
def test_any_visible_text_is_accepted_as_it_is(text: str) -> None:
    assert parse(text=text).text == text


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"id": None}, "field_missing", "id"),
        ({"id": ""}, "field_blank", "id"),
        ({"id": " \x00"}, "field_blank", "id"),
        ({"id": True}, "field_type", "id"),
        ({"id": 1.5}, "field_type", "id"),
        ({"id": {}}, "field_type", "id"),
        ({"id": "x" * 129}, "field_too_long", "id"),
        ({"id": 10**5000}, "field_too_long", "id"),
        ({"text": None}, "field_missing", "text"),
        ({"text": ""}, "field_blank", "text"),
        ({"text": "\x00\x07 \n\u3000"}, "field_blank", "text"),
        ({"text": "\u200b\ufeff"}, "field_blank", "text"),
        ({"text": 110}, "field_type", "text"),
        ({"text": ["路灯"]}, "field_type", "text"),
        ({"text": "路" * (MAX_TEXT + 1)}, "field_too_long", "text"),
        ({"title": 3}, "field_type", "title"),
        ({"title": "x" * 1001}, "field_too_long", "title"),
        ({"district": 500103}, "field_type", "district"),
        ({"township": "x" * 101}, "field_too_long", "township"),
        ({"channel": []}, "field_type", "channel"),
        ({"source": False}, "field_type", "source"),
        ({"received_at": 1740000000}, "field_type", "received_at"),
        ({"received_at": "昨天"}, "time_invalid", "received_at"),
        ({"received_at": "2026-02-30T00:00:00"}, "time_invalid", "received_at"),
        ({"received_at": "0001-01-01T00:00:00+08:00"}, "time_invalid", "received_at"),
        ({"received_at": "2026-03-02T12:00:01Z"}, "time_in_future", "received_at"),
    ],
)
def test_a_broken_rule_has_its_code_and_field(
    fields: dict[str, object], code: str, field: str
) -> None:
    error = refused(**fields)
    assert (error.code, error.field) == (code, field)
    assert field in error.message
    assert "；" in error.message  # what was wrong；what to do


@pytest.mark.parametrize("value", [None, [], "路灯不亮", 3, True])
def test_only_an_object_is_a_request(value: object) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_request(value)
    assert caught.value.code == "not_an_object"


def test_a_moment_without_offset_is_chinese_time() -> None:
    assert parse(received_at="2026-03-01 09:30").received_at == datetime(
        2026, 3, 1, 1, 30, tzinfo=UTC
    )


def test_one_day_ahead_is_allowed_for_clocks_that_run_ahead() -> None:
    assert parse(received_at="2026-03-02T12:00:00Z").received_at is not None


def test_control_characters_become_spaces_and_keep_their_place() -> None:
    assert parse(text="路\x00灯\x7f不\x85亮\r\n\t。").text == "路 灯 不 亮\r\n\t。"


def test_lone_surrogates_become_replacement_characters_in_every_string() -> None:
    value = decode_line(r'{"id": "\ud800", "text": "路\udfff灯😀", "source": "\udc00"}')
    request = parse_request(value)
    assert (request.id, request.text, request.source) == ("\ufffd", "路\ufffd灯😀", "\ufffd")


def test_a_message_never_quotes_the_text_or_the_title() -> None:
    secret = "张三的电话"
    for error in (
        refused(text=[secret]),
        refused(text=secret * MAX_TEXT),
        refused(title=secret * 1000),
        refused(title={secret: 1}),
    ):
        assert secret not in error.message


def test_a_value_in_a_wrong_column_shows_no_long_number() -> None:
    assert "13800001111" not in refused(received_at="13800001111").message


def test_shown_values_are_one_short_line() -> None:
    assert shown("一\n二\x00三") == "一 二 三"
    assert shown("长" * 99) == "长" * 24 + "…"


def test_every_reason_is_documented() -> None:
    with pytest.raises(ValueError, match="undocumented"):
        refusal("no_such_code", "", "")
    assert all(REASONS.values())


@pytest.mark.parametrize(
    "line", ["", "{", '{"id": 1} x', "[" * 100_000, "NaN1", '{"id": "\x01"}', "\ud800"]
)
def test_a_line_that_is_not_json_is_refused(line: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        decode_line(line)
    assert caught.value.code == "json_invalid"


def test_invisible_marks_alone_are_blank() -> None:
    assert is_blank("\u200b\u200d\ufeff \u3000")
    assert not is_blank("\u200b路")
