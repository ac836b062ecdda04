"""The one reader of written cases: what is wrong is named by file, line and field."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from evaluation import acceptance, dispatch, elements, life_safety, masking, matters_cases
from evaluation.case_lines import list_of, number_of, objects_of, read_lines, text_of
from evaluation.dispatch_boundaries import read_line_cases
from triage.errors import UnusableFile
from triage.request import Json

SHAPE = '{"id", "n"}'
READERS = [
    acceptance.read_cases,
    dispatch.read_disputes,
    elements.read_marked,
    life_safety.read_cases,
    masking.read_cases,
    matters_cases.read_cases,
    read_line_cases,
]


def pair(row: Mapping[str, Json]) -> tuple[str, int]:
    return text_of(row, "id"), number_of(row, "n")


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "cases.jsonl"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(path: Path) -> str:
    with pytest.raises(UnusableFile) as caught:
        read_lines(path, pair, SHAPE)
    return str(caught.value)


def test_cases_come_in_the_order_of_their_lines_and_blank_ones_are_passed_over(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, '{"id": "a", "n": 1}\n\n{"id": "b", "n": 2}\n')
    assert read_lines(path, pair, SHAPE) == (("a", 1), ("b", 2))


def test_only_a_newline_ends_a_line(tmp_path: Path) -> None:
    path = written(tmp_path, '{"id": "a\u2028b", "n": 1}\n')
    assert read_lines(path, pair, SHAPE) == (("a\u2028b", 1),)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "a"}', "缺少 “n”"),
        ('{"id": "a", "n": "1"}', "“n” 应为整数"),
        ('{"id": "a", "n": true}', "“n” 应为整数"),
        ('{"id": 1, "n": 1}', "“id” 应为文字"),
        ("[]", "不是 JSON 对象"),
        ('{"id" "a"}', "不是 JSON（第 7 个字符处）"),
    ],
)
def test_a_wrong_line_is_named_with_what_is_wrong_and_what_it_should_be(
    tmp_path: Path, line: str, said: str
) -> None:
    path = written(tmp_path, '{"id": "a", "n": 1}\n' + line)
    assert refusal(path) == f"{path} 第 2 行不是用例：{said}；应为 {SHAPE}"


def test_a_file_that_is_missing_empty_or_no_text_is_named(tmp_path: Path) -> None:
    assert "请检查路径" in refusal(tmp_path / "none.jsonl")
    assert "没有用例" in refusal(written(tmp_path, "\n"))
    assert "不是 UTF-8（第 1 个字节）" in refusal(written(tmp_path, b"\xff"))


def test_a_list_is_asked_for_by_name() -> None:
    with pytest.raises(TypeError, match="“x” 应为列表"):
        list_of({"x": "y"}, "x")
    with pytest.raises(TypeError, match="“x” 应为对象的列表"):
        objects_of({"x": [1]}, "x")


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__module__)
def test_every_reader_says_the_line_and_what_is_missing(tmp_path: Path, read: object) -> None:
    assert callable(read)
    with pytest.raises(UnusableFile, match=r"第 1 行不是用例：缺少 “\w+”；应为 \{"):
        read(written(tmp_path, '{"id": "a1"}\n'))
