"""Labelled JSONL as evaluation and training read it: masked, validated, one fingerprint."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evaluation.truth import fingerprint, labels_of, read_examples
from triage.errors import UnusableFile

ROW = {
    "id": "a1",
    "title": "路灯不亮",
    "text": "滨江路路灯坏了三天，联系电话13800001111",
    "received_at": "2025-05-01T09:30:00+08:00",
    "style": "note",
    "topic": "SZ01",
    "topic2": None,
    "request_type": "COMPLAINT",
    "urgency": 3,
    "lead_unit": "URBAN_MGMT",
    "support_units": [],
    "flags": ["REPEAT"],
}


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def test_a_row_is_read_masked_with_its_labels(tmp_path: Path) -> None:
    [example] = read_examples([write(tmp_path / "x.jsonl", ROW)])
    assert "13800001111" not in example.text
    assert example.received_at == datetime(2025, 5, 1, 1, 30, tzinfo=UTC)
    assert example.request.text == example.document.text == example.text
    assert {
        name: labels_of(example, name) for name in ("topic", "urgency", "support_units", "flags")
    } == {
        "topic": ("SZ01",),
        "urgency": ("3",),
        "support_units": (),
        "flags": ("REPEAT",),
    }


def test_an_absent_label_is_not_an_empty_one(tmp_path: Path) -> None:
    path = write(
        tmp_path / "x.jsonl", {"id": "1", "text": "路灯坏了"}, ROW, ROW | {"topic2": "ZF01"}
    )
    bare, without, with_second = read_examples([path])
    assert [labels_of(e, "topic2") for e in (bare, without, with_second)] == [
        None,
        (),
        ("PRESENT",),
    ]
    assert labels_of(bare, "flags") is None
    assert labels_of(bare, "urgency") is None


def test_blank_lines_are_passed_over_and_a_missing_id_is_the_place(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('\n{"text": "路灯坏了", "topic": "SZ01"}\n\n', "utf-8")
    [example] = read_examples([path])
    assert example.id == f"{path}:2"


def test_several_files_are_read_in_order(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a.jsonl", ROW), write(tmp_path / "b.jsonl", ROW | {"id": "b"})
    assert [example.id for example in read_examples([second, first])] == ["b", "a1"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([], "应为 JSON 对象"),
        ({"id": "1"}, "缺少必填字段 text"),
        (ROW | {"text": "  "}, "空白"),
        (ROW | {"topic": 5}, "topic 为 5：应为字符串"),
        (ROW | {"topic": ["SZ01"]}, "topic 为 数组"),
        (ROW | {"urgency": 7}, "urgency 为 7：应为0 到 4"),
        (ROW | {"urgency": "3"}, "urgency 为 3"),
        (ROW | {"urgency": True}, "urgency"),
        (ROW | {"urgency": 2.0}, "urgency"),
        (ROW | {"flags": "SAFETY;VULN"}, "flags"),
        (ROW | {"flags": [None]}, "flags"),
        (ROW | {"received_at": "昨天"}, "received_at"),
    ],
)
def test_a_row_that_is_none_is_refused_with_its_place(
    tmp_path: Path, row: object, said: str
) -> None:
    path = write(tmp_path / "x.jsonl", ROW, row)
    with pytest.raises(UnusableFile, match=r"x\.jsonl:2") as caught:
        read_examples([path])
    assert said in caught.value.message


def test_broken_json_missing_and_empty_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"id": "1", "text"')
    with pytest.raises(UnusableFile, match=r"x\.jsonl:1"):
        read_examples([path])
    path.write_bytes(b"\n\n")
    with pytest.raises(UnusableFile, match="数据为空"):
        read_examples([path])
    with pytest.raises(UnusableFile, match="无法读取"):
        read_examples([tmp_path / "none.jsonl"])
    with pytest.raises(UnusableFile, match="无法读取"):
        read_examples([tmp_path])


def test_messages_hold_no_text_of_the_request(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", ROW | {"urgency": 9})
    with pytest.raises(UnusableFile) as caught:
        read_examples([path])
    assert "路灯" not in caught.value.message


def test_odd_characters_are_cleaned(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(
        '{"id": "1", "text": "路灯\\u0000坏了\\ud800", "topic": " SZ01\\u0000 "}\n', "utf-8"
    )
    examples = read_examples([path])
    assert examples[0].topic == "SZ01"
    assert examples[0].text == "路灯 坏了\ufffd"
    assert len(fingerprint(examples)) == 64


def test_the_fingerprint_follows_content_labels_and_order(tmp_path: Path) -> None:
    one, other = write(tmp_path / "a.jsonl", ROW), write(tmp_path / "b.jsonl", ROW | {"id": "b"})
    changed = write(tmp_path / "c.jsonl", ROW | {"urgency": 4})
    marks = [
        fingerprint(read_examples(paths))
        for paths in ([one, other], [other, one], [one], [changed])
    ]
    assert len(set(marks)) == 4


def test_a_field_that_is_not_said_does_not_change_the_fingerprint(tmp_path: Path) -> None:
    short = {"id": "1", "text": "路灯坏了", "topic": "SZ01"}
    long = short | {"title": None, "district": None, "township": None, "source": None}
    paths = [write(tmp_path / "a.jsonl", short), write(tmp_path / "b.jsonl", long)]
    first, second = (fingerprint(read_examples([path])) for path in paths)
    assert first == second
    # sha256 of {"id":"1","text":"路灯坏了","title":"","topic":"SZ01"} and a line feed
    assert first.startswith("df775634")
