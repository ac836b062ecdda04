"""Encodings: decided by strict decoding of every line, contradictions refused by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.errors import UnusableFile
from triage.intake.encodings import MAX_LINE, find_encoding

HEADER = "编号,诉求内容\n"
ROWS = "".join(f"{i},第{i}盏路灯不亮，请尽快修理\n" for i in range(200))


def write(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("codec", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, codec: str, found: str) -> None:
    assert find_encoding(write(tmp_path, (HEADER + ROWS).encode(codec))) == found


def test_ascii_is_utf8(tmp_path: Path) -> None:
    assert find_encoding(write(tmp_path, b"id,text\n1,lamp\n")) == "utf-8"


def test_rare_characters_of_gb18030_are_read(tmp_path: Path) -> None:
    # 㙟 and 𠮷 have four bytes in GB18030 and none in GBK.
    path = write(tmp_path, (HEADER + "1,㙟𠮷路的灯\n").encode("gb18030"))
    assert find_encoding(path) == "gb18030"


def test_a_short_line_that_happens_to_be_valid_utf8_does_not_mix_a_gbk_file(
    tmp_path: Path,
) -> None:
    # 锟斤拷 in GBK is EF BF BD EF BF BD: two valid characters of UTF-8.
    path = write(tmp_path, (HEADER + ROWS + "锟斤拷\n").encode("gb18030"))
    assert find_encoding(path) == "gb18030"


def test_two_encodings_in_one_file_are_refused_by_line(tmp_path: Path) -> None:
    content = HEADER.encode() + "1,路灯不亮请修理\n".encode() + "2,下水道堵了\n".encode("gb18030")
    with pytest.raises(UnusableFile, match=r"第 1 行是 UTF-8，第 3 行不是"):
        find_encoding(write(tmp_path, content))


def test_a_mark_of_utf8_before_other_bytes_is_refused(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + "编号\n".encode("gb18030")
    with pytest.raises(UnusableFile, match=r"BOM.*第 1 行不是"):
        find_encoding(write(tmp_path, content))


def test_a_character_cut_in_two_at_the_end_reads_as_truncation(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match=r"第 201 行.*截断"):
        find_encoding(write(tmp_path, (HEADER + ROWS).encode()[:-2]))


def test_bytes_of_no_known_encoding_are_refused_by_line(tmp_path: Path) -> None:
    content = HEADER.encode("gb18030") + b"1,\xff\xff\xff\n"
    with pytest.raises(UnusableFile, match="第 2 行既不是 UTF-8 也不是 GB18030"):
        find_encoding(write(tmp_path, content))


def test_a_file_without_line_ends_is_refused_before_it_is_read_whole(tmp_path: Path) -> None:
    path = write(tmp_path, b"id,text\n" + b"x" * (MAX_LINE + 1))
    with path.open("r+b") as file:
        file.truncate(200 * 1024 * 1024)  # a sparse tail of zeros makes it 200 MB
    with pytest.raises(UnusableFile, match="第 2 行超过 8 MB 仍没有换行"):
        find_encoding(path)
