"""Headers: many names for one field, a user's names first, personal columns never read."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.errors import UnusableFile
from triage.intake.headers import Headers

SHIPPED = Headers.load()


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("留言主题", "title"),
        ("留言详情", "text"),
        ("诉求内容", "text"),
        ("工单内容", "text"),
        ("内容", "text"),
        ("detail", "text"),
        ("一级标签", "topic"),
        ("承办单位", "lead_unit"),
        ("协办单位", "support_units"),
        ("来电时间", "received_at"),
        ("留言时间", "received_at"),
        ("区县", "district"),
        ("街道", "township"),
        ("镇街", "township"),
        ("渠道", "channel"),
        ("来源渠道", "channel"),
        ("工单编号", "id"),
        ("留言编号", "id"),
        ("uid", "id"),
        ("诉求类型", "request_type"),
        ("紧急程度", "urgency"),
        ("标记", "flags"),
        ("group", "group"),
    ],
)
def test_a_known_header_feeds_its_field(header: str, field: str) -> None:
    assert SHIPPED.assign([header]) == {0: field}


@pytest.mark.parametrize(
    "header",
    [
        "诉求内容：",
        "＊诉求内容",
        " 诉求 内容 ",
        "诉求内容（必填）",
        "\ufeff诉求内容",
        "TEXT",
        "ｔｅｘｔ",
    ],
)
def test_marks_width_and_case_around_a_header_do_not_matter(header: str) -> None:
    assert SHIPPED.assign([header]) == {0: "text"}


def test_the_labelled_files_headers_are_all_read_but_the_reading_count() -> None:
    labels = ["topic", "topic2", "request_type", "urgency", "lead_unit", "support_units", "flags"]
    names = ["uid", "group", "title", "detail", *labels, "passes"]
    header = SHIPPED.locate([names])
    assert header is not None
    assert header.unused == ("passes",)
    assert list(header.fields.values()) == ["id", "group", "title", "text", *labels]


def test_the_earlier_name_of_the_table_wins_and_the_other_column_is_unused() -> None:
    header = SHIPPED.locate([["二级标签", "一级标签", "内容"]])
    assert header is not None
    assert header.fields == {1: "topic", 2: "text"}
    assert header.unused == ("二级标签",)


def test_requester_columns_feed_nothing() -> None:
    assert SHIPPED.assign(["姓名", "联系电话", "身份证号", "来电人", "家庭住址"]) == {}


def test_the_header_is_found_below_a_title() -> None:
    rows: list[list[object]] = [
        ["某市热线工单导出", None],
        [],
        ["编号", "诉求内容"],
        ["1", "路灯不亮"],
    ]
    header = SHIPPED.locate(rows)
    assert header is not None
    assert header.index == 2


def test_rows_without_a_column_of_texts_have_no_header() -> None:
    assert SHIPPED.locate([["编号", "标题"], ["1", "路灯"]]) is None


def test_a_users_table_comes_before_the_shipped_one(tmp_path: Path) -> None:
    path = tmp_path / "headers.csv"
    path.write_bytes("列名,字段\n群众说了啥,text\n内容,ignore\n二级标签,topic\n".encode("gb18030"))
    headers = Headers.load(path)
    assert headers.assign(["内容", "群众说了啥"]) == {1: "text"}
    assert headers.assign(["一级标签", "二级标签"]) == {1: "topic"}


@pytest.mark.parametrize("line", ["群众说了啥,texts", "群众说了啥", ",text", "a,text,b"])
def test_a_users_table_with_a_bad_line_is_refused_by_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "headers.csv"
    path.write_text(f"列名,字段\n诉求,text\n{line}\n", "utf-8")
    with pytest.raises(UnusableFile, match="第 3 行不是"):
        Headers.load(path)
