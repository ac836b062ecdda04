"""Trimming a vocabulary changes nothing for texts whose tokens were counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from triage.errors import UnusableFile

pytest.importorskip("sentence_transformers", reason="needs the tune extra")

from safetensors.numpy import load_file
from tokenizers import Tokenizer, models

from training.encoder.checkpoint import Origin, encode, open_model, read_origin
from training.encoder.sources import bring_in
from training.encoder.trim import count_tokens, trim, trim_to

pytestmark = [pytest.mark.train, pytest.mark.slow]
SEEN = ["路灯坏了", "停水停电", "路灯路灯"]
UNSEEN = "油烟扰民"


@pytest.fixture
def folder(tmp_path: Path, write_tiny_bert: Callable[..., Path]) -> Path:
    source = write_tiny_bert(tmp_path / "bert", "".join([*SEEN, UNSEEN]))
    bring_in(source, tmp_path / "base", Origin("tiny", "MIT", "", 32))
    return tmp_path / "base"


def tokenizer(folder: Path) -> Tokenizer:
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def test_seen_texts_keep_their_tokens_and_their_vectors(folder: Path) -> None:
    before = encode(open_model(folder), SEEN, 32)
    tokens = [tokenizer(folder).encode(text).tokens for text in SEEN]
    was, left = trim(folder, count_tokens(folder, SEEN, prefix=""))
    # five special tokens and 路灯坏了停水电; four characters of the other text go
    assert (was, left) == (16, 12)
    assert [tokenizer(folder).encode(text).tokens for text in SEEN] == tokens
    assert np.abs(encode(open_model(folder), SEEN, 32) - before).max() < 1e-6
    rows = load_file(folder / "model.safetensors")["embeddings.word_embeddings.weight"]
    assert rows.shape == (12, 32)


def test_what_was_not_seen_becomes_unknown(folder: Path) -> None:
    trim(folder, count_tokens(folder, SEEN, prefix=""))
    assert tokenizer(folder).encode(UNSEEN).tokens == ["[CLS]", *["[UNK]"] * 4, "[SEP]"]


def test_the_most_frequent_tokens_stay_where_there_is_a_limit(folder: Path) -> None:
    # 路 and 灯 stand three times each, 停 twice
    assert trim(folder, count_tokens(folder, SEEN, prefix=""), at_most=3)[1] == 8
    kept = tokenizer(folder).get_vocab()
    assert {"路", "灯", "停"} < set(kept)
    assert "水" not in kept


def test_the_origin_tells_of_it(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "seen.txt").write_text("\n".join(SEEN), "utf-8")
    assert trim_to(folder, [tmp_path / "seen.txt"], at_most=None) == 12
    assert read_origin(folder).history[-1] == "vocabulary 16 -> 12"
    assert trim_to(folder, [], at_most=None) == 12


def test_a_best_path_vocabulary_is_trimmed_alike(folder: Path) -> None:
    pieces = [("[PAD]", 0.0), ("[UNK]", 0.0), ("[CLS]", 0.0), ("[SEP]", 0.0), ("[MASK]", 0.0),
              ("油", -3.0), ("路灯", -1.0), ("路", -2.0), ("灯", -2.0), ("停", -2.0),
              ("水", -2.0), ("停水", -9.0)]  # fmt: skip
    path = folder / "tokenizer.json"
    described = json.loads(path.read_text("utf-8"))
    unigram = Tokenizer(models.Unigram(pieces, unk_id=1))
    described["model"] = json.loads(unigram.to_str())["model"]
    described["pre_tokenizer"] = described["normalizer"] = None
    path.write_text(json.dumps(described), "utf-8")
    before = tokenizer(folder).encode("路灯停水").tokens
    assert before == ["[CLS]", "路灯", "停", "水", "[SEP]"]
    assert trim(folder, count_tokens(folder, ["路灯停水"], prefix="")) == (12, 8)
    assert tokenizer(folder).encode("路灯停水").tokens == before
    assert tokenizer(folder).encode("路灯停水").ids == [2, 5, 6, 7, 3]
    assert tokenizer(folder).encode("油").ids == [2, 1, 3]


def test_byte_pairs_are_refused(folder: Path) -> None:
    path = folder / "tokenizer.json"
    described = json.loads(path.read_text("utf-8"))
    described["model"] = {"type": "BPE", "vocab": {"a": 5}, "merges": []}
    path.write_text(json.dumps(described), "utf-8")
    with pytest.raises(UnusableFile, match="BPE"):
        trim(folder, Counter({5: 1}))
