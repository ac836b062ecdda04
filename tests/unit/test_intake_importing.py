"""Importing files: all or nothing, every row accounted for, no personal data left behind."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

from triage.catalogue import Catalogue
from triage.errors import UnusableFile
from triage.intake.codes import CatalogueCodes
from triage.intake.headers import Headers
from triage.intake.importing import import_files
from triage.intake.labelled import ReadingRules
from triage.intake.rejects import rejects_path
from triage.intake.summary import ImportSummary

PHONE = re.compile(r"1\d{10}")
RULES = ReadingRules(
    headers=Headers.load(),
    codes=CatalogueCodes(Catalogue.load()),
    mask_text=lambda text: PHONE.sub("<手机号>", text),
)


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def run(tmp_path: Path, *paths: Path) -> ImportSummary:
    return import_files(paths, tmp_path / "out.jsonl", rules=RULES)


def records(tmp_path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]


def rejects(tmp_path: Path) -> list[dict[str, str]]:
    with (tmp_path / "out.rejects.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_rows_go_to_the_output_or_to_the_rejects_with_their_place(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv", "编号,内容,区县", "1,路灯不亮,渝中区", "2,,渝中区", "3,井盖,火星"
    )
    summary = run(tmp_path, path)
    assert (summary.records, summary.rejected) == (1, 2)
    assert summary.reasons == {"field_blank": 1, "unknown_code": 1}
    assert [record["id"] for record in records(tmp_path)] == ["1"]
    assert [(r["file"], r["row"], r["field"], r["code"]) for r in rejects(tmp_path)] == [
        (str(path), "3", "text", "field_blank"),
        (str(path), "4", "district", "unknown_code"),
    ]
    assert rejects(tmp_path)[1]["text"] == "井盖"


def test_several_files_of_several_formats_become_one(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", "编号,内容", "1,路灯不亮")
    second = write(tmp_path / "b.jsonl", '{"id": 2, "text": "井盖丢失"}')
    summary = run(tmp_path, first, second)
    assert [file.records for file in summary.files] == [1, 1]
    assert [record["text"] for record in records(tmp_path)] == ["路灯不亮", "井盖丢失"]


def test_a_second_row_of_one_id_is_refused_by_the_place_of_the_first(tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", "编号,内容", "1,路灯不亮")
    second = write(tmp_path / "b.csv", "编号,内容", "2,停水", "1,井盖丢失")
    run(tmp_path, first, second)
    [refused] = rejects(tmp_path)
    assert (refused["row"], refused["code"]) == ("3", "duplicate_id")
    assert "a.csv 第 2 行" in refused["reason"]


def test_the_same_row_of_two_files_of_one_name_is_a_duplicate(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    first = write(tmp_path / "a.csv", "编号,内容", "1,路灯不亮")
    second = write(tmp_path / "x" / "a.csv", "编号,内容", "1,路灯不亮")
    assert run(tmp_path, first, second).reasons == {"duplicate_id": 1}


def test_equal_content_without_ids_is_refused_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "内容,一级标签", "路灯不亮,A", "路灯不亮,B", "井盖,A")
    assert run(tmp_path, path).reasons == {"duplicate_content": 1}


def test_no_personal_data_reaches_either_file(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        "编号,内容,姓名,联系电话,登记人,街道,来源",
        "1,请回电13800001111,赵小明,13800001111,钱小红,,13800001111",
        "2,请回电13800001111,赵小明,13800001111,钱小红,13800001111,",
        "3,请回电13800001111,赵小明,13800001111,钱小红,,,多出",
    )
    summary = run(tmp_path, path)
    assert (summary.records, summary.rejected) == (1, 2)
    written = (tmp_path / "out.jsonl").read_text("utf-8")
    written += (tmp_path / "out.rejects.csv").read_text("utf-8")
    for secret in ("13800001111", "赵小明", "钱小红"):
        assert secret not in written


def test_a_number_cut_by_the_shortening_of_a_cell_does_not_survive_in_part(tmp_path: Path) -> None:
    text = "路" * 1995 + "13800001111" + "灯" * 99
    run(tmp_path, write(tmp_path / "a.csv", "编号,内容,区县", f"1,{text},火星"))
    assert rejects(tmp_path)[0]["text"] == "路" * 1995 + "…"


def test_rejects_are_inert_in_a_spreadsheet_and_can_be_imported_again(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "编号,内容,区县", "1,=1+1,火星区", "2,井盖,火星区")
    run(tmp_path, path)
    corrected = (tmp_path / "out.rejects.csv").read_text("utf-8-sig").replace("火星区", "渝中区")
    again = write(tmp_path / "corrected.csv", corrected)
    assert run(tmp_path, again).records == 2
    assert [record["text"] for record in records(tmp_path)] == ["'=1+1", "井盖"]


def test_importing_the_output_again_changes_nothing(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        "内容,来电时间,区县,渠道,诉求类型,紧急程度,标记,协办单位",
        "路灯不亮13800001111,2025-05-01 08:00,渝中区,电话,投诉,一般,欠薪,公安;水利",
    )
    run(tmp_path, path)
    first = (tmp_path / "out.jsonl").read_bytes()
    import_files([tmp_path / "out.jsonl"], tmp_path / "again.jsonl", rules=RULES)
    assert (tmp_path / "again.jsonl").read_bytes() == first


@pytest.mark.parametrize(
    "bad",
    [
        "编号,内容\n",
        "编号,标题\n1,灯\n",
        '编号,内容\n1,灯\n2,"井盖\n',
        "编号,内容\n1,灯\n" + "x" * 9_000_000,
    ],
)
def test_one_unusable_file_leaves_both_outputs_as_they_were(tmp_path: Path, bad: str) -> None:
    good = write(tmp_path / "good.csv", "编号,内容", "9,停水")
    run(tmp_path, good)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    (tmp_path / "bad.csv").write_text(bad, "utf-8")
    with pytest.raises(UnusableFile, match=r"bad\.csv："):
        run(tmp_path, write(tmp_path / "good.csv", "编号,内容", "9,停水"), tmp_path / "bad.csv")
    (tmp_path / "bad.csv").unlink()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_output_that_would_replace_an_input_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "out.jsonl", '{"id": 1, "text": "灯"}')
    with pytest.raises(UnusableFile, match="输出会覆盖输入文件"):
        run(tmp_path, path)
    corrected = write(tmp_path / "out.rejects.csv", "编号,内容", "1,灯")
    with pytest.raises(UnusableFile, match="输出会覆盖输入文件"):
        run(tmp_path, corrected)


def test_an_output_that_is_a_folder_or_cannot_be_made_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "编号,内容", "1,灯")
    with pytest.raises(UnusableFile, match="输出位置是文件夹"):
        import_files([path], tmp_path, rules=RULES)
    with pytest.raises(UnusableFile, match="输出位置是文件夹"):
        import_files([path], Path(), rules=RULES)
    with pytest.raises(UnusableFile, match=r"无法(读写|写入)"):
        import_files([path], path / "out.jsonl", rules=RULES)


def test_progress_adds_up_to_the_size_of_the_files(tmp_path: Path) -> None:
    lines = [f"{i},第{i}盏路灯不亮" for i in range(2000)]
    path = write(tmp_path / "a.csv", "编号,内容", *lines)
    steps: list[int] = []
    import_files([path], tmp_path / "out.jsonl", rules=RULES, progress=steps.append)
    assert sum(steps) == path.stat().st_size
    assert min(steps) > 0


def test_the_summary_for_scripts_says_how_each_file_was_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "编号,内容,备注", "1,灯,x", "2,,y")
    summary = run(tmp_path, path).to_json()
    assert summary["rejects"] == str(tmp_path / "out.rejects.csv")
    assert summary["files"] == [
        {
            "file": str(path),
            "type": "csv",
            "encoding": "utf-8",
            "delimiter": ",",
            "sheet": None,
            "columns": {"编号": "id", "内容": "text"},
            "unused": ["备注"],
            "rows": 2,
            "records": 1,
            "rejected": 1,
            "reasons": {"field_blank": 1},
        }
    ]


def test_the_rejects_stand_beside_the_output() -> None:
    assert rejects_path(Path("x/a.b.jsonl")) == Path("x/a.b.rejects.csv")
    assert rejects_path(Path("out")) == Path("out.rejects.csv")
