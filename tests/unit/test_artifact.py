"""A model folder is read whole and verified, or refused with a reason."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from triage.errors import ArtifactError
from triage.model.artifact import read_artifact, read_manifest, verify
from triage.model.features import Document
from triage.model.model import Model

Write = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path, write_tiny_model: Write) -> Path:
    return write_tiny_model(tmp_path / "m")


def edit_manifest(folder: Path, **values: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | values), "utf-8")


def sign(folder: Path) -> None:
    """Make the manifest agree with the files, as somebody would who can write the folder."""
    names = ("labels.json", "weights.safetensors")
    edit_manifest(
        folder,
        files={name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names},
    )


def test_a_sound_folder_is_read(folder: Path) -> None:
    artifact = read_artifact(folder)
    assert artifact.version == "tiny-1"
    assert artifact.tensors["table"].dtype == np.int8
    assert set(artifact.labels) == {"fields", "heads"}


@pytest.mark.parametrize("name", ["labels.json", "weights.safetensors"])
def test_a_changed_file_is_refused(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[-2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ArtifactError, match=f"{name} 的 sha256 与清单不符"):
        read_artifact(folder)


@pytest.mark.parametrize("name", ["labels.json", "weights.safetensors"])
def test_a_missing_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ArtifactError, match=f"缺少文件 {name}"):
        read_artifact(folder)


def test_a_missing_folder_or_manifest_is_refused(folder: Path) -> None:
    with pytest.raises(ArtifactError, match=r"没有 manifest\.json"):
        read_manifest(folder / "none")
    (folder / "manifest.json").unlink()
    with pytest.raises(ArtifactError, match=r"没有 manifest\.json"):
        Model.load(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"null", b"[]", b'{"schema": 1}'])
def test_a_manifest_that_is_none_is_refused(folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(ArtifactError):
        read_manifest(folder)


def test_another_schema_is_named_in_the_refusal(folder: Path) -> None:
    edit_manifest(folder, schema=7)
    with pytest.raises(ArtifactError, match="格式版本为 7，本程序只支持 2"):
        read_manifest(folder)


@pytest.mark.parametrize("version", [None, 3, ["x"]])
def test_a_manifest_without_a_version_is_refused(folder: Path, version: object) -> None:
    edit_manifest(folder, version=version)
    with pytest.raises(ArtifactError, match="没有版本名"):
        read_manifest(folder)


@pytest.mark.parametrize(
    "files", [None, [], {}, {"labels.json": "00"}, {"weights.safetensors": "00"}]
)
def test_a_manifest_must_list_labels_and_weights(folder: Path, files: object) -> None:
    edit_manifest(folder, files=files)
    with pytest.raises(ArtifactError, match="没有列出全部文件"):
        verify(folder, read_manifest(folder))


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "..", "sub/x"])
def test_a_manifest_cannot_point_outside_its_folder(folder: Path, name: str) -> None:
    (folder.parent / "secret").write_text("x", "utf-8")
    files = read_manifest(folder)["files"]
    assert isinstance(files, dict)
    edit_manifest(folder, files=files | {name: "00"})
    with pytest.raises(ArtifactError, match="缺少文件"):
        read_artifact(folder)


@pytest.mark.parametrize("labels", ["[]", "3", "{}", '{"fields": [], "heads": []}', "{", "null"])
def test_labels_that_are_none_are_refused_though_signed(folder: Path, labels: str) -> None:
    (folder / "labels.json").write_text(labels, "utf-8")
    sign(folder)
    with pytest.raises(ArtifactError):
        Model.load(folder)


@pytest.mark.parametrize("content", [b"", b"not safetensors", b"\xff" * 64])
def test_weights_that_are_none_are_refused_though_signed(folder: Path, content: bytes) -> None:
    (folder / "weights.safetensors").write_bytes(content)
    sign(folder)
    with pytest.raises(ArtifactError):
        Model.load(folder)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("table", lambda t: t[:-1]),
        ("table", lambda t: t[:, :-1]),
        ("idf", lambda t: t[:-1]),
        ("idf", lambda t: t * 0),
        ("bias", lambda t: t * np.nan),
        ("bucket", lambda t: t + 2**22),
        ("bucket", lambda t: t - 2**22),
        ("scale", lambda t: t[:-1]),
        ("bias", lambda t: t[:-1]),
        ("field_start", lambda t: t[:-1]),
        ("field_start", lambda t: t + 1),
        ("topic.weights", lambda t: t[:, :-1]),
        ("topic.weights", lambda t: t[:-1]),
        ("topic.offset", lambda t: t[:-1]),
        ("topic.first.weights", lambda t: t[:, :-1]),
    ],
)
def test_tensors_that_do_not_fit_together_are_refused_though_signed(
    folder: Path, name: str, change: Callable[[np.ndarray], np.ndarray]
) -> None:
    tensors = load_file(folder / "weights.safetensors")
    tensors[name] = np.ascontiguousarray(change(tensors[name]))
    save_file(tensors, folder / "weights.safetensors")
    sign(folder)
    with pytest.raises(ArtifactError, match="前后不一致"):
        Model.load(folder)


@pytest.mark.parametrize(
    "fields",
    [
        [{"name": "title", "orders": [2]}],
        [{"name": "text", "orders": [2]}, {"name": "text", "orders": [2]}],
        [{"name": "body", "orders": [2]}, {"name": "text", "orders": [2]}],
        [{"name": "title", "orders": []}, {"name": "text", "orders": [2]}],
        [{"name": "title", "orders": [0]}, {"name": "text", "orders": [2]}],
        [{"name": "title", "orders": ["2"]}, {"name": "text", "orders": [2]}],
    ],
)
def test_fields_that_no_document_has_are_refused_though_signed(
    folder: Path, fields: list[dict[str, object]]
) -> None:
    path = folder / "labels.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"fields": fields}), "utf-8")
    sign(folder)
    with pytest.raises(ArtifactError, match="前后不一致"):
        Model.load(folder)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "regression"},
        {"labels": ["GA03"]},
        {"labels": ["GA03"] * 7},
        {"columns": [1, 8]},
        {"columns": [0, 6]},
        {"links": ["urgency"]},
        {"name": "urgency"},
    ],
)
def test_heads_that_do_not_fit_their_columns_are_refused_though_signed(
    folder: Path, change: dict[str, object]
) -> None:
    path = folder / "labels.json"
    labels = json.loads(path.read_text("utf-8"))
    labels["heads"][0] |= change
    path.write_text(json.dumps(labels), "utf-8")
    sign(folder)
    with pytest.raises(ArtifactError, match="前后不一致"):
        Model.load(folder)


def test_a_missing_tensor_is_refused_though_signed(folder: Path) -> None:
    tensors = load_file(folder / "weights.safetensors")
    del tensors["urgency.offset"]
    save_file(tensors, folder / "weights.safetensors")
    sign(folder)
    with pytest.raises(ArtifactError, match="前后不一致"):
        Model.load(folder)


def test_a_loaded_model_answers(tiny_model: Path) -> None:
    model = Model.load(tiny_model)
    reading = model.read(Document("", "楼下油烟很大"))
    found = model.probabilities([reading])
    assert model.heads["topic"].labels[int(found["topic"][0].argmax())] == "SR03"
    assert found["topic"].sum(axis=1) == pytest.approx([1.0])
    assert found["urgency"].sum(axis=1) == pytest.approx([1.0])
    assert model.probabilities([])["topic"].shape == (0, 7)
