"""Labelled records: masked texts, codes for names, nothing unknown let through."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from triage.catalogue import Catalogue
from triage.errors import InvalidRequest
from triage.intake.codes import CatalogueCodes
from triage.intake.headers import Headers
from triage.intake.labelled import LabelledRecord, ReadingRules, read_labelled
from triage.request import Json

PHONE = re.compile(r"1\d{10}")
RULES = ReadingRules(
    headers=Headers.load(),
    codes=CatalogueCodes(Catalogue.load()),
    mask_text=lambda text: PHONE.sub("<手机号>", text),
    now=datetime(2026, 3, 1, tzinfo=UTC),
)
STRICT = replace(RULES, strict_codes=True)


def read(rules: ReadingRules = RULES, /, **cells: object) -> LabelledRecord:
    return read_labelled({"id": "1", "text": "路灯不亮", **cells}, rules)


def labels(rules: ReadingRules = RULES, /, **cells: object) -> dict[str, Json]:
    return dict(read(rules, **cells).labels)


def refused(rules: ReadingRules = RULES, /, **cells: object) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        read(rules, **cells)
    return caught.value


def test_the_stored_form_has_every_key_of_a_request_and_the_labels_at_hand() -> None:
    record = read(
        title="路灯",
        received_at="2026/2/28 9:30",
        district="渝中区",
        channel="电话",
        group="g1",
        topic="SZ02",
        urgency="一般",
        flags="多次反映；SAFETY",
    )
    assert record.to_json() == {
        "id": "1",
        "title": "路灯",
        "text": "路灯不亮",
        "received_at": "2026-02-28T01:30:00Z",
        "district": "渝中区",
        "township": None,
        "channel": "PHONE",
        "source": None,
        "group": "g1",
        "topic": "SZ02",
        "urgency": 3,
        "flags": ["REPEAT", "SAFETY"],
    }


def test_title_and_text_are_masked() -> None:
    request = read(title="请回电13800001111", text="我的电话13800001111").request
    assert (request.title, request.text) == ("请回电<手机号>", "我的电话<手机号>")


@pytest.mark.parametrize("value", ["投诉", "投诉类", "COMPLAINT", "complaint", " 投诉 "])
def test_a_request_type_may_be_a_name_or_a_code(value: str) -> None:
    assert labels(request_type=value) == {"request_type": "COMPLAINT"}


@pytest.mark.parametrize("value", ["特急", "1", 1, 1.0])
def test_urgency_becomes_a_number(value: object) -> None:
    assert labels(urgency=value) == {"urgency": 1}


@pytest.mark.parametrize(
    "value",
    ["欠薪;多次反映", "欠薪；多次反映", "欠薪、多次反映、欠薪", ["WAGE", "REPEAT"], "WAGE,REPEAT"],
)
def test_lists_are_split_and_keep_their_order_once(value: object) -> None:
    assert labels(flags=value) == {"flags": ["WAGE", "REPEAT"]}


def test_an_empty_label_cell_is_null_and_an_absent_column_is_absent() -> None:
    assert labels(topic2="", urgency=None, flags=" ", support_units=None) == {
        "topic2": None,
        "urgency": None,
        "support_units": [],
        "flags": [],
    }
    assert labels() == {}


def test_foreign_topics_and_units_stay_as_they_are() -> None:
    assert labels(topic="城乡建设", lead_unit="某市住建局") == {
        "topic": "城乡建设",
        "lead_unit": "某市住建局",
    }


def test_a_label_that_no_list_vouches_for_is_masked() -> None:
    assert labels(lead_unit="城管局13800001111") == {"lead_unit": "城管局<手机号>"}


def test_strict_codes_map_topics_and_units_and_refuse_foreign_ones() -> None:
    assert labels(STRICT, lead_unit="公安", topic="SZ02") == {
        "topic": "SZ02",
        "lead_unit": "POLICE",
    }
    assert refused(STRICT, topic="城乡建设").code == "unknown_code"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("district", "火星区"),
        ("township", "无此街道"),
        ("channel", "飞鸽传书"),
        ("request_type", "闲聊"),
        ("urgency", "5"),
        ("flags", "欠薪;奇怪"),
    ],
)
def test_an_unknown_code_is_quarantined_by_field_and_value(field: str, value: str) -> None:
    error = refused(**{field: value})
    assert (error.code, error.field) == ("unknown_code", field)
    assert value.split(";")[-1] in error.message


def test_a_missing_id_becomes_a_hash_of_what_is_stored() -> None:
    first = read(id="", text="电话13800001111，路灯不亮")
    assert first.request.id == read(id=None, text="电话13900002222，路灯不亮").request.id
    assert first.request.id != read(id="", text="路灯不亮").request.id
    assert re.fullmatch(r"auto-[0-9a-f]{16}", first.request.id)
    assert not first.has_own_id


def test_labels_do_not_change_the_hash() -> None:
    assert read(id="", topic="A").request.id == read(id="", topic="B").request.id


@pytest.mark.parametrize("value", ["2.02405E+17", 202405010001234567.0])
def test_an_id_that_a_spreadsheet_rounded_is_refused(value: object) -> None:
    assert refused(id=value).code == "id_damaged"


@pytest.mark.parametrize(
    ("cells", "code", "field"),
    [
        ({"text": None}, "field_missing", "text"),
        ({"text": " "}, "field_blank", "text"),
        ({"text": {"a": 1}}, "field_type", "text"),
        ({"received_at": "前天下午"}, "time_invalid", "received_at"),
        ({"received_at": "2030-01-01"}, "time_in_future", "received_at"),
        ({"topic": "x" * 101}, "field_too_long", "topic"),
        ({"topic": ["A"]}, "field_type", "topic"),
        ({"group": "g" * 129}, "field_too_long", "group"),
        ({"flags": [["WAGE"]]}, "field_type", "flags"),
    ],
)
def test_a_broken_cell_has_its_code_and_field(
    cells: dict[str, object], code: str, field: str
) -> None:
    error = refused(**cells)
    assert (error.code, error.field) == (code, field)


def test_numbers_in_a_text_column_are_texts() -> None:
    assert read(text=12345.0).request.text == "12345"
