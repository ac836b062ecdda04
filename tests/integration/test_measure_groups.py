"""`triage measure-robustness` and `triage measure-fairness` end to end on a tiny model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from triage.cli import main

pytestmark = pytest.mark.slow

Write = Callable[..., Path]


def test_robustness_writes_a_report_for_scripts_and_a_page_for_people(
    tmp_path: Path, tiny_model: Path, write_labelled: Write
) -> None:
    pytest.importorskip("pypinyin", reason="needs the extra measure")
    data, out = write_labelled(tmp_path / "x.jsonl", 24), tmp_path / "r.json"
    args = ["--model", str(tiny_model), "--data", str(data), "--out", str(out)]
    assert main(["measure-robustness", *args, "--resamples", "20"]) == 0
    report = json.loads(out.read_text("utf-8"))
    assert report["model"] == "tiny-1"
    assert report["aim"]["kind"] in report["sets"]["x"]["kinds"]
    assert len(report["sets"]["x"]["kinds"]) == 13
    assert "油烟" not in out.read_text("utf-8")
    assert out.with_suffix(".md").read_text("utf-8").startswith("# 抗噪测量")


@pytest.mark.slow
def test_fairness_is_strict_only_where_it_is_asked_to_be(
    tmp_path: Path, tiny_model: Path, write_labelled: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    # the wrong topics are the first 48 of 96, in districts of both kinds: make them one style
    rows = [
        {**json.loads(line), "style": "note" if index < 48 else "transcript"}
        for index, line in enumerate(
            write_labelled(tmp_path / "x.jsonl", 96, wrong=48).read_text("utf-8").splitlines()
        )
    ]
    data, out = tmp_path / "y.jsonl", tmp_path / "f.json"
    data.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    command = ["measure-fairness", "--model", str(tiny_model), "--data", str(data)]
    command += ["--out", str(out), "--resamples", "200"]
    assert main(command) == 0
    assert main([*command, "--strict"]) == 1
    assert "没有书面理由" in capsys.readouterr().err
    report = json.loads(out.read_text("utf-8"))
    assert {(gap["group"], gap["figure"]) for gap in report["flagged"]} >= {("style:note", "topic")}

    lines = [
        f'[[reason]]\ngroup = "{gap["group"]}"\nreason = "测试用的理由：标签是故意写错的。"\n'
        for gap in report["flagged"]
    ]
    (tmp_path / "reasons.toml").write_text("\n".join(lines), "utf-8")
    assert main([*command, "--strict", "--reasons", str(tmp_path / "reasons.toml")]) == 0
    assert "故意写错" in out.with_suffix(".md").read_text("utf-8")
