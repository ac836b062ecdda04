from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from triage.catalogue import Catalogue, Problem, check_folder
from triage.catalogue.folder import shipped_folder
from triage.errors import CatalogueError

HEAD = "code,name,kind,parent,national_code,successor,aliases,"
REGIONS = f"{HEAD}valid_from,valid_to,recorded_from,recorded_to\n"

CONTEST = "crosswalks/tipdm2020c.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound folder to spoil: the shipped lists."""
    return Path(shutil.copytree(shipped_folder(), tmp_path / "city"))


def spoil(folder: Path, file: str, old: str, new: str) -> list[tuple[str, int | None, str | None]]:
    """Replace the first `old` in a list and return where problems are found."""
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return [(p.file, p.row, p.field) for p in check_folder(folder)]


def add(folder: Path, file: str, *rows: str) -> list[Problem]:
    """Append rows to a list and return the problems."""
    with (folder / file).open("a", encoding="utf-8") as stream:
        stream.writelines(f"{row}\n" for row in rows)
    return check_folder(folder)


def test_the_shipped_lists_are_sound() -> None:
    assert check_folder(shipped_folder()) == []


def test_a_missing_folder_is_one_problem(tmp_path: Path) -> None:
    problems = check_folder(tmp_path / "none")

    assert [problem.message for problem in problems] == ["没有这个文件夹"]


def test_every_missing_file_is_named(folder: Path) -> None:
    (folder / "units.csv").unlink()
    (folder / "catalogue.toml").unlink()

    assert [str(problem) for problem in check_folder(folder)] == [
        "catalogue.toml 缺少这个文件",
        "units.csv 缺少这个文件",
    ]


def test_a_missing_column_is_named_once(folder: Path) -> None:
    found = spoil(folder, "units.csv", "code,name,kind,scope", "code,name,sort,scope")

    assert found == [("units.csv", 1, "kind"), ("units.csv", 1, "sort")]


def test_a_column_of_ones_own_begins_with_x(folder: Path) -> None:
    path = folder / "boards.csv"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([f"{lines[0]},x_colour", *(f"{x},red" for x in lines[1:])]), "utf-8")

    assert check_folder(folder) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("topics.csv", ",HOUSING,TOWNSHIP,", ",HOUSNG,TOWNSHIP,", ("topics.csv", 2, "lead")),
        ("topics.csv", ",HOUSING,TOWNSHIP,", ",HOUSING,VILLAGE,", ("topics.csv", 2, "support")),
        ("topics.csv", ",HOUSING,TOWNSHIP,", ",,TOWNSHIP,", ("topics.csv", 2, "lead")),
        ("topics.csv", ",TOWNSHIP,", ",TOWNSHIP;TOWNSHIP,", ("topics.csv", 2, "support")),
        ("topics.csv", ",HOUSING,T", ",HOUSING;FIRE,T", ("topics.csv", 2, "lead")),
        ("topics.csv", "生产生活服务", "生活服务", ("topics.csv", 2, "board")),
        ("topics.csv", "ZF02,", "ZF01,", ("topics.csv", 3, "code")),
        ("topics.csv", "ZF02,", "ZF 2,", ("topics.csv", 3, "code")),
        ("units.csv", ",department,", ",ministry,", ("units.csv", 2, "kind")),
        ("acceptance.csv", "MALICIOUS,", "NASTY,", ("acceptance.csv", None, "code")),
        ("acceptance.csv", ",true", ",yes", ("acceptance.csv", 2, "automatic")),
        ("urgency_levels.csv", "\n4,", "\n7,", ("urgency_levels.csv", 6, "level")),
        ("regions.csv", ",district,500000,", ",district,999999,", ("regions.csv", 3, "parent")),
        ("townships.csv", ",500101,", ",500199,", ("townships.csv", 2, "district")),
        ("townships.csv", "太白街道", "高笋塘街道", ("townships.csv", 3, "name")),
        ("flags.csv", "VULN,特殊群体", "VULN", ("flags.csv", 4, None)),
        ("flags.csv", "VULN,特殊群体", 'VULN,"特殊"群体', ("flags.csv", 4, None)),
        (CONTEST, ",YJ01,", ",YJ77,", (CONTEST, 2, "target")),
        ("catalogue.toml", 'id = "chongqing"', 'id = "重庆"', ("catalogue.toml", None, "id")),
        ("catalogue.toml", 'id = "', 'id = ', ("catalogue.toml", None, None)),
        ("catalogue.toml", "2026-01-01", "明年", ("catalogue.toml", None, "effective")),
    ],
)  # fmt: skip
def test_a_spoiled_cell_is_found_by_file_and_row(
    folder: Path, file: str, old: str, new: str, place: tuple[str, int | None, str | None]
) -> None:
    assert place in spoil(folder, file, old, new)


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ("2026-02-30,", "valid_from"),
        ("2026/01/01,", "valid_from"),
        (",20260101", "valid_to"),
        ("2026-01-01,2026-01-01", "valid_from"),
        ("2026-01-02,2026-01-01", "valid_from"),
    ],
)
def test_a_date_that_cannot_be_is_found(folder: Path, dates: str, field: str) -> None:
    problems = add(folder, "flags.csv", f"NEW,新,,{dates}")

    assert [(problem.row, problem.field) for problem in problems] == [(9, field)]


def test_the_validity_of_one_code_may_not_overlap(folder: Path) -> None:
    problems = add(folder, "flags.csv", "NEW,新,,,2026-02-01", "NEW,新,,2026-01-01,")

    assert [problem.message for problem in problems] == ["代码重复：与第 9 行的有效期重叠"]


def test_the_validity_of_one_code_may_not_have_a_gap(folder: Path) -> None:
    problems = add(folder, "flags.csv", "NEW,新,,,2026-01-01", "NEW,新,,2026-02-01,")

    assert [problem.message for problem in problems] == [
        "有效期有空档：2026-01-01 至 2026-02-01（不含）"
    ]


def test_one_code_may_change_on_a_day(folder: Path) -> None:
    assert add(folder, "flags.csv", "NEW,旧称,,,2026-01-01", "NEW,新称,,2026-01-01,") == []


def test_a_topic_cannot_outlive_its_unit(folder: Path) -> None:
    found = spoil(folder, "units.csv", "FIRE,消防救援,department,消防通道、消防设施、火灾隐患,,",
                  "FIRE,消防救援,department,消防通道、消防设施、火灾隐患,,2027-01-01")  # fmt: skip

    topics = [place for place in found if place[0] == "topics.csv"]
    assert topics == [("topics.csv", 113, "lead")]  # GA08, the only topic that FIRE leads
    assert ("duties.csv", "lead") in {(file, field) for file, _, field in found}


def test_a_township_left_in_an_abolished_district_is_found(folder: Path) -> None:
    # the row that moved 石船镇 away is lost, the old one reopened: 渝北区 ended that day
    found = spoil(
        folder,
        "townships.csv",
        "500112142,石船镇,500112,,,2025-11-06,2025-11-06,\n"
        "500112142,石船镇,CQ-LJXQ,,2025-11-06,,2025-11-06,\n",
        "500112142,石船镇,500112,,,,2025-11-06,\n",
    )

    assert [(file, field) for file, _, field in found] == [("townships.csv", "district")]
    assert "自 2025-11-06 起无效" in check_folder(folder)[0].message


def test_a_ring_of_parents_is_found_once(folder: Path) -> None:
    problems = add(
        folder,
        "regions.csv",
        "Z1,甲区,zone,Z2,,,,,,,",
        "Z2,乙区,zone,Z3,,,,,,,",
        "Z3,丙区,zone,Z1,,,,,,,",
    )

    assert [(p.row, p.field, p.message) for p in problems] == [
        (48, "parent", "成环：沿着它会回到自己")
    ]


def test_a_successor_must_be_there_when_the_region_ends(folder: Path) -> None:
    problems = add(
        folder,
        "regions.csv",
        "Z1,甲区,zone,500000,,CQ-LJXQ,,,2020-01-01,,",
        "Z2,乙区,zone,500000,,CQ-LJXQ,,,,,",
        "Z3,丙区,zone,500000,,Z9,,,2020-01-01,,",
    )

    assert sorted((p.row or 0, p.message) for p in problems) == [
        (48, "承接者在 2020-01-01 无效"),
        (49, "仍然有效的区划没有承接者；请填 valid_to 或留空"),
        (50, "regions.csv 没有这个代码"),
    ]


def test_an_unreadable_list_does_not_raise_a_storm_of_unknown_codes(folder: Path) -> None:
    (folder / "units.csv").write_text("条线\n住建\n", "utf-8")

    assert {problem.file for problem in check_folder(folder)} == {"units.csv"}


def test_an_empty_list_makes_its_codes_unknown(folder: Path) -> None:
    (folder / "boards.csv").write_text("code,name,definition,valid_from,valid_to\n", "utf-8")

    problems = check_folder(folder)

    assert len(problems) == 127
    assert str(problems[0]) == "topics.csv:2 board “生产生活服务” boards.csv 没有这个名称"


@pytest.mark.parametrize(
    ("content", "row", "words"),
    [
        (b"", None, "文件是空的"),
        (b" \r\n \r\n", None, "文件是空的"),
        ("code,name,definition,valid_from,valid_to\nA,甲,,,\n".encode("gb18030"), 2, "UTF-8"),
        (b"\xff\xfe" + "code".encode("utf-16-le"), 1, "UTF-8"),
        (b"x" * 20_000_001, None, "超过上限"),
        (b"code,name,definition,valid_from,valid_to\n" + b"y" * 200_000, 2, "CSV"),
        (b"code,code,name,definition,valid_from,valid_to\n", 1, "表头重复"),
    ],
)
def test_a_file_that_is_no_list_is_one_clear_problem(
    folder: Path, content: bytes, row: int | None, words: str
) -> None:
    (folder / "flags.csv").write_bytes(content)

    (problem,) = check_folder(folder)

    assert (problem.file, problem.row) == ("flags.csv", row)
    assert words in problem.message


def test_excel_habits_are_no_problem(folder: Path) -> None:
    path = folder / "flags.csv"
    text = path.read_text("utf-8").replace("\n", "\r\n") + ",,,,\r\n\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("VULN,", " VULN ,").encode())

    assert check_folder(folder) == []
    assert "VULN" in Catalogue.load(folder).flags


def test_loading_an_unsound_folder_lists_the_problems(folder: Path) -> None:
    spoil(folder, "topics.csv", ",HOUSING,TOWNSHIP,", ",HOUSNG,TOWNSHIP,")

    with pytest.raises(
        CatalogueError, match=r"topics\.csv:2 lead “HOUSNG” units\.csv 没有这个代码"
    ):
        Catalogue.load(folder)


def test_an_error_message_quotes_ten_problems_and_counts_the_rest(folder: Path) -> None:
    (folder / "boards.csv").write_text("code,name,definition,valid_from,valid_to\n", "utf-8")

    with pytest.raises(CatalogueError, match=r"有 127 处问题(.|\n)*另有 117 处"):
        Catalogue.load(folder)


def test_a_long_or_odd_value_is_quoted_short_and_printable() -> None:
    problem = Problem("a.csv", 2, "name", "行\n" + "长" * 100, "不能")

    assert str(problem) == f"a.csv:2 name “行�{'长' * 37}…” 不能"
