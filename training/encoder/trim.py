"""Trim a checkpoint's vocabulary to the tokens that given texts use: on disk.

Most of a multilingual model is words of other languages: of the 250,037 rows of E5-small, Chinese
requests use some 15,000. Texts whose tokens are all kept are cut into the very same tokens, so
their vectors do not change; WordPiece (longest match) and Unigram (best path) both keep this.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import cast

import numpy as np
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from training.encoder.checkpoint import WEIGHTS, read_origin, write_origin
from training.encoder.texts import read_texts
from triage.errors import UnusableFile
from triage.model.encoder import TOKENIZER

_ROWS = ".word_embeddings.weight"

Tokens = dict[str, object]


def trim_to(folder: Path, texts: Sequence[Path], *, at_most: int | None) -> int:
    """Trim a checkpoint folder to the tokens of some files, if any, and write that into its origin.

    Returns
    -------
    how many tokens it knows
    """
    if not texts:
        size: int = Tokenizer.from_file(str(folder / TOKENIZER)).get_vocab_size()
        return size
    origin = read_origin(folder)
    counts = count_tokens(folder, read_texts(texts), prefix=origin.prefix)
    before, after = trim(folder, counts, at_most=at_most)
    write_origin(origin.then(f"vocabulary {before} -> {after}"), folder)
    return after


def count_tokens(folder: Path, texts: Iterable[str], *, prefix: str) -> Counter[int]:
    """Count the token ids of texts under a checkpoint's tokenizer, whole texts, not cut."""
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    return _count(tokenizer, (prefix + text for text in texts))


def trim_tokenizer(tokenizer: Tokenizer, texts: Iterable[str], *, at_most: int) -> Tokenizer:
    """Return a tokenizer that knows the `at_most` most frequent tokens of texts only."""
    described = json.loads(tokenizer.to_str())
    _cut(described, _count(tokenizer, texts), at_most)
    return Tokenizer.from_str(json.dumps(described, ensure_ascii=False))


def _count(tokenizer: Tokenizer, texts: Iterable[str]) -> Counter[int]:
    tokenizer.no_truncation()
    tokenizer.no_padding()
    found: Counter[int] = Counter()
    waiting = iter(texts)
    while some := list(islice(waiting, 4_096)):
        for encoded in tokenizer.encode_batch_fast(some):
            found.update(encoded.ids)
    return found


def trim(folder: Path, counts: Counter[int], *, at_most: int | None = None) -> tuple[int, int]:
    """Cut tokenizer and embedding of a checkpoint folder down, in place.

    Special tokens stay. Of the others the `at_most` most frequent stay; None keeps all seen.

    Returns
    -------
    how many tokens there were, how many are left

    Raises
    ------
    UnusableFile
        The tokenizer is neither WordPiece nor Unigram, or the embedding is not where BERT has it.
    """
    path = folder / TOKENIZER
    described = json.loads(path.read_text("utf-8"))
    before, kept = _cut(described, counts, at_most)
    _cut_rows(folder, kept)
    path.write_text(json.dumps(described, ensure_ascii=False), "utf-8")
    return before, len(kept)


def _cut(described: Tokens, counts: Counter[int], at_most: int | None) -> tuple[int, list[int]]:
    """Cut a described tokenizer down in place; return its size before, and the old ids kept."""
    added = cast(list[Tokens], described["added_tokens"])
    special = {cast(int, token["id"]) for token in added}
    ranked = [token for token, _ in counts.most_common() if token not in special]
    kept = sorted({*special, *ranked[:at_most]})
    new = {old: index for index, old in enumerate(kept)}
    before = _cut_vocabulary(cast(Tokens, described["model"]), kept, new)
    for token in added:
        token["id"] = new[cast(int, token["id"])]
    _renumber(described.get("post_processor"), new)
    return before, kept


def _cut_vocabulary(model: Tokens, kept: Sequence[int], new: dict[int, int]) -> int:
    vocabulary = model["vocab"]
    if model["type"] == "WordPiece":
        by_id = {index: token for token, index in cast(dict[str, int], vocabulary).items()}
        model["vocab"] = {by_id[old]: index for old, index in new.items() if old in by_id}
    elif model["type"] == "Unigram":
        pieces = cast(list[list[object]], vocabulary)
        if kept[-1] >= len(pieces):
            raise UnusableFile("词表之外另有附加词，无法裁剪：请先合并到词表")
        model["vocab"] = [pieces[old] for old in kept]
        model["unk_id"] = new[cast(int, model["unk_id"])]
    else:
        raise UnusableFile(f"分词器是 {model['type']}，只能裁剪 WordPiece 与 Unigram：请不裁剪")
    return len(cast(Sequence[object], vocabulary))


def _renumber(node: object, new: dict[int, int]) -> None:
    """Give the special tokens that a post-processor adds their new ids."""
    if isinstance(node, dict):
        if node.get("type") in ("BertProcessing", "RobertaProcessing"):
            for end in ("sep", "cls"):
                node[end][1] = new[node[end][1]]
        if "ids" in node:
            node["ids"] = [new[old] for old in node["ids"]]
        for value in node.values():
            _renumber(value, new)
    elif isinstance(node, list):
        for value in node:
            _renumber(value, new)


def _cut_rows(folder: Path, kept: Sequence[int]) -> None:
    tensors = load_file(folder / WEIGHTS)
    config_file = folder / "config.json"
    config = json.loads(config_file.read_text("utf-8"))
    names = [name for name in tensors if f".{name}".endswith(_ROWS)]
    if len(names) != 1:
        raise UnusableFile(f"{folder / WEIGHTS} 里找不到词向量表：只支持 BERT 一类的模型")
    tensors[names[0]] = np.ascontiguousarray(tensors[names[0]][np.array(kept)])
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    config["vocab_size"] = len(kept)
    new_pad = kept.index(config["pad_token_id"]) if config.get("pad_token_id") in kept else None
    config["pad_token_id"] = new_pad
    config_file.write_text(json.dumps(config, ensure_ascii=False, indent=1) + "\n", "utf-8")
