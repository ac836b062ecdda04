"""`triage import` as a user meets it: exit codes, what is written, what is said."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from triage.cli import main

PROGRAM = "from triage.cli import main; raise SystemExit(main())"
SHARED = Path(__file__).parents[3] / "shared" / "data"


def write(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode(encoding))
    return path


def test_clean_files_exit_0_and_are_stored_masked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = write(
        tmp_path / "网站.csv",
        "留言编号,留言主题,留言详情,留言时间,姓名",
        "W1,路灯,滨江路路灯坏了，请联系13800001111,2025/5/1 9:30,赵小明",
        encoding="gb18030",
    )
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["热线工单导出表"])
    sheet.append(["工单编号", "诉求内容", "区县", "诉求类型"])
    sheet.append([1001, "小区停水两天", "渝中区", "求助"])
    book.save(tmp_path / "热线.xlsx")
    out = tmp_path / "new" / "x.jsonl"

    assert main(["import", str(first), str(tmp_path / "热线.xlsx"), "--out", str(out)]) == 0

    stored = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [record["id"] for record in stored] == ["W1", "1001"]
    assert stored[0]["received_at"] == "2025-05-01T01:30:00Z"
    assert stored[1]["request_type"] == "HELP"
    assert "13800001111" not in out.read_text("utf-8")
    assert "赵小明" not in out.read_text("utf-8")
    said = capsys.readouterr()
    assert said.out == ""
    assert "导入 2 条" in said.err
    assert "未读取的列：姓名" in said.err


def test_rejected_rows_exit_1_and_are_summed_up_by_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.csv", "编号,内容,区县", "1,路灯不亮,渝中区", "2,井盖,火星区", "3,,")
    assert main(["import", str(path), "--out", str(tmp_path / "x.jsonl")]) == 1
    said = capsys.readouterr().err
    assert "拒收 2 行" in said
    assert "1 行：值不在代码表中，待核（unknown_code）" in said
    assert (tmp_path / "x.rejects.csv").is_file()


def test_the_summary_for_scripts_is_json_on_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.csv", "编号,内容", "1,路灯不亮")
    assert main(["import", str(path), "--out", str(tmp_path / "x.jsonl"), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["rows"], summary["records"], summary["rejected"]) == (1, 1, 0)


def test_an_unusable_file_exits_2_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = write(tmp_path / "a.csv", "编号,内容", "1,路灯不亮")
    bad = tmp_path / "b.xlsx"
    bad.write_bytes(b"PK\x03\x04")
    out = tmp_path / "new" / "x.jsonl"
    assert main(["import", str(good), str(bad), "--out", str(out)]) == 2
    assert "b.xlsx" in capsys.readouterr().err
    assert not out.parent.exists()


def test_a_users_headers_and_lists_are_used(tmp_path: Path) -> None:
    headers = write(tmp_path / "h.csv", "列名,字段", "群众反映,text")
    path = write(tmp_path / "a.csv", "编号,群众反映,承办单位", "1,路灯不亮,公安")
    out = tmp_path / "x.jsonl"
    words = ["import", str(path), "--out", str(out), "--headers", str(headers)]
    assert main(words) == 0
    assert json.loads(out.read_bytes())["lead_unit"] == "公安"
    assert main([*words, "--strict-codes"]) == 0
    assert json.loads(out.read_bytes())["lead_unit"] == "POLICE"
    assert main([*words, "--catalogue", str(tmp_path / "none")]) == 2


def test_the_bar_stays_silent_where_nobody_watches(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "编号,内容", "1,路灯不亮")
    done = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, "import", path, "--out", tmp_path / "x.jsonl"],
        capture_output=True,
        check=False,
        env={"PYTHONUTF8": "1"},
    )
    assert done.returncode == 0
    assert b"\r" not in done.stderr


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the developers' folder ../shared is absent")
@pytest.mark.parametrize(
    ("name", "records", "rejected"),
    [
        ("labelled/gold_dev.csv", 599, 0),
        # 6 messages stand twice, word for word, and have no number.
        ("tipdm2020c/topics7_train.csv", 7074, 6),
    ],
)
@pytest.mark.slow
def test_the_real_files_are_accepted_as_they_are(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    records: int,
    rejected: int,
) -> None:
    words = ["import", str(SHARED / name), "--out", str(tmp_path / "x.jsonl"), "--json"]
    assert main(words) == (1 if rejected else 0)
    summary = json.loads(capsys.readouterr().out)
    assert (summary["records"], summary["rejected"]) == (records, rejected)
