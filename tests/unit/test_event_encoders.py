"""A same-event artefact opens the encoder that its manifest names, and no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from triage.errors import ArtifactError
from triage.request import Json
from triage.same_event.encoders import (
    VECTORS,
    WEIGHTS,
    onnx_of,
    open_encoder,
    static_of,
    static_tensors,
)
from triage.same_event.static_encoder import StaticEncoder

Write = Callable[..., Path]


@pytest.fixture(scope="module")
def static() -> StaticEncoder:
    return StaticEncoder.untrained(dimensions=8)


def needs_onnx() -> None:
    pytest.importorskip("onnxruntime", reason="not installed")
    pytest.importorskip("tokenizers", reason="not installed")
    pytest.importorskip("onnx", reason="needs the tune extra to write a graph")


def test_a_static_encoder_comes_back_from_its_tensors(
    static: StaticEncoder, tmp_path: Path
) -> None:
    said = static_of(static).to_json()
    opened = open_encoder(tmp_path, said, static_tensors(static))
    assert said == {"kind": "static", "version": opened.version, "dimensions": 8}
    assert opened.encoder.encode(["路灯"]).tolist() == static.encode(["路灯"]).tolist()


def test_a_version_follows_every_number_of_the_encoder(static: StaticEncoder) -> None:
    vectors, weights = static.vectors.copy(), static.weights.copy()
    vectors[5, 3] ^= 1
    weights[7] *= 2
    found = {
        static_of(each).version
        for each in (
            static,
            StaticEncoder(vectors, static.weights),
            StaticEncoder(static.vectors, weights),
            StaticEncoder(static.vectors.reshape(-1, 4), np.ones(len(weights) * 2, np.float32)),
        )
    }
    assert len(found) == 4
    assert static_of(StaticEncoder(static.vectors.copy(), static.weights)).version in found


def test_an_exported_encoder_is_opened_from_its_files(
    tmp_path: Path, write_tiny_encoder: Write
) -> None:
    needs_onnx()
    folder = write_tiny_encoder(tmp_path / "artefact")
    said = onnx_of(folder).to_json()
    opened = open_encoder(folder, said, {})
    assert said["kind"] == "onnx"
    assert said["dimensions"] == 2
    assert opened.encoder.encode(["路路停"])[0] == pytest.approx([2 / 5**0.5, 1 / 5**0.5])


def test_how_texts_are_put_to_it_is_part_of_the_version(
    tmp_path: Path, write_tiny_encoder: Write
) -> None:
    needs_onnx()
    folders = [
        write_tiny_encoder(tmp_path / "plain"),
        write_tiny_encoder(tmp_path / "short", max_tokens=6),
        write_tiny_encoder(tmp_path / "prefixed", prefix="停"),
    ]
    assert len({onnx_of(folder).version for folder in folders}) == 3
    again = write_tiny_encoder(tmp_path / "again", source={"name": "elsewhere"})
    assert onnx_of(again).version == onnx_of(folders[0]).version


def test_the_files_of_another_encoder_are_refused(
    tmp_path: Path, write_tiny_encoder: Write
) -> None:
    needs_onnx()
    said = onnx_of(write_tiny_encoder(tmp_path / "one")).to_json()
    other = write_tiny_encoder(tmp_path / "other", max_tokens=6)
    with pytest.raises(ArtifactError, match="清单写的编码器"):
        open_encoder(other, said, {})


def test_a_changed_file_is_refused(tmp_path: Path, write_tiny_encoder: Write) -> None:
    needs_onnx()
    folder = write_tiny_encoder(tmp_path / "artefact")
    said = onnx_of(folder).to_json()
    with (folder / "tokenizer.json").open("ab") as file:
        file.write(b" ")
    with pytest.raises(ArtifactError, match="sha256"):
        open_encoder(folder, said, {})


@pytest.mark.parametrize("said", [None, {}, {"kind": "pickle"}, {"kind": 3}, "static"])
def test_an_unknown_kind_is_refused(tmp_path: Path, said: Json) -> None:
    with pytest.raises(ArtifactError, match="只认 static 与 onnx"):
        open_encoder(tmp_path, said, {})


def test_tensors_that_are_no_encoder_are_refused(static: StaticEncoder, tmp_path: Path) -> None:
    said, good = static_of(static).to_json(), static_tensors(static)
    bad = [
        {WEIGHTS: good[WEIGHTS]},
        {**good, VECTORS: good[VECTORS].astype(np.float32)},
        {**good, WEIGHTS: good[WEIGHTS][:-1]},
    ]
    for tensors in bad:
        with pytest.raises(ArtifactError, match="张量缺失或不合"):
            open_encoder(tmp_path, said, tensors)
    with pytest.raises(ArtifactError, match="清单写的编码器是 'static-0'"):
        open_encoder(tmp_path, {**said, "version": "static-0"}, good)


def test_what_a_manifest_says_is_json(static: StaticEncoder) -> None:
    said = static_of(static).to_json()
    assert json.loads(json.dumps(said)) == said
