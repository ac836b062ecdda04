"""Texts for counting tokens and for pre-training: .txt, .txt.xz, or JSONL of `triage import`."""

from __future__ import annotations

import lzma
from collections.abc import Iterator, Sequence
from pathlib import Path

from evaluation.truth import read_examples
from triage.errors import UnusableFile
from triage.model.encoder import text_of


def read_texts(paths: Sequence[Path]) -> Iterator[str]:
    """Yield one text a line (or a request), blank lines left out.

    Raises
    ------
    UnusableFile
        A file cannot be read, or is of another kind.
    """
    for path in paths:
        if path.suffix == ".jsonl":
            yield from (text_of(example.document) for example in read_examples([path]))
        elif path.name.endswith((".txt", ".txt.xz")):
            yield from _lines(path)
        else:
            raise UnusableFile(f"{path} 的类型不受支持：应为 .txt、.txt.xz 或 .jsonl")


def _lines(path: Path) -> Iterator[str]:
    try:
        open_text = lzma.open if path.suffix == ".xz" else open
        with open_text(path, "rt", encoding="utf-8") as lines:
            yield from (line.strip() for line in lines if line.strip())
    except (OSError, UnicodeDecodeError, lzma.LZMAError) as error:
        raise UnusableFile(f"无法读取 {path}（{type(error).__name__}）：应为 UTF-8 文本") from error
