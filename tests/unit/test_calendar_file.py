"""A city's own working days: what a file may say, and that every slip in it is named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from triage.errors import PolicyError
from triage.workorder.calendar_file import load_calendar

HEAD = "date,working,note\n"


def write(folder: Path, *rows: str) -> Path:
    path = folder / "days.csv"
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows), "utf-8")
    return path


def test_days_of_the_file_stand_over_the_notice(tmp_path: Path) -> None:
    calendar = load_calendar(
        write(tmp_path, "2026-11-25,0,市庆 渝府发〔2026〕1 号", "2026-11-28,1,补班")
    )

    assert not calendar.is_working_day(date(2026, 11, 25))
    assert calendar.is_working_day(date(2026, 11, 28))


def test_a_year_row_says_that_its_notice_is_entered(tmp_path: Path) -> None:
    calendar = load_calendar(
        write(tmp_path, "2039,,国办发明电〔2038〕1 号", "2039-10-08,1,国庆节调休")
    )

    assert calendar.is_announced(2039)
    assert calendar.is_working_day(date(2039, 10, 8))  # a Saturday


def test_the_version_changes_with_the_content(tmp_path: Path) -> None:
    one = load_calendar(write(tmp_path, "2026-11-25,0,甲")).version
    other = load_calendar(write(tmp_path, "2026-11-26,0,甲")).version

    assert len({one, other, load_calendar().version}) == 3


def test_every_slip_is_named_with_row_and_remedy(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "2026/11/25,1,甲",
        "2026-11-26,是,乙",
        "2026-11-27,1,",
        "2026-11-28,0,丙",
        "2026-11-28,1,丁",
        "2027,1,戊",
    )

    with pytest.raises(PolicyError) as failure:
        load_calendar(path)

    assert failure.value.code == "policy_invalid"
    assert failure.value.message.splitlines() == [
        "工作日历有 5 处问题：",
        "  days.csv:2 date “2026/11/25” 不是日期；写成 2027-02-14，"
        "或写年份 2027 表示该年通知已全部录入",
        "  days.csv:3 working “是” 只能是 1（上班）或 0（放假）",
        "  days.csv:4 note 不能为空；请写依据，如通知文号",
        "  days.csv:6 date “2026-11-28” 这一天出现了两次；请只留一行",
        "  days.csv:7 working “1” 整年的行（已录入该年放假通知）这一格要留空",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"),
        (b"date,working\n2026-11-25,1\n", "note 缺少这一列"),
        ("date,working,note\n2026-11-25,1,市庆\n".encode("gbk"), "不是 UTF-8 编码"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "days.csv"
    path.write_bytes(content)

    with pytest.raises(PolicyError, match=said):
        load_calendar(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="没有这个文件"):
        load_calendar(tmp_path / "none.csv")
