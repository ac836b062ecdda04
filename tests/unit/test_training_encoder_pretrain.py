"""Pre-training asks for masked tokens, and learns from any text that is given."""

from __future__ import annotations

import lzma
from pathlib import Path

import numpy as np
import pytest

from triage.errors import UnusableFile

pytest.importorskip("sentence_transformers", reason="needs the tune extra")

from safetensors.numpy import load_file

from training.encoder.checkpoint import encode, open_model, read_origin
from training.encoder.descent import Pace
from training.encoder.pretrain import (
    IGNORED,
    Shape,
    mask_tokens,
    pretrain,
    rows_of,
)
from training.encoder.texts import read_texts
from training.encoder.tokenizer import SPECIAL, fit_tokenizer, read_tokenizer

pytestmark = [pytest.mark.train, pytest.mark.slow]
TEXTS = ["路灯坏了请来修", "小区停水三天了", "楼下油烟很大"] * 8
IDS = {name: index for index, name in enumerate(SPECIAL)}
SHAPE = Shape(layers=1, width=32, heads=2, max_tokens=16)


def test_a_seventh_of_the_tokens_is_asked_for_and_special_ones_never() -> None:
    rows = np.full((400, 50), 9)
    rows[:, 0], rows[:, -1] = IDS["[CLS]"], IDS["[SEP]"]
    shown, asked = mask_tokens(rows, IDS, 40, np.random.default_rng(0))
    places = asked != IGNORED
    # 400 × 48 places, each with probability 0.15: 2,880 ± 50
    assert 2700 < places.sum() < 3060
    assert not places[:, [0, -1]].any()
    assert (asked[places] == 9).all()
    assert (shown[~places] == rows[~places]).all()
    masked = (shown == IDS["[MASK]"]).sum() / places.sum()
    kept = (shown[places] == 9).mean()
    assert masked == pytest.approx(0.8, abs=0.03)
    assert kept == pytest.approx(0.1 + 0.1 / 40, abs=0.03)


def test_rows_are_filled_end_to_end() -> None:
    tokenizer = fit_tokenizer(TEXTS, 60)
    rows = next(rows_of(TEXTS, tokenizer, IDS, 16, 4, np.random.default_rng(0)))
    assert rows.shape == (4, 16)
    assert (rows[:, 0] == IDS["[CLS]"]).all()
    assert not (rows == IDS["[PAD]"]).any()
    assert (rows == IDS["[SEP]"]).sum() >= 4


def test_the_loss_falls_and_the_checkpoint_encodes(tmp_path: Path) -> None:
    told: list[float] = []
    tokenizer = fit_tokenizer(TEXTS, 60)
    pretrain(
        ["水水水水水水灯"] * 8, tokenizer, tmp_path / "pre", SHAPE, Pace(60, 5e-3), batch=4, seed=1,
        licence="own", on_step=told.append,
    )  # fmt: skip
    assert len(told) == 60
    # from ln 21 = 3.0, all 21 tokens alike, towards the entropy of six in seven, 0.41
    assert np.mean(told[:3]) > 2.5
    assert np.mean(told[-10:]) < 1.0
    assert encode(open_model(tmp_path / "pre"), TEXTS[:2], 16).shape == (2, 32)
    assert read_origin(tmp_path / "pre").licence == "own"
    assert "60 steps of 4 × 16" in read_origin(tmp_path / "pre").history[0]


def test_one_seed_gives_one_encoder(tmp_path: Path) -> None:
    tokenizer = fit_tokenizer(TEXTS, 60)
    found = []
    for name in ("a", "b"):
        out = tmp_path / name
        pretrain(TEXTS, tokenizer, out, SHAPE, Pace(3, 1e-3), batch=4, seed=1, licence="own")
        found.append(load_file(out / "model.safetensors"))
    assert all(np.array_equal(value, found[1][key]) for key, value in found[0].items())


def test_texts_are_read_from_lines_and_from_packed_lines(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("路灯\n\n 停水 \n", "utf-8")
    with lzma.open(tmp_path / "b.txt.xz", "wt", encoding="utf-8") as file:
        file.write("油烟\n")
    (tmp_path / "c.jsonl").write_text('{"id": "1", "title": "噪声", "text": "太吵"}\n', "utf-8")
    paths = [tmp_path / name for name in ("a.txt", "b.txt.xz", "c.jsonl")]
    assert list(read_texts(paths)) == ["路灯", "停水", "油烟", "噪声\n太吵"]


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", b"x"), ("a.txt", b"\xff\xfe"), ("a.txt.xz", b"x")]
)
def test_texts_that_are_none_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnusableFile, match=name):
        list(read_texts([tmp_path / name]))


def test_no_text_at_all_is_refused() -> None:
    tokenizer = fit_tokenizer(TEXTS, 60)
    with pytest.raises(UnusableFile, match="没有可以预训练的文本"):
        next(rows_of([], tokenizer, IDS, 16, 4, np.random.default_rng(0)))


def test_a_tokenizer_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text("{}", "utf-8")
    with pytest.raises(UnusableFile, match=r"t\.json"):
        read_tokenizer(tmp_path / "t.json")
