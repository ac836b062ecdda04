"""Bring a checkpoint in: from a local folder, or from the hub only where the user says so.

May cut layers off the top: half of the layers cost half of the time, and tuning makes up for most.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from sentence_transformers import SentenceTransformer
from torch import nn

from training.encoder.checkpoint import Origin, legal_files, open_model, save
from training.encoder.trim import trim_to
from training.folders import check_new, new_folder
from triage.errors import UnusableFile

_FRONT_MATTER = re.compile(r"^---\n(.*?)\n---", re.DOTALL)
_OTHER_WEIGHTS = ["*.bin", "*.h5", "*.onnx", "*.msgpack"]
_LICENCE_LINE = re.compile(r"^license:\s*[\"']?([\w.+-]+)", re.MULTILINE)


def find_source(name: str, *, hub: bool) -> Path:
    """Return the folder of a checkpoint; only with `hub` is a name fetched over the network.

    Raises
    ------
    UnusableFile
        There is no such folder, or the hub does not hand it out.
    """
    if not hub:
        if not Path(name).is_dir():
            raise UnusableFile(
                f"没有目录 {name}：请给出本地检查点目录；要从 Hugging Face 下载请加 --hub"
            )
        return Path(name)
    from huggingface_hub import snapshot_download  # it speaks to the network: only when asked

    try:
        return Path(snapshot_download(name, ignore_patterns=_OTHER_WEIGHTS))
    except Exception as error:  # network, name, permission: the library has dozens of classes
        raise UnusableFile(
            f"无法下载 {name}（{type(error).__name__}）：请检查网络与名称"
        ) from error


def find_licence(folder: Path, said: str | None) -> str:
    """Return the licence that was said, or the one in the model card.

    Raises
    ------
    UnusableFile
        Neither is there: a checkpoint without a licence is not taken in.
    """
    if said:
        return said
    card = folder / "README.md"
    front = _FRONT_MATTER.search(card.read_text("utf-8", "replace")) if card.is_file() else None
    line = _LICENCE_LINE.search(front[1]) if front else None
    if line is None:
        found = "、".join(path.name for path in legal_files(folder)) or "没有许可证文件"
        raise UnusableFile(
            f"{folder} 的说明里没有写明许可证（{found}）："
            "请核对后用 --licence 写明，如 --licence MIT"
        )
    return line[1]


def bring_in(
    folder: Path,
    out: Path,
    origin: Origin,
    *,
    layers: int | None = None,
    trim_texts: Sequence[Path] = (),
    at_most: int | None = None,
) -> int:
    """Write a checkpoint folder `out` from a source folder; return how many tokens it knows.

    Parameters
    ----------
    layers : keep the first so many only
    trim_texts, at_most : see `training.encoder.trim.trim_to`

    Raises
    ------
    UnusableFile
        The checkpoint cannot be read, or has not so many places or layers.
    """
    check_new(out)
    model = open_model(folder)
    most = model.max_seq_length
    if not 4 <= origin.max_tokens <= (most or origin.max_tokens):
        raise UnusableFile(f"--max-tokens {origin.max_tokens} 不在 4 到 {most} 之间")
    if layers is not None:
        origin = origin.then(f"layers {cut_layers(model, layers)} -> {layers}")
    with new_folder(out) as draft:
        save(model, origin, draft, sources=folder)
        return trim_to(draft, trim_texts, at_most=at_most)


def cut_layers(model: SentenceTransformer, layers: int) -> int:
    """Keep the first `layers` layers; return how many there were.

    Raises
    ------
    UnusableFile
        There are fewer, or the architecture keeps its layers elsewhere.
    """
    network = model[0].auto_model
    for holder, attribute in ((getattr(network, "encoder", None), "layer"), (network, "layers")):
        stack = getattr(holder, attribute, None)
        if isinstance(stack, nn.ModuleList):
            if not 1 <= layers <= len(stack):
                raise UnusableFile(f"--layers {layers} 不在 1 到 {len(stack)} 之间")
            setattr(holder, attribute, stack[:layers])
            network.config.num_hidden_layers = layers
            return len(stack)
    raise UnusableFile(f"不认识 {type(network).__name__} 的层：请不用 --layers")
