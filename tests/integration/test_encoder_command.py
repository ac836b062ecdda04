"""`triage encoder` end to end: a checkpoint becomes part of a model that answers and explains."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from triage.cli import main
from triage.errors import ArtifactError
from triage.model.artifact import read_manifest
from triage.model.features import Document
from triage.model.model import Model
from triage.pipeline import Pipeline
from triage.request import CitizenRequest

pytest.importorskip("sentence_transformers", reason="needs the tune extra")

pytestmark = [pytest.mark.train, pytest.mark.slow]
Write = Callable[..., Path]
ENCODER_FILES = {"encoder.json", "encoder.int8.onnx", "encoder.NOTICE.md", "tokenizer.json"}


@pytest.fixture(autouse=True, scope="module")
def no_network() -> Iterator[None]:
    """Whoever opens a connection fails."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket.socket, "connect_ex", refuse)
        yield


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory, write_labelled: Write, write_tiny_bert: Write
) -> Path:
    """A folder with data, and what each command made of it: base, tuned, onnx, model."""
    folder = tmp_path_factory.mktemp("encoder")
    data = write_labelled(folder / "x.jsonl", 96)
    texts = "".join(json.loads(line)["text"] for line in data.read_text("utf-8").splitlines())
    write_tiny_bert(folder / "bert", texts + "从未出现的其他字")
    done = [
        ("import", "--model", folder / "bert", "--max-tokens", 32, "--layers", 1, "--trim", data,
         "--out", folder / "base"),
        ("tune", "--model", folder / "base", "--data", data, "--folds", 2, "--epochs", 8,
         "--batch", 16, "--rate", 2e-3, "--contrast", "label", "--out", folder / "tuned"),
        ("export", "--model", folder / "tuned", "--out", folder / "onnx"),
    ]  # fmt: skip
    for words in done:
        assert main(["encoder", *map(str, words)]) == 0
    assert train(folder, folder / "model", "--encoder", str(folder / "onnx")) == 0
    return folder


def train(folder: Path, out: Path, *more: str) -> int:
    return main(["train", "--data", str(folder / "x.jsonl"), "--out", str(out), *more])


def test_the_export_says_what_runs_how_true_it_is_and_whose_it_is(folder: Path) -> None:
    config = json.loads((folder / "onnx" / "encoder.json").read_text("utf-8"))
    assert config["graph"] == "encoder.int8.onnx"
    assert config["dimensions"] == 7 + 5 + 4 + 3  # topics, units, types, levels
    assert config["parity"]["fp32_largest_difference"] <= 1e-3
    assert config["parity"]["int8_cosine_least"] > 0.99
    assert config["source"]["licence"] == "MIT"
    assert "layers 2 -> 1" in config["source"]["history"]
    notice = (folder / "onnx" / "encoder.NOTICE.md").read_text("utf-8")
    assert "许可证：MIT" in notice
    assert "tiny: random weights" in notice


def test_the_model_carries_the_encoder_and_vouches_for_it(folder: Path) -> None:
    files = read_manifest(folder / "model")["files"]
    assert isinstance(files, dict)
    assert set(files) == {"labels.json", "weights.safetensors", *ENCODER_FILES}
    assert not (folder / "model" / "encoder.onnx").exists()
    assert not (folder / "model" / "crossfit.safetensors").exists()


@pytest.mark.parametrize("name", sorted(ENCODER_FILES))
def test_a_changed_encoder_file_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    copy = Path(shutil.copytree(folder / "model", tmp_path / "m"))
    with (copy / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(ArtifactError, match="sha256"):
        Model.load(copy)


def test_the_encoder_takes_part_in_every_score(folder: Path) -> None:
    model = Model.load(folder / "model")
    reading = model.read(Document("", "石桥铺路灯坏了，麻烦修一下"))
    assert reading.vector is not None
    assert float(np.linalg.norm(reading.vector)) == pytest.approx(1, abs=1e-5)
    scores, table = model.scores([reading]), model._linear.scores([reading])
    assert np.abs(scores - table).max() > 0.01
    found = model.probabilities([reading])
    assert model.heads["topic"].labels[int(found["topic"][0].argmax())] == "SZ01"


def test_the_pipeline_answers_with_evidence(folder: Path) -> None:
    pipeline = Pipeline.from_model(folder / "model")
    [answer] = pipeline.triage([CitizenRequest("1", "桂花园楼下馆子油烟直冲窗户，我要投诉")])
    assert answer.topics[0].code == "SR03"
    assert any("油烟" in item.text for item in answer.evidence)


def test_predict_evaluate_and_verify_know_such_a_model(folder: Path, tmp_path: Path) -> None:
    model, data = str(folder / "model"), str(folder / "x.jsonl")
    answers = tmp_path / "answers.jsonl"
    assert main(["predict", "--model", model, "--input", data, "--output", str(answers)]) == 0
    assert len(answers.read_text("utf-8").splitlines()) == 96
    report = tmp_path / "report.json"
    words = ["evaluate", "--model", model, "--data", data, "--out", str(report)]
    assert main([*words, "--resamples", "10"]) == 0
    measured = json.loads(report.read_text("utf-8"))["decisions"]["topic"]
    said = [
        json.loads(line)["topics"][0]["code"] for line in answers.read_text("utf-8").splitlines()
    ]
    true = [json.loads(line)["topic"] for line in Path(data).read_text("utf-8").splitlines()]
    assert measured["n"] == 96
    assert measured["accuracy"] == pytest.approx(np.mean(np.equal(said, true)), abs=1e-3)


def test_two_trainings_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    assert train(folder, tmp_path / "again", "--encoder", str(folder / "onnx")) == 0
    for path in (folder / "model").iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_an_encoder_without_cross_fitting_is_refused_for_what_it_saw(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = Path(shutil.copytree(folder / "onnx", tmp_path / "bare"))
    from training.crossfit import write_crossfit

    lines = (folder / "x.jsonl").read_text("utf-8").splitlines()
    write_crossfit(bare, [json.loads(line)["text"] for line in lines], None)
    assert train(folder, tmp_path / "m", "--encoder", str(bare)) == 2
    assert "见过这里 96 条数据的标签" in capsys.readouterr().err


def test_single_precision_can_be_chosen(folder: Path, tmp_path: Path) -> None:
    words = ["--model", str(folder / "base"), "--precision", "fp32", "--out", str(tmp_path / "e")]
    assert main(["encoder", "export", *words]) == 0
    assert json.loads((tmp_path / "e" / "encoder.json").read_text())["graph"] == "encoder.onnx"


def test_export_can_trim_and_leaves_the_checkpoint_alone(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (folder / "base" / "tokenizer.json").read_bytes()
    (tmp_path / "few.txt").write_text("路灯坏了\n", "utf-8")
    words = ["--model", str(folder / "base"), "--trim", str(tmp_path / "few.txt"), "--json"]
    assert main(["encoder", "export", *words, "--out", str(tmp_path / "e")]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["tokens"] == 5 + 4
    assert (folder / "base" / "tokenizer.json").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("import", "--model", "BAAI/bge-small-zh"), "--hub"),
        (("tune", "--model", "none", "--data", "x.jsonl"), "x.jsonl"),
        (("export", "--model", "none"), "origin.json"),
        (("pretrain", "--texts", "none.txt"), "none.txt"),
    ],
)
def test_what_cannot_be_used_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert main(["encoder", *words, "--out", str(tmp_path / "out")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_pre_training_needs_nothing_but_text(
    tmp_path: Path, write_labelled: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = write_labelled(tmp_path / "x.jsonl", 96), tmp_path / "base"
    words = ["--texts", data, "--vocabulary", 120, "--layers", 1, "--width", 32, "--heads", 2,
             "--max-tokens", 32, "--batch", 4, "--steps", 5, "--json"]  # fmt: skip
    assert main(["encoder", "pretrain", *map(str, words), "--out", str(out)]) == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert answer["loss"]["steps"] == 5
    assert answer["tokens_per_second"] > 0
    assert (out / "tokenizer.json").is_file()
