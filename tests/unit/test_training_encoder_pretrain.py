"""Pre-training asks for masked tokens, and learns from any text that is given."""

from __future__ import annotations

import lzma
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from triage.errors import UnusableFile

pytest.importorskip("sentence_transformers", reason="needs the tune extra")

import torch
from safetensors.numpy import load_file, save_file

from training.encoder.checkpoint import encode, open_model, read_origin
from training.encoder.collapse import entropy, watched
from training.encoder.descent import Pace
from training.encoder.pretrain import Shape, pretrain
from training.encoder.span_mask import IGNORED, mask_tokens
from training.encoder.texts import read_texts
from training.encoder.token_rows import TokenRows
from training.encoder.tokenizer import SPECIAL, fit_tokenizer, read_tokenizer
from training.encoder.trim import trim_tokenizer

pytestmark = [pytest.mark.train, pytest.mark.slow]
TEXTS = ["路灯坏了请来修", "小区停水三天了", "楼下油烟很大"] * 8
IDS = {name: index for index, name in enumerate(SPECIAL)}
SHAPE = Shape(layers=1, width=32, heads=2, max_tokens=16)


def test_a_seventh_of_the_tokens_is_asked_for_and_special_ones_never() -> None:
    rows = torch.full((400, 50), 9)
    rows[:, 0], rows[:, -1] = IDS["[CLS]"], IDS["[SEP]"]
    shown, asked = mask_tokens(rows, IDS, 40, torch.Generator().manual_seed(0))
    places = asked != IGNORED
    # 400 × 48 places, each with probability 0.15: 2,880 ± 50, and spans make it rougher
    assert 2650 < places.sum() < 3110
    assert not places[:, [0, -1]].any()
    assert (asked[places] == 9).all()
    assert (shown[~places] == rows[~places]).all()
    masked = float((shown == IDS["[MASK]"]).sum() / places.sum())
    kept = float((shown[places] == 9).float().mean())
    assert masked == pytest.approx(0.8, abs=0.03)
    assert kept == pytest.approx(0.1 + 0.1 / 40, abs=0.03)


def test_tokens_are_asked_for_in_short_spans() -> None:
    _, asked = mask_tokens(torch.full((400, 50), 9), IDS, 40, torch.Generator().manual_seed(0))
    places = (asked != IGNORED).float()
    after_asked = (places[:, :-1] * places[:, 1:]).sum() / places[:, :-1].sum()
    # alone, the next token would be asked with probability 0.15
    assert 0.4 < float(after_asked) < 0.55


def test_rows_are_filled_end_to_end() -> None:
    tokenizer = fit_tokenizer(TEXTS, 60)
    rows = TokenRows.of(TEXTS, tokenizer, IDS)
    first, second = islice(rows.batches(16, 4, np.random.default_rng(0)), 2)
    assert first.shape == second.shape == (4, 16)
    assert (first[:, 0] == IDS["[CLS]"]).all()
    assert not (first == IDS["[PAD]"]).any()
    told = np.concatenate([first[:, 1:].ravel(), second[:, 1:].ravel()]).tolist()
    runs = " ".join(map(str, told)).split(f" {IDS['[SEP]']}")
    whole = {" ".join(map(str, tokenizer.encode(text, add_special_tokens=False).ids))
             for text in TEXTS}  # fmt: skip
    assert {run.strip() for run in runs[:-1]} == whole  # the last may be cut


def test_a_round_over_the_texts_brings_each_once() -> None:
    tokenizer = fit_tokenizer(TEXTS, 60)
    rows = TokenRows.of(TEXTS, tokenizer, IDS)
    total = len(rows.ids)
    batch = next(rows.batches(total // 4 + 1, 4, np.random.default_rng(0)))
    assert sorted(batch[:, 1:].ravel().tolist()) == sorted(rows.ids[: total // 4 * 4].tolist())


def test_the_vocabulary_is_cut_to_the_most_frequent_tokens() -> None:
    full = fit_tokenizer(TEXTS, 60)
    cut = trim_tokenizer(full, ["路灯路灯路灯", "停水"], at_most=3)
    assert cut.get_vocab_size() == len(SPECIAL) + 3
    assert cut.encode("路灯", add_special_tokens=False).tokens == ["路", "灯"]
    assert cut.encode("油烟").tokens[1:-1] == ["[UNK]", "[UNK]"]
    assert cut.encode("路").ids[0] == cut.token_to_id("[CLS]")


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


def test_a_checkpoint_is_gone_on_from(tmp_path: Path) -> None:
    tokenizer = fit_tokenizer(TEXTS, 60)
    first, then = tmp_path / "first", tmp_path / "then"
    pretrain(TEXTS, tokenizer, first, SHAPE, Pace(5, 1e-2), batch=4, seed=1, licence="own")
    weights = load_file(first / "model.safetensors")
    save_file({name: value.astype(np.float16) for name, value in weights.items()},
              first / "model.safetensors", metadata={"format": "pt"})  # fmt: skip
    pretrain(TEXTS, tokenizer, then, SHAPE, Pace(1, 1e-9), batch=4, seed=2, licence="own",
             start=first)  # fmt: skip
    went_on = load_file(then / "model.safetensors")
    learned = {name: value for name, value in weights.items() if not name.startswith("pooler.")}
    assert all(np.allclose(value, went_on[name], atol=1e-3) for name, value in learned.items())
    assert len(read_origin(then).history) == 2
    assert encode(open_model(first), ["路灯"], 16).dtype == np.float32


def test_a_checkpoint_of_another_shape_is_not_gone_on_from(tmp_path: Path) -> None:
    tokenizer = fit_tokenizer(TEXTS, 60)
    pretrain(TEXTS, tokenizer, tmp_path / "a", SHAPE, Pace(1, 1e-3), batch=4, seed=1, licence="own")
    with pytest.raises(UnusableFile, match="--layers"):
        pretrain(TEXTS, tokenizer, tmp_path / "b", Shape(2, 32, 2, 16), Pace(1, 1e-3), batch=4,
                 seed=1, licence="own", start=tmp_path / "a")  # fmt: skip
    assert not (tmp_path / "b").exists()


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
        TokenRows.of([], tokenizer, IDS)


def test_a_tokenizer_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text("{}", "utf-8")
    with pytest.raises(UnusableFile, match=r"t\.json"):
        read_tokenizer(tmp_path / "t.json")


def test_a_network_that_learns_only_frequencies_is_stopped(tmp_path: Path) -> None:
    tokenizer = fit_tokenizer(TEXTS, 60)
    floor = entropy(TokenRows.of(TEXTS, tokenizer, IDS).ids, IDS)
    told = watched(lambda loss: None, floor, look_at=5)
    for _ in range(4):
        told(floor)
    with pytest.raises(UnusableFile, match="--rate 减半"):
        told(floor)
    with pytest.raises(UnusableFile, match="nan"):
        watched(lambda loss: None, floor, look_at=1)(float("nan"))


def test_a_network_that_learns_goes_on() -> None:
    seen: list[float] = []
    told = watched(seen.append, 3.0, look_at=2)
    for loss in (3.0, 2.0, 3.0, 3.0):
        told(loss)
    assert seen == [3.0, 2.0, 3.0, 3.0]


def test_the_entropy_is_of_what_can_be_asked_for() -> None:
    ids = np.array([5, 6, 5, 6, IDS["[SEP]"]], np.int32)
    assert entropy(ids, IDS) == pytest.approx(np.log(2))
