"""Honest log-odds of judged pairs: hashes on disk, none for what was never seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.encoder.cross_logits import (
    CROSS_LOGITS,
    carry_logits,
    read_cross_logits,
    write_cross_logits,
)
from triage.errors import UnusableFile

pytestmark = [pytest.mark.train]
ONE, TWO = np.array([2.5, 3], np.float32), np.array([-4, 0.25], np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    logits = {(0, "路灯。坏了", "灯。不亮"): ONE, (1, "停水。", "路灯。坏了"): TWO}
    write_cross_logits(tmp_path, {"c0": 0, "c1": 1, "bare": 1}, logits)
    return tmp_path


def test_a_pair_is_found_either_way_round_under_its_component(folder: Path) -> None:
    found = read_cross_logits(folder)
    for one, other in (("路灯。坏了", "灯。不亮"), ("灯。不亮", "路灯。坏了")):
        said = found.of("c0", one, other)
        assert said is not None
        assert said.dtype == np.float32
        assert said.tolist() == ONE.tolist()
    said = found.of("c1", "路灯。坏了", "停水。")
    assert said is not None
    assert said.tolist() == TWO.tolist()
    assert found.of("bare", "停水。", "路灯。坏了") is not None  # the same fold: honest too


def test_a_component_that_was_never_seen_has_none(folder: Path, tmp_path: Path) -> None:
    assert read_cross_logits(folder).of("c9", "路灯。坏了", "灯。不亮") is None
    assert read_cross_logits(tmp_path / "nowhere").of("c0", "路灯。坏了", "灯。不亮") is None


def test_a_pair_of_another_fold_or_of_no_fold_is_refused(folder: Path) -> None:
    found = read_cross_logits(folder)
    for pair in (("停水。", "路灯。坏了"), ("路灯。坏了", "灯。全灭")):
        with pytest.raises(UnusableFile, match="'c0' 的判定，数据却与训练时不同"):
            found.of("c0", *pair)


def test_no_text_is_on_disk_and_the_file_goes_along(folder: Path, tmp_path: Path) -> None:
    assert "路灯".encode() not in (folder / CROSS_LOGITS).read_bytes()
    (tmp_path / "next").mkdir()
    carry_logits(folder, tmp_path / "next")
    assert read_cross_logits(tmp_path / "next").fold_of == read_cross_logits(folder).fold_of
    (tmp_path / "bare").mkdir()
    carry_logits(tmp_path / "bare", tmp_path / "next")  # nothing to carry


def test_a_damaged_file_is_refused(folder: Path) -> None:
    (folder / CROSS_LOGITS).write_bytes(b"none")
    with pytest.raises(UnusableFile, match=CROSS_LOGITS):
        read_cross_logits(folder)
