"""Out-of-fold probabilities survive the file, and a wrong file is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evaluation.held_out_scores import read_scores, write_scores
from triage.errors import UnusableFile

ROWS = np.array([[0.1, 0.9], [0.6, 0.4]], np.float32)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "scores.npz"
    write_scores(path, ["a", "乙"], {"urgency": (("0", "3"), ROWS)})
    scores = read_scores(path, "urgency")
    assert scores.labels == ("0", "3")
    assert scores.rows[scores.row_of["乙"]].tolist() == pytest.approx([0.6, 0.4])


def test_a_missing_decision_is_named(tmp_path: Path) -> None:
    path = tmp_path / "scores.npz"
    write_scores(path, ["a", "b"], {"topic": (("X", "Y"), ROWS)})
    with pytest.raises(UnusableFile, match="urgency 的折外概率"):
        read_scores(path, "urgency")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="读不到折外概率"):
        read_scores(tmp_path / "none.npz", "urgency")


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    path = tmp_path / "scores.npz"
    path.write_text("no archive", "utf-8")
    with pytest.raises(UnusableFile, match="--held-out-scores"):
        read_scores(path, "urgency")


def test_rows_must_fit_ids_and_labels(tmp_path: Path) -> None:
    path = tmp_path / "scores.npz"
    write_scores(path, ["a"], {"urgency": (("0", "3"), ROWS)})
    with pytest.raises(UnusableFile, match="请重新生成"):
        read_scores(path, "urgency")
