"""A checkpoint: a sentence-transformers folder, and beside it where it comes from.

`origin.json` holds name, licence, prefix and what was done to it; LICENSE and NOTICE files of the
source travel along. Nothing here reaches the network: a name that is no folder is refused, and
fetching one is `training.encoder.sources`' business, on demand.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sentence_transformers import SentenceTransformer
from transformers.utils import logging as transformers_logging

from training.crossfit import CROSSFIT, carry
from training.pair_crossfit import PAIR_CROSSFIT, carry_pairs
from triage.errors import ArtifactError, UnusableFile
from triage.model.calibration import Array

if TYPE_CHECKING:
    from collections.abc import Iterable

ORIGIN = "origin.json"
WEIGHTS = "model.safetensors"
_LEGAL = re.compile(r"(licen[sc]e|notice|copying)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a checkpoint comes from: `history` has one line for each thing done to it."""

    name: str
    licence: str
    prefix: str
    max_tokens: int
    history: tuple[str, ...] = ()

    def then(self, step: str) -> Origin:
        """Return the origin with one more line of history."""
        return replace(self, history=(*self.history, step))


def open_model(folder: Path) -> SentenceTransformer:
    """Load a sentence-transformers or transformers folder; a bare one gets mean pooling.

    Raises
    ------
    UnusableFile
        It is no folder, or none that the libraries understand.
    """
    hush()
    if not folder.is_dir():
        raise UnusableFile(f"没有检查点目录 {folder}：请给出本地目录")
    try:
        model = SentenceTransformer(
            str(folder), local_files_only=True, device="cpu", model_kwargs={"use_safetensors": True}
        )
        return model.float()  # weights may be kept in half precision; nothing computes in it
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        raise UnusableFile(
            f"检查点 {folder} 无法读取（{type(error).__name__}：{str(error)[:120]}）："
            "应有 config.json、model.safetensors 与 tokenizer.json"
        ) from error


def encode(model: SentenceTransformer, texts: list[str], max_tokens: int) -> Array:
    """Return torch's unit vectors of texts that bear their prefix, float32 (n, d)."""
    model.max_seq_length = max_tokens
    vectors: Array = model.encode(
        texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False, prompt=""
    )
    return vectors.astype(np.float32)


def hush() -> None:
    """Silence the bars and load reports of transformers: progress is the command's to show."""
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()


def read_origin(folder: Path) -> Origin:
    """Read `origin.json`.

    Raises
    ------
    ArtifactError
        It is missing or damaged: the folder did not pass `triage encoder import`.
    """
    try:
        found = json.loads((folder / ORIGIN).read_text("utf-8"))
        return Origin(**{**found, "history": tuple(found["history"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ArtifactError(
            f"{folder} 里没有可用的 {ORIGIN}：请先用 triage encoder import 或 pretrain 生成检查点"
        ) from error


def save(model: SentenceTransformer, origin: Origin, folder: Path, *, sources: Path | None) -> None:
    """Write a checkpoint into a folder; LICENSE and NOTICE files come from the folder `sources`."""
    model.max_seq_length = origin.max_tokens
    model.save(str(folder), create_model_card=False)
    write_origin(origin, folder)
    if sources is not None:
        for path in legal_files(sources):
            shutil.copyfile(path, folder / path.name)
        carry(sources, folder)
        carry_pairs(sources, folder)


def check_unlabelled(checkpoint: Path) -> None:
    """Refuse a checkpoint that has seen labels: what it saw could not be told apart any more.

    Raises
    ------
    UnusableFile
        It was tuned on labels or judged pairs.
    """
    if any((checkpoint / name).exists() for name in (CROSSFIT, PAIR_CROSSFIT)):
        raise UnusableFile(f"{checkpoint} 已用标签调优过：请从未用标签调优的检查点开始")


def write_origin(origin: Origin, folder: Path) -> None:
    """Write `origin.json`."""
    text = json.dumps(asdict(origin), ensure_ascii=False, indent=1)
    (folder / ORIGIN).write_text(text + "\n", "utf-8")


def legal_files(folder: Path) -> Iterable[Path]:
    """Return the LICENSE, NOTICE and COPYING files of a folder, by name."""
    return sorted(path for path in folder.iterdir() if path.is_file() and _LEGAL.search(path.name))
