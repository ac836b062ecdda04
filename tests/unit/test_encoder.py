"""An encoder's vectors depend on nothing but the text; folders that are none are refused."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from triage.errors import ArtifactError, MissingExtraError
from triage.model.encoder import Floats, OnnxEncoder, read_config, text_of
from triage.model.features import Document
from triage.model.model import DenseBlock, Model

Write = Callable[..., Path]


def config(folder: Path, **changes: object) -> Path:
    """Write an `encoder.json` alone."""
    folder.mkdir(exist_ok=True)
    value = {"schema": 1, "graph": "encoder.onnx", "dimensions": 2, "max_tokens": 8, "prefix": "",
             "files": {}} | changes  # fmt: skip
    (folder / "encoder.json").write_text(json.dumps(value), "utf-8")
    return folder


class Lengths:
    """A fake encoder: (1, 0) for texts of one character, (0, 1) for longer ones."""

    def encode(self, texts: Sequence[str]) -> Floats:
        return np.array([[len(text) == 1, len(text) > 1] for text in texts], np.float32)


def test_title_and_text_are_read_as_two_lines() -> None:
    assert text_of(Document("停水", "三天了")) == "停水\n三天了"
    assert text_of(Document("", "三天了")) == "三天了"


def test_a_config_is_read(tmp_path: Path) -> None:
    found = read_config(config(tmp_path, prefix="query: "))
    assert (found.graph, found.dimensions, found.prefix) == ("encoder.onnx", 2, "query: ")


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": 2}, {"graph": "../x.onnx"}, {"dimensions": "two"}, {"dimensions": 0},
        {"max_tokens": 0}, {"files": []}, {"files": None},
    ],
)  # fmt: skip
def test_a_config_that_is_none_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(ArtifactError, match=r"encoder\.json"):
        read_config(config(tmp_path, **changes))


def test_a_folder_without_config_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="triage encoder export"):
        OnnxEncoder.load(tmp_path)


def test_a_file_that_the_config_does_not_vouch_for_is_refused(tmp_path: Path) -> None:
    folder = config(tmp_path)
    (folder / "encoder.onnx").write_bytes(b"x")
    with pytest.raises(ArtifactError, match="sha256"):
        OnnxEncoder.load(folder)


def test_scores_are_the_tables_plus_the_vectors_times_their_weights(tiny_model: Path) -> None:
    plain = Model.load(tiny_model)
    columns = plain.scores([plain.read(Document("", "好"))]).shape[1]
    weights = np.zeros((2, columns), np.float32)
    weights[0, 3], weights[1, 3] = 2.0, -5.0
    both = Model("x", plain._linear, list(plain.heads.values()), DenseBlock(Lengths(), weights))
    documents = [Document("", "好"), Document("", "楼下油烟很大")]
    added = both.scores([both.read(d) for d in documents]) - plain.scores(
        [plain.read(d) for d in documents]
    )
    assert added[:, 3].tolist() == pytest.approx([2.0, -5.0], abs=1e-5)
    assert np.abs(np.delete(added, 3, axis=1)).max() == 0
    assert both.probabilities([])["topic"].shape == (0, 7)


def test_a_model_without_encoder_reads_no_vector(tiny_model: Path) -> None:
    model = Model.load(tiny_model)
    assert model.read(Document("", "停水")).vector is None


def test_a_missing_extra_is_named(
    tmp_path: Path, write_tiny_encoder: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnx", reason="needs the tune extra")
    folder = write_tiny_encoder(tmp_path / "e")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match="pip install citizen-triage"):
        OnnxEncoder.load(folder)


@pytest.fixture
def encoder(tmp_path: Path, write_tiny_encoder: Write) -> OnnxEncoder:
    pytest.importorskip("onnx", reason="needs the tune extra")
    pytest.importorskip("onnxruntime", reason="not installed")
    return OnnxEncoder.load(write_tiny_encoder(tmp_path / "encoder"))


@pytest.mark.train
def test_vectors_are_those_worked_out_by_hand(encoder: OnnxEncoder) -> None:
    # 路路停 sums to (2, 1), of length √5; [CLS] and [SEP] count for nothing
    found = encoder.encode(["路路停", "停", "好"])
    assert found.dtype == np.float32
    assert found.tolist() == [pytest.approx([2 / 5**0.5, 1 / 5**0.5]), [0, 1], [0, 0]]


@pytest.mark.train
def test_a_text_is_cut_at_the_limit_of_tokens(encoder: OnnxEncoder) -> None:
    # eight tokens, two of them special: the 停 beyond the sixth character is not read
    assert encoder.encode(["路路路路路路停停停停"]).tolist() == [[1, 0]]


@pytest.mark.train
def test_a_vector_does_not_depend_on_its_neighbours(encoder: OnnxEncoder) -> None:
    texts = ["路停停", "停" * 40, "", "路"]
    together = encoder.encode(texts)
    assert [encoder.encode([text])[0].tolist() for text in texts] == together.tolist()


@pytest.mark.train
def test_no_texts_give_no_rows(encoder: OnnxEncoder) -> None:
    assert encoder.encode([]).shape == (0, 2)


@pytest.mark.train
@pytest.mark.parametrize("name", ["encoder.onnx", "tokenizer.json"])
def test_a_changed_encoder_file_is_refused(
    tmp_path: Path, write_tiny_encoder: Write, name: str
) -> None:
    pytest.importorskip("onnx", reason="needs the tune extra")
    folder = write_tiny_encoder(tmp_path / "e")
    with (folder / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(ArtifactError, match=f"{name}.* 缺失或与"):
        OnnxEncoder.load(folder)
