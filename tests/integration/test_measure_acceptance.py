"""`triage measure-acceptance`: the report, the visible skip, and unusable input."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from evaluation.commands import acceptance
from triage.errors import UnusableFile

CASE: dict[str, object] = {
    "id": "x1",
    "text": "三楼厨房着火了，火苗窜到窗外，楼上还有个婆婆没下来",
    "decision": "EMERGENCY_HANDOFF",
    "transfer_to": "119",
    "route": None,
    "risk_flags": [],
}


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    acceptance.add_arguments(parser)
    return acceptance.run(parser.parse_args(words))


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps(CASE, ensure_ascii=False) + "\n", "utf-8")
    return path


def test_the_report_is_written_and_absent_messages_are_said(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, absent = tmp_path / "report.json", tmp_path / "absent.csv"
    code = run("--cases", str(cases), "--out", str(out), "--messages", str(absent))
    written = json.loads(out.read_text("utf-8"))
    shown = capsys.readouterr()
    assert code == 0
    assert written["acceptance"]["accuracy"] == 1.0
    assert written["acceptance"]["transfer_to_accuracy"] == 1.0
    assert written["messages"] is None
    assert "跳过真实来信" in shown.err
    assert "EMERGENCY_HANDOFF" in shown.out
    assert str(CASE["text"]) not in out.read_text("utf-8")


def test_messages_are_measured_where_they_are(cases: Path, tmp_path: Path) -> None:
    messages, out = tmp_path / "messages.csv", tmp_path / "report.json"
    messages.write_text("title,detail,urgency,lead_unit\n,路灯坏了,3,URBAN_MGMT\n", "utf-8")
    run("--cases", str(cases), "--out", str(out), "--messages", str(messages))
    measured = json.loads(out.read_text("utf-8"))["messages"]
    assert measured["false_refusals"] == {"n": 1, "wrong": 0, "share": 0.0}


def test_missing_cases_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    out = tmp_path / "report.json"
    with pytest.raises(UnusableFile, match="无法读取用例文件"):
        run("--cases", str(tmp_path / "no.jsonl"), "--out", str(out))
    assert not out.exists()
