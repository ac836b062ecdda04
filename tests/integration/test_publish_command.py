"""`triage publish`: what the gate lets through is copied whole, then the pointer moves."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from triage.cli import main
from triage.model.artifact import read_artifact
from triage.model.registry import list_versions, read_current

pytestmark = pytest.mark.slow

Write = Callable[..., Path]
FLOORS = """
min_rows = 50
[compare]
decisions = ["topic"]
level = 0.9
lowest = -0.01
mean = -0.005
others = -0.03
urgent_recall = -0.02
[least.topic]
accuracy = 0.99
macro_f1 = 0.99
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, write_labelled: Write) -> Path:
    return write_labelled(tmp_path_factory.mktemp("data") / "x.jsonl", 60)


WORDS = {
    "SR03": ["油烟"],
    "SZ01": ["路灯"],
    "GY01": ["停水", "水压"],
    "ZF01": ["物业"],
    "JS01": ["工地"],
    "LD01": ["工资"],
    "GA03": ["诈骗"],
}


@pytest.fixture(scope="module")
def better(tmp_path_factory: pytest.TempPathFactory, write_tiny_model: Write) -> Path:
    """A candidate that is right about everything."""
    return write_tiny_model(tmp_path_factory.mktemp("b") / "m", {"topic": WORDS}, version="city-2")


@pytest.fixture(scope="module")
def worse(tmp_path_factory: pytest.TempPathFactory, write_tiny_model: Write) -> Path:
    """A candidate that has forgotten street lamps, a quarter of the requests."""
    words = WORDS | {"SZ01": ["灯塔"]}
    return write_tiny_model(tmp_path_factory.mktemp("w") / "m", {"topic": words}, version="city-3")


def publish(model: Path, data: Path, models: Path, *more: str) -> int:
    arguments = ["--model", str(model), "--data", str(data), "--models-dir", str(models)]
    return main(["publish", *arguments, "--resamples", "20", *more])


def state(models: Path) -> dict[str, bytes]:
    """Every file under a folder and what it holds."""
    return {
        str(path.relative_to(models)): path.read_bytes()
        for path in models.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, better: Path, data: Path) -> Path:
    models = tmp_path_factory.mktemp("published") / "models"
    assert publish(better, data, models) == 0
    return models


@pytest.fixture
def models(tmp_path: Path, published: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A fresh folder of models with city-2 published."""
    shutil.copytree(published, tmp_path / "models")
    capsys.readouterr()
    return tmp_path / "models"


@pytest.mark.slow
def test_the_first_model_is_published_against_the_floors_alone(
    tmp_path: Path, better: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = tmp_path / "new" / "models"
    assert publish(better, data, models) == 0
    assert read_current(models).version == "city-2"
    assert read_artifact(models / "city-2").version == "city-2"
    assert (models / "city-2" / "card.md").is_file()
    assert sorted(path.name for path in models.iterdir()) == ["city-2", "current.json"]
    said = capsys.readouterr()
    assert "没有现用模型" in said.out
    assert "bound 0.55" in said.out
    assert "已发布 city-2" in said.err


def test_a_model_below_a_floor_is_refused_with_every_reason_and_nothing_changes(
    models: Path, worse: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    floors = tmp_path / "f.toml"
    floors.write_text(FLOORS, "utf-8")
    before = state(models)
    assert publish(worse, data, models, "--floors", str(floors)) == 2
    said = capsys.readouterr()
    assert "topic 的 accuracy 为 0.7500，低于下限 0.9900" in said.err
    assert "topic 的 macro_f1" in said.err
    assert "topic 的 accuracy 不能证明不差于现用模型：0.7500 对 1.0000" in said.err
    assert "gate_refused" in said.err
    assert "NO" in said.out
    assert state(models) == before


def test_a_model_worse_than_the_current_one_is_refused(
    models: Path, worse: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = state(models)
    assert publish(worse, data, models) == 2
    assert "不能证明不差于现用模型" in capsys.readouterr().err
    assert state(models) == before


def test_the_comparison_can_be_left_out(models: Path, worse: Path, data: Path) -> None:
    assert publish(worse, data, models, "--skip-current") == 0
    assert read_current(models).version == "city-3"
    assert read_current(models).before == ("city-2",)


def test_publishing_the_current_model_again_changes_nothing(models: Path, data: Path) -> None:
    before = state(models)
    assert publish(models / "city-2", data, models) == 0
    assert state(models) == before


def test_a_verdict_can_be_read_by_machines(
    models: Path, worse: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish(worse, data, models, "--json") == 2
    verdict = json.loads(capsys.readouterr().out)
    assert verdict["passed"] is False
    assert (verdict["version"], verdict["current"], verdict["n"]) == ("city-3", "city-2", 60)
    assert {"decision": "topic", "metric": "accuracy", "value": 0.75, "bound": None,
            "current": 1.0, "passed": False} in verdict["checks"]  # fmt: skip


def test_evaluating_on_the_training_data_is_refused(
    tmp_path: Path, write_tiny_model: Write, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from evaluation.truth import fingerprint, read_examples

    trained_on = fingerprint(read_examples([data]))
    model = write_tiny_model(tmp_path / "m", data_sha256=trained_on)
    assert publish(model, data, tmp_path / "models") == 2
    assert "评估数据就是它的训练数据" in capsys.readouterr().err
    assert not (tmp_path / "models").exists()


def test_too_few_requests_are_no_evidence(
    tmp_path: Path, better: Path, write_labelled: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    few = write_labelled(tmp_path / "few.jsonl", 20)
    assert publish(better, few, tmp_path / "models") == 2
    assert "50 条以上" in capsys.readouterr().err


@pytest.mark.parametrize("damage", ["weights.safetensors", "labels.json", "manifest.json"])
def test_a_damaged_candidate_is_refused(
    tmp_path: Path, write_tiny_model: Write, data: Path, models: Path, damage: str
) -> None:
    model = write_tiny_model(tmp_path / "m", version="bad-1")
    (model / damage).write_bytes(b"{}")
    before = state(models)
    assert publish(model, data, models) == 2
    assert state(models) == before


@pytest.mark.parametrize("version", ["../../out", "/tmp/x", "..", ".hidden", "a/b", ""])
def test_a_version_name_cannot_lead_out_of_the_folder(
    tmp_path: Path, write_tiny_model: Write, data: Path, version: str
) -> None:
    model = write_tiny_model(tmp_path / "deep" / "m", version=version)
    assert publish(model, data, tmp_path / "deep" / "models") == 2
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "deep" / "models").exists()


def test_a_damaged_current_model_is_named_with_the_way_round_it(
    models: Path, better: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (models / "current.json").write_text("{", "utf-8")
    assert publish(better, data, models) == 2
    assert "--skip-current" in capsys.readouterr().err
    assert publish(better, data, models, "--skip-current") == 0
    assert read_current(models).version == "city-2"


@pytest.mark.slow
def test_another_model_of_the_same_name_is_refused(
    tmp_path: Path, models: Path, write_tiny_model: Write, data: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    other = write_tiny_model(tmp_path / "m", version="city-2")
    before = state(models)
    assert publish(other, data, models) == 2
    assert "已有同名而内容不同的模型" in capsys.readouterr().err
    assert state(models) == before


def test_a_tampered_published_folder_is_not_taken_for_the_model(
    models: Path, better: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (models / "city-2" / "weights.safetensors").write_bytes(b"tampered")
    assert publish(better, data, models, "--skip-current") == 2
    assert "sha256 与清单不符" in capsys.readouterr().err


@pytest.mark.slow
def test_a_publisher_killed_between_copy_and_pointer_changes_nothing_in_use(
    tmp_path: Path, models: Path, write_tiny_model: Write, data: Path, better: Path
) -> None:
    model = write_tiny_model(tmp_path / "m", version="city-4")
    killed = f"""
import os, signal
from pathlib import Path
from training.install import install
install(Path({str(model)!r}), Path({str(models)!r}))
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", killed], check=False)
    assert done.returncode == -signal.SIGKILL
    assert read_current(models).version == "city-2"
    assert list_versions(models) == ["city-2", "city-4"]
    assert publish(model, data, models) == 0  # and the next run goes on from there
    assert read_current(models).version == "city-4"


def test_missing_input_exits_2(
    tmp_path: Path, better: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = tmp_path / "models"
    assert publish(better, tmp_path / "none.jsonl", models) == 2
    assert publish(tmp_path / "none", data, models) == 2
    assert publish(better, data, models, "--floors", str(tmp_path / "none.toml")) == 2
    said = capsys.readouterr().err
    assert all(word in said for word in ("none.jsonl", "manifest.json", "none.toml"))
