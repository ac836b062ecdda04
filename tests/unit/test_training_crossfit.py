"""No training vector comes from an encoder that saw the request's labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from evaluation.truth import Example
from triage.errors import UnusableFile

pytest.importorskip("sklearn", reason="needs the training extra")
pytest.importorskip("onnx", reason="needs the tune extra")

from training.crossfit import CROSSFIT, carry, key_of, vectors_of, write_crossfit

pytestmark = pytest.mark.train
ROAD = Example(id="1", title="", text="路")
STOP = Example(id="2", title="停", text="停")


@pytest.fixture
def folder(tmp_path: Path, write_tiny_encoder: Callable[..., Path]) -> Path:
    return write_tiny_encoder(tmp_path / "encoder")


def test_requests_that_the_encoder_never_saw_are_encoded(folder: Path) -> None:
    assert vectors_of(folder, [ROAD, STOP]).tolist() == [[1, 0], [0, 1]]


def test_requests_that_it_saw_get_the_vector_of_the_copy_that_did_not(folder: Path) -> None:
    write_crossfit(folder, ["停\n停"], np.array([[0.5, -0.25]], np.float32))
    assert vectors_of(folder, [ROAD, STOP]).tolist() == [[1, 0], [0.5, -0.25]]


def test_seen_without_cross_fitting_is_refused_and_counted(folder: Path) -> None:
    write_crossfit(folder, ["停\n停", "别的"], None)
    assert vectors_of(folder, [ROAD]).tolist() == [[1, 0]]
    with pytest.raises(UnusableFile, match="见过这里 1 条数据的标签"):
        vectors_of(folder, [ROAD, STOP])


def test_vectors_of_another_width_are_refused(folder: Path) -> None:
    write_crossfit(folder, ["停\n停"], np.ones((1, 3), np.float32))
    with pytest.raises(UnusableFile, match="维数"):
        vectors_of(folder, [STOP])


def test_a_damaged_file_is_refused(folder: Path) -> None:
    (folder / CROSSFIT).write_bytes(b"x")
    with pytest.raises(UnusableFile, match="无法读取"):
        vectors_of(folder, [STOP])


def test_no_text_is_in_the_file(folder: Path) -> None:
    write_crossfit(folder, ["小区停水三天"], None)
    assert "停水".encode() not in (folder / CROSSFIT).read_bytes()
    assert len(key_of("小区停水三天")) == 16


def test_progress_is_told_row_by_row(folder: Path) -> None:
    told: list[int] = []
    vectors_of(folder, [ROAD, STOP], on_row=lambda: told.append(1))
    assert len(told) == 2


def test_the_file_travels_where_there_is_one(folder: Path, tmp_path: Path) -> None:
    carry(folder, tmp_path)
    assert not (tmp_path / CROSSFIT).exists()
    write_crossfit(folder, ["停"], None)
    carry(folder, tmp_path)
    assert (tmp_path / CROSSFIT).read_bytes() == (folder / CROSSFIT).read_bytes()
