"""`triage models` as a user meets it: list, show, verify, rollback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from triage.cli import main
from triage.model.registry import make_current, read_current

Write = Callable[..., Path]


@pytest.fixture
def models(tiny_models_dir: Path, write_tiny_model: Write) -> Path:
    """Two versions: tiny-1, then tiny-2, which is current."""
    write_tiny_model(tiny_models_dir / "tiny-2", version="tiny-2")
    make_current(tiny_models_dir, "tiny-2")
    return tiny_models_dir


def run(models: Path, *words: str) -> int:
    return main(["models", *words, "--models-dir", str(models)])


def test_list_marks_the_current_version(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(models, "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:8] for line in lines] == ["  tiny-1", "* tiny-2"]


def test_list_can_be_read_by_machines(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(models, "list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["current"] == "tiny-2"
    assert listed["before"] == ["tiny-1"]
    assert [(row["version"], row["is_current"]) for row in listed["models"]] == [
        ("tiny-1", False),
        ("tiny-2", True),
    ]


def test_list_shows_broken_versions_and_a_broken_pointer(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (models / "tiny-1" / "manifest.json").write_text("{", "utf-8")
    (models / "current.json").write_text("{", "utf-8")
    assert run(models, "list") == 0
    said = capsys.readouterr()
    assert "tiny-1  模型清单" in said.out
    assert "rollback 版本名" in said.err


def test_an_empty_folder_lists_nothing_and_a_missing_one_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "list") == 0
    assert "还没有模型" in capsys.readouterr().err
    assert run(tmp_path / "none", "list") == 2
    assert run(tmp_path, "rollback") == 2
    assert run(tmp_path, "show") == 2


def test_show_names_files_data_and_changes(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(models, "show", "tiny-1") == 0
    shown = capsys.readouterr().out
    assert "sha256 " + "0" * 64 in shown
    assert "文件 weights.safetensors" in shown
    assert " publish" in shown
    assert run(models, "show", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["is_current"] is True
    assert found["manifest"]["version"] == "tiny-2"
    assert [change["how"] for change in found["history"]] == ["publish"]


def test_rollback_goes_back_and_says_from_where(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(models, "rollback") == 0
    assert "tiny-2 → tiny-1" in capsys.readouterr().out
    assert read_current(models).version == "tiny-1"
    assert run(models, "rollback") == 2
    assert "没有更早的可用版本" in capsys.readouterr().err


def test_rollback_to_a_named_version(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(models, "rollback", "tiny-1", "--json") == 0
    assert json.loads(capsys.readouterr().out)["from"] == "tiny-2"
    assert run(models, "rollback", "tiny-1") == 0
    assert "没有改动" in capsys.readouterr().out


def test_rollback_mends_a_damaged_pointer(models: Path) -> None:
    (models / "current.json").write_bytes(b"\x00")
    assert run(models, "rollback") == 2
    assert run(models, "rollback", "tiny-2") == 0
    assert read_current(models).version == "tiny-2"


def test_verify_finds_what_was_tampered_with(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(models, "verify") == 0
    assert capsys.readouterr().out.splitlines() == ["tiny-1  完好", "tiny-2  完好"]
    weights = models / "tiny-1" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    assert run(models, "verify") == 2
    assert "tiny-1  模型文件" in capsys.readouterr().out
    assert run(models, "verify", "tiny-2") == 0


def test_verify_finds_a_renamed_folder_and_a_pointer_to_nothing(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (models / "tiny-2").rename(models / "other")
    assert run(models, "verify", "--json") == 2
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is False
    assert "tiny-2 不符" in found["models"][0]["problem"]
    assert "tiny-2 不存在" in found["current_problem"]


@pytest.mark.parametrize("action", ["show", "rollback", "verify"])
@pytest.mark.parametrize("version", ["gone", "../models", "..", "a/b"])
def test_unknown_or_wandering_versions_exit_2(models: Path, action: str, version: str) -> None:
    before = (models / "current.json").read_bytes()
    assert run(models, action, version) == 2
    assert (models / "current.json").read_bytes() == before
