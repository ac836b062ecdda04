"""Changing the encoder: its index is built beside the old one, and neither opens as the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from triage.index import IndexRefused, OrderIndex, Printed, Snapshots
from triage.index.growing import Growing
from triage.index.manifest import Mark
from triage.index.pairs import pairs_of
from triage.index.segment import Segment
from triage.same_event.encoders import OpenedEncoder, onnx_of, static_of
from triage.same_event.static_encoder import StaticEncoder

pytest.importorskip("onnxruntime", reason="not installed")
pytest.importorskip("tokenizers", reason="not installed")
pytest.importorskip("onnx", reason="needs the tune extra to write a graph")

ORDERS = {"1": "路路路停", "2": "停停停路", "3": "路停"}


def build(root: Path, opened: OpenedEncoder, ids: Sequence[str]) -> Path:
    def fill(growing: Growing) -> Mark:
        texts = [ORDERS[one] for one in ids]
        pairs = tuple(pairs_of(text) for text in texts)
        growing.add(Printed(tuple(ids), opened.encoder.encode(texts), pairs))
        return Mark(len(ids), "0")

    written = of(root, opened).write(None, fill)
    assert written is not None
    return written


def of(root: Path, opened: OpenedEncoder) -> Snapshots:
    return Snapshots(root, opened.version, opened.encoder.dimensions)


def nearest(root: Path, opened: OpenedEncoder, text: str) -> str:
    segment = of(root, opened).open(lambda mark: True)
    index = OrderIndex(segment, opened.encoder.dimensions)
    [vector] = opened.encoder.encode([text])
    return index.search(vector, pairs_of(text), 1)[0].id


@pytest.mark.slow
def test_two_encoders_have_an_index_each_in_one_folder(
    tmp_path: Path, write_tiny_encoder: Callable[..., Path]
) -> None:
    old = static_of(StaticEncoder.untrained(dimensions=16))
    new = onnx_of(write_tiny_encoder(tmp_path / "encoder"))
    root = tmp_path / "index"
    build(root, old, list(ORDERS))
    assert of(root, new).open(lambda mark: True) is None  # nothing of the new one yet
    assert nearest(root, old, "停停停路") == "2"  # the old one goes on answering meanwhile
    build(root, new, list(ORDERS))
    assert nearest(root, old, "停停停路") == nearest(root, new, "停停停路") == "2"
    assert {path.name for path in root.iterdir()} == {old.version, new.version}


def test_an_index_of_another_encoder_is_refused_by_name(
    tmp_path: Path, write_tiny_encoder: Callable[..., Path]
) -> None:
    one = onnx_of(write_tiny_encoder(tmp_path / "one"))
    other = onnx_of(write_tiny_encoder(tmp_path / "other", max_tokens=6))
    written = build(tmp_path / "index", one, list(ORDERS))
    with pytest.raises(IndexRefused, match=f"出自编码器 {one.version}") as refused:
        Segment.open(written, encoder=other.version, dimensions=2)
    assert refused.value.code == "index_other_encoder"
