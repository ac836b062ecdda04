"""The tokenizer of a network that starts from nothing: read from a file, or fitted to the texts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from triage.errors import UnusableFile

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def read_tokenizer(path: Path) -> Tokenizer:
    """Read a `tokenizer.json`.

    Raises
    ------
    UnusableFile
        It is missing or no tokenizer.
    """
    try:
        json.loads(path.read_text("utf-8"))
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception
        raise UnusableFile(f"{path} 不是 tokenizer.json（{type(error).__name__}）") from error


def fit_tokenizer(texts: Sequence[str], vocabulary: int) -> Tokenizer:
    """Fit a WordPiece vocabulary: every Chinese character stands alone, as in BERT."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary, special_tokens=list(SPECIAL), show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    ends = [(name, tokenizer.token_to_id(name)) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=ends
    )
    return tokenizer


def special_ids(tokenizer: Tokenizer) -> dict[str, int]:
    """Return the ids of BERT's special tokens.

    Raises
    ------
    UnusableFile
        One is missing.
    """
    found = {name: tokenizer.token_to_id(name) for name in SPECIAL}
    missing = [name for name, index in found.items() if index is None]
    if missing:
        raise UnusableFile(f"分词器缺少 {'、'.join(missing)}：应为 BERT 的 WordPiece 分词器")
    return found
