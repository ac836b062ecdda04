"""The command that measures the extraction of elements."""

import json
from pathlib import Path

import pytest

from triage.cli import main

LINE = {
    "id": "a",
    "text": "渝北区路灯昨天坏的，希望维修",
    "elements": [
        {"type": "place", "start": 0, "end": 3},
        {"type": "object", "start": 3, "end": 5},
        {"type": "time", "start": 5, "end": 7},
        {"type": "demand", "start": 10, "end": 14},
        {"type": "place.district", "start": 0, "end": 3},
    ],
}


def test_report_holds_figures_and_no_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = tmp_path / "x.jsonl", tmp_path / "report.json"
    data.write_text(json.dumps(LINE, ensure_ascii=False) + "\n", "utf-8")
    assert main(["measure-elements", "--data", str(data), "--out", str(out)]) == 0
    report = json.loads(out.read_text("utf-8"))
    assert report["overall"]["f1"] == 1.0
    assert report["by_type"]["place.district"]["f1"] == 1.0
    assert report["missing_all_right"] == 1.0
    assert "路灯" not in out.read_text("utf-8")
    assert "overall" in capsys.readouterr().out


def test_unusable_data_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "report.json"
    assert main(["measure-elements", "--data", str(tmp_path / "no"), "--out", str(out)]) == 2
    assert not out.exists()
    assert "无法读取用例文件" in capsys.readouterr().err
