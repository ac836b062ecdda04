"""`triage evaluate` as a user meets it: the report, its page and pictures, and what is refused."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from triage.cli import main

Write = Callable[..., Path]


def evaluate(model: Path, data: Path, out: Path, *more: str) -> int:
    arguments = ["--model", str(model), "--data", str(data), "--out", str(out)]
    return main(["evaluate", *arguments, "--resamples", "20", *more])


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, write_labelled: Write
) -> Path:
    """A folder with the report r.json on the 192 requests of x.jsonl, ten with a wrong topic."""
    folder = tmp_path_factory.mktemp("report")
    data = write_labelled(folder / "x.jsonl", 192, wrong=10)
    assert evaluate(tiny_model, data, folder / "r.json", "--no-pictures") == 0
    return folder


@pytest.fixture
def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "r.json").read_text("utf-8"))
    return found


def test_the_report_holds_the_figures_of_every_decision(report: dict[str, Any]) -> None:
    assert report["model"] == "tiny-1"
    assert report["n"] == 192
    assert set(report["decisions"]) == {
        "topic", "topic_l1", "request_type", "urgency", "urgency_with_rules",
        "lead_unit_with_catalogue",
        "lead_unit", "support_units", "flags",
    }  # fmt: skip
    topic = report["decisions"]["topic"]
    assert topic["accuracy"] == round(182 / 192, 4)
    assert set(topic) >= {"macro_f1", "top3", "ece", "n", "interval", "per_class", "coverage"}
    low, high = topic["interval"]["accuracy"]
    assert low <= topic["accuracy"] <= high
    assert report["decisions"]["request_type"]["accuracy"] == 1.0
    assert report["decisions"]["support_units"]["micro_f1"] == 1.0


def test_first_levels_are_those_of_the_first_topic(report: dict[str, Any]) -> None:
    # the ten wrong topics are of another first level each
    assert report["decisions"]["topic_l1"]["accuracy"] == round(182 / 192, 4)
    assert "市容环卫" in report["decisions"]["topic_l1"]["per_class"]


def test_urgency_is_measured_before_and_after_the_rules(report: dict[str, Any]) -> None:
    model, ruled = (report["decisions"][name] for name in ("urgency", "urgency_with_rules"))
    assert model["urgent"] == ruled["urgent"] == 32
    assert model["urgent_recall"] == 1.0
    assert set(ruled) >= {"urgent_recall", "urgent_precision", "alarms", "false_alarms"}


def test_slices_and_confusions_are_named(report: dict[str, Any]) -> None:
    assert set(report["slices"]["style"]) == {"note", "transcript"}
    assert report["slices"]["style"]["note"]["topic"]["n"] == 96
    assert set(report["slices"]["district"]) == {"渝中区", "江津区"}
    assert list(report["slices"]["length"]) == ["<60"]
    assert report["slices"]["l1"]["市政设施"]["n"] == 46  # 48 street lamps, two of them wrong
    assert "城乡建设" not in report["slices"]["l1"]  # 16 building sites: too few
    assert report["confusions"]["topic"][0] == {
        "truth": "SR03", "guess": "GY01", "count": 2, "share": 0.0526,  # of 32 - 2 + 8
    }  # fmt: skip


def test_the_page_says_the_same_in_chinese(report: dict[str, Any], folder: Path) -> None:
    page = (folder / "r.md").read_text("utf-8")
    assert page.startswith("# 评估报告：tiny-1")
    assert report["data_sha256"] in page
    assert f"{182 / 192:.3f}" in page
    assert "png" not in page


def test_no_text_of_the_requests_is_in_the_report(folder: Path) -> None:
    for name in ("r.json", "r.md"):
        assert "油烟很大" not in (folder / name).read_text("utf-8")


def test_two_runs_give_the_same_report(folder: Path, tmp_path: Path, tiny_model: Path) -> None:
    assert evaluate(tiny_model, folder / "x.jsonl", tmp_path / "r.json", "--no-pictures") == 0
    for name in ("r.json", "r.md"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_labels_that_the_model_does_not_know_count_as_wrong(
    tmp_path: Path, tiny_model: Path, write_labelled: Write
) -> None:
    data = write_labelled(tmp_path / "x.jsonl", lead_unit="SPORTS")
    assert evaluate(tiny_model, data, tmp_path / "r.json", "--no-pictures") == 0
    unit = json.loads((tmp_path / "r.json").read_text("utf-8"))["decisions"]["lead_unit"]
    assert unit["accuracy"] == 0.0
    assert unit["unknown_labels"] == {"SPORTS": 96}
    assert "SPORTS" in (tmp_path / "r.md").read_text("utf-8")


def test_a_citys_own_labels_need_no_catalogue(
    tmp_path: Path, write_tiny_model: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    heads = {"topic": {"城管|油烟": ["油烟"], "供水类": ["停水"]}}
    model = write_tiny_model(tmp_path / "m", heads)
    rows = [
        {"id": "1", "text": "楼下油烟大", "topic": "城管|油烟"},
        {"id": "2", "text": "停水了", "topic": "其他"},
    ]
    data = tmp_path / "x.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert evaluate(model, data, tmp_path / "r.json", "--no-pictures", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert set(report["decisions"]) == {"topic"}
    assert report["decisions"]["topic"]["accuracy"] == 0.5
    assert "l1" not in report["slices"]
    assert "城管\\|油烟" in (tmp_path / "r.md").read_text("utf-8")


def test_decisions_that_the_model_has_not_learned_are_named(
    tmp_path: Path, write_tiny_model: Write, write_labelled: Write
) -> None:
    model = write_tiny_model(tmp_path / "m", {"flags": {"SAFETY": ["漏电"]}})
    data = write_labelled(tmp_path / "x.jsonl")
    assert evaluate(model, data, tmp_path / "r.json", "--no-pictures") == 0
    report = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert report["not_measured"] == [
        "topic", "request_type", "urgency", "lead_unit", "support_units",
    ]  # fmt: skip


def test_evaluating_on_the_training_data_is_said(
    tmp_path: Path, write_tiny_model: Write, write_labelled: Write, tiny_model: Path
) -> None:
    data = write_labelled(tmp_path / "x.jsonl")
    evaluate(tiny_model, data, tmp_path / "r.json", "--no-pictures")
    report = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert report["is_training_data"] is False
    model = write_tiny_model(tmp_path / "m", data_sha256=report["data_sha256"])
    evaluate(model, data, tmp_path / "s.json", "--no-pictures")
    assert json.loads((tmp_path / "s.json").read_text("utf-8"))["is_training_data"] is True
    assert "这就是训练数据" in (tmp_path / "s.md").read_text("utf-8")


@pytest.mark.train
def test_pictures_are_drawn_and_linked(
    tmp_path: Path, tiny_model: Path, write_labelled: Write
) -> None:
    pytest.importorskip("matplotlib")
    data = write_labelled(tmp_path / "x.jsonl", wrong=10)
    assert evaluate(tiny_model, data, tmp_path / "r.json") == 0
    drawn = {path.name: path.read_bytes() for path in (tmp_path / "r-pictures").iterdir()}
    assert set(drawn) == {"confusion.png", "reliability.png", "coverage.png"}
    assert all(content.startswith(b"\x89PNG\r\n\x1a\n") for content in drawn.values())
    page = (tmp_path / "r.md").read_text("utf-8")
    assert all(f"(r-pictures/{name})" in page for name in drawn)


@pytest.mark.train
def test_pictures_of_chinese_labels_need_no_chinese_font(
    tmp_path: Path, write_tiny_model: Write
) -> None:
    pytest.importorskip("matplotlib")
    heads = {"topic": {"城管油烟": ["油烟"], "供水类": ["停水"]}}
    model = write_tiny_model(tmp_path / "m", heads)
    data = tmp_path / "x.jsonl"
    data.write_text('{"id": "1", "text": "楼下油烟大", "topic": "供水类"}\n', "utf-8")
    assert evaluate(model, data, tmp_path / "r.json") == 0  # a missing glyph would warn, and fail


def test_pictures_without_matplotlib_name_the_extra(
    tmp_path: Path,
    tiny_model: Path,
    write_labelled: Write,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("matplotlib", "matplotlib.figure"):
        monkeypatch.setitem(sys.modules, name, None)  # as if it were not installed
    data = write_labelled(tmp_path / "x.jsonl")
    assert evaluate(tiny_model, data, tmp_path / "r.json") == 2
    assert "citizen-triage[train]" in capsys.readouterr().err
    assert not (tmp_path / "r.json").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "数据为空"),
        ("{", "x.jsonl:1"),
        ('{"id": "1", "text": "路灯"}\n', "没有可以评估的决策"),
        ('{"id": "1", "text": "路灯", "urgency": 9}\n', "urgency"),
    ],
)
def test_data_that_cannot_be_used_exit_2_and_write_nothing(
    tmp_path: Path,
    tiny_model: Path,
    capsys: pytest.CaptureFixture[str],
    content: str,
    said: str,
) -> None:
    (tmp_path / "x.jsonl").write_text(content, "utf-8")
    code = evaluate(tiny_model, tmp_path / "x.jsonl", tmp_path / "r.json", "--no-pictures")
    assert code == 2
    assert said in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["x.jsonl"]


def test_missing_data_model_or_settings_exit_2(
    tmp_path: Path, tiny_model: Path, write_labelled: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = write_labelled(tmp_path / "x.jsonl"), tmp_path / "r.json"
    assert evaluate(tiny_model, tmp_path / "none.jsonl", out, "--no-pictures") == 2
    assert evaluate(tmp_path / "none", data, out, "--no-pictures") == 2
    assert evaluate(tiny_model, data, out, "--no-pictures", "--settings", "none.toml") == 2
    assert evaluate(tiny_model, data, tmp_path / "r.txt", "--no-pictures") == 2
    said = capsys.readouterr().err
    assert all(
        words in said for words in ("none.jsonl", "manifest.json", "none.toml", "应以 .json")
    )


def test_a_report_that_cannot_be_written_exits_2(
    tmp_path: Path, tiny_model: Path, write_labelled: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_labelled(tmp_path / "x.jsonl")
    assert evaluate(tiny_model, data, data / "r.json", "--no-pictures") == 2
    assert "无法写入" in capsys.readouterr().err


@pytest.mark.parametrize("resamples", ["0", "-3", "many"])
def test_resamples_must_be_positive(
    tmp_path: Path, tiny_model: Path, resamples: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        evaluate(tiny_model, tmp_path / "x.jsonl", tmp_path / "r.json", "--resamples", resamples)
    assert caught.value.code == 2
    assert "--resamples" in capsys.readouterr().err
