"""`triage compare` as an analyst meets it: the verdict, the figures, the list of changes."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from triage.cli import main

Write = Callable[..., Path]
# "tiny-2" does not know water (GY01): its requests get some other topic, the rest stays
WITHOUT_WATER = {
    "topic": {
        "GA03": ["诈骗"], "GY01": ["打井"], "JS01": ["施工", "工地"], "LD01": ["工资", "欠薪"],
        "SR03": ["油烟"], "SZ01": ["路灯"], "ZF01": ["物业"],
    },
    "request_type": {
        "COMPLAINT": ["投诉", "没人管", "油烟"], "CONSULT": ["请问"], "HELP": ["求助", "麻烦"],
        "SUGGEST": ["建议"],
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_model: Path,
    write_labelled: Write,
    write_tiny_model: Write,
) -> Path:
    """A folder with the comparison of tiny-1 with a model that lost a topic, on 192 requests."""
    folder = tmp_path_factory.mktemp("compare")
    write_labelled(folder / "x.jsonl", 192)
    write_tiny_model(folder / "tiny-2", WITHOUT_WATER, version="tiny-2")
    assert compare(tiny_model, folder / "tiny-2", folder, "r.json") == 0
    return folder


def compare(a: Path | str, b: Path | str, folder: Path, out: str, *more: str) -> int:
    return main(
        ["compare", str(a), str(b), "--data", str(folder / "x.jsonl"), "--out", str(folder / out),
         "--resamples", "100", "--no-pictures", *more]
    )  # fmt: skip


@pytest.fixture
def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "r.json").read_text("utf-8"))
    return found


def test_a_lost_topic_is_seen_with_interval_and_test(report: dict[str, Any]) -> None:
    # 32 of 192 requests are about water
    topic = report["decisions"]["topic"]
    assert topic["figures"]["accuracy"]["a"] == 1.0
    assert topic["figures"]["accuracy"]["b"] == round(160 / 192, 4)
    assert topic["figures"]["accuracy"]["interval"][1] < 0
    assert topic["mcnemar"] == {"only_a": 32, "only_b": 0, "p": 0.0}
    assert topic["changed"] == {"better": 0, "worse": 32, "both_wrong": 0}


def test_what_did_not_change_has_no_difference(report: dict[str, Any]) -> None:
    kind = report["decisions"]["request_type"]
    assert kind["changed"] == {"better": 0, "worse": 0, "both_wrong": 0}
    assert kind["figures"]["accuracy"]["interval"] == [0.0, 0.0]


def test_decisions_of_one_model_only_are_named_not_compared(report: dict[str, Any]) -> None:
    assert set(report["not_compared"]) == {
        "urgency", "urgency_with_rules", "lead_unit", "lead_unit_with_catalogue",
        "support_units", "flags",
    }  # fmt: skip
    assert set(report["decisions"]) == {"topic", "topic_l1", "request_type"}


def test_slices_say_where_the_difference_is(report: dict[str, Any]) -> None:
    districts = report["slices"]["district"]
    assert set(districts) == {"渝中区", "江津区"}
    assert districts["渝中区"]["topic"]["n"] == 96
    assert set(report["slices"]) == {"style", "l1", "length", "district", "support"}
    # every topic has between 16 and 48 requests, complaints are 112
    assert {v for v, found in report["slices"]["support"].items() if "topic" in found} == {"10-49"}
    assert set(report["slices"]["support"]) == {"10-49", ">=50"}
    lost = [value for value, found in report["slices"]["l1"].items() if found["topic"]["b"] == 0.0]
    assert len(lost) == 1


def test_the_verdict_is_said_in_chinese(
    folder: Path, report: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "B 更差的有主题的准确率（-16.7，" in report["verdict"]
    assert "B 更好" not in report["verdict"]
    assert report["verdict"] in (folder / "r.md").read_text("utf-8")
    assert compare(folder / "tiny-2", folder / "tiny-2", folder, "same.json") == 0
    assert "两者的答案完全一样" in capsys.readouterr().out


def test_every_changed_answer_is_listed_with_the_truth(folder: Path) -> None:
    with (folder / "r.changes.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    topics = [row for row in rows if row["decision"] == "topic"]
    assert len(topics) == 32
    assert topics[0]["id"] == "T0004"
    assert (topics[0]["truth"], topics[0]["a"], topics[0]["verdict"]) == ("GY01", "GY01", "worse")


def test_no_text_of_a_request_is_in_any_report(folder: Path) -> None:
    for path in folder.glob("r.*"):
        assert "停水" not in path.read_text("utf-8"), path


def test_models_are_found_among_the_published(
    folder: Path, tiny_models_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published = ("--models-dir", str(tiny_models_dir), "--json")
    assert compare("current", "tiny-1", folder, "p.json", *published) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["a"], printed["b"]) == ("tiny-1", "tiny-1")


def test_a_model_that_is_nowhere_is_refused(
    folder: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(tiny_model, "runs/none", folder, "n.json") == 2
    assert "找不到模型 runs/none" in capsys.readouterr().err
    assert not (folder / "n.json").exists()


def test_the_page_is_one_file_with_its_chart(folder: Path, tiny_model: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs the training extra")
    data, out = folder / "x.jsonl", folder / "chart.json"
    arguments = ["--data", str(data), "--out", str(out), "--resamples", "20"]
    assert main(["compare", str(tiny_model), str(folder / "tiny-2"), *arguments]) == 0
    html = out.with_suffix(".html").read_text("utf-8")
    assert html.count("data:image/svg+xml;base64,") == 1
