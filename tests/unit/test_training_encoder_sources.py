"""A checkpoint comes from a folder, with its licence; the network is asked only on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from triage.errors import ArtifactError, UnusableFile

pytest.importorskip("sentence_transformers", reason="needs the tune extra")

from training.encoder.checkpoint import Origin, open_model, read_origin
from training.encoder.sources import bring_in, cut_layers, find_licence, find_source

pytestmark = [pytest.mark.train, pytest.mark.slow]
ORIGIN = Origin("tiny", "MIT", "query: ", 32)


@pytest.fixture
def source(tmp_path: Path, write_tiny_bert: Callable[..., Path]) -> Path:
    return write_tiny_bert(tmp_path / "bert", "路灯坏了", layers=3, licence="apache-2.0")


def test_a_name_that_is_no_folder_is_refused_without_hub() -> None:
    with pytest.raises(UnusableFile, match="--hub"):
        find_source("BAAI/bge-small-zh", hub=False)


def test_the_licence_is_read_from_the_card(source: Path) -> None:
    assert find_licence(source, None) == "apache-2.0"
    assert find_licence(source, "MIT") == "MIT"


def test_a_checkpoint_without_licence_is_refused(source: Path) -> None:
    (source / "README.md").write_text("# no front matter\n", "utf-8")
    with pytest.raises(UnusableFile, match="许可证"):
        find_licence(source, None)


def test_layers_notice_and_origin_are_kept(source: Path, tmp_path: Path) -> None:
    bring_in(source, tmp_path / "base", ORIGIN, layers=2)
    model = open_model(tmp_path / "base")
    assert len(model[0].auto_model.encoder.layer) == 2
    assert model.max_seq_length == 32
    assert (tmp_path / "base" / "NOTICE").read_text("utf-8") == "tiny: random weights\n"
    assert read_origin(tmp_path / "base") == ORIGIN.then("layers 3 -> 2")


@pytest.mark.parametrize("layers", [0, 4])
def test_layers_that_are_not_there_are_refused(source: Path, layers: int) -> None:
    with pytest.raises(UnusableFile, match="不在 1 到 3 之间"):
        cut_layers(open_model(source), layers)


def test_more_tokens_than_there_are_places_are_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="--max-tokens 65 不在 4 到 64 之间"):
        bring_in(source, tmp_path / "base", replace(ORIGIN, max_tokens=65))


def test_a_folder_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnusableFile, match=r"config\.json"):
        open_model(tmp_path / "empty")
    with pytest.raises(ArtifactError, match=r"origin\.json"):
        read_origin(tmp_path / "empty")


def test_nothing_is_written_over(source: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("x", "utf-8")
    with pytest.raises(UnusableFile, match="不为空"):
        bring_in(source, tmp_path / "out", ORIGIN)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine"]
