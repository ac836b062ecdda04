"""Write a fitted same-event model as a folder of the registry; no timestamps, no text.

Two runs on the same data give the same files and so the same version, which is a hash of them.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from training.event_vectors import take_along
from training.folders import new_folder
from training.same_event.fit import PRECISION
from triage.files import sha256
from triage.model.artifact import CARD, LABELS, MANIFEST, SCHEMA, WEIGHTS
from triage.model.encoder import files_of
from triage.request import Json
from triage.same_event.cross_encoder import FILES as CROSS_FILES
from triage.same_event.cross_encoder import CrossConfig, CrossEncoder, read_config
from triage.same_event.decision import Decision
from triage.same_event.encoders import static_of, static_tensors
from triage.same_event.judgement import Label
from triage.same_event.model import CROSS, RARITY, SECOND
from triage.same_event.pair_features import NAMES
from triage.same_event.second import SECOND_NAMES
from triage.same_event.static_encoder import StaticEncoder

HELD_OUT = "held_out_pairs.npz"
LIBRARIES = (
    "numpy", "scipy", "scikit-learn", "safetensors", "opencc-python-reimplemented", "onnxruntime",
    "tokenizers",
)  # fmt: skip


def export(
    out: Path,
    decision: Decision,
    encoder: StaticEncoder,
    rarity: NDArray[np.uint8],
    *,
    data: dict[str, Json],
    second: Path | None = None,
    cross: Path | None = None,
    held_out: Callable[[Path], None] | None = None,
) -> str:
    """Write the folder `out` and return the version.

    Parameters
    ----------
    data : what it was fitted on: counts and hashes, as the manifest keeps them
    second : folder of the exported encoder whose cosines it was fitted with too; its files go along
    cross : folder of the exported cross-encoder that its `closer` was fitted with
    held_out : writes the probabilities of pairs that it had not seen, for the gate of the next one

    Raises
    ------
    UnusableFile
        `out` exists and is not an empty folder.
    """
    with new_folder(out) as draft:
        tensors = {**static_tensors(encoder), **decision.tensors(), RARITY: rarity}
        ordered = {name: np.ascontiguousarray(tensors[name]) for name in sorted(tensors)}
        save_file(ordered, draft / WEIGHTS)
        features = [*NAMES, *(SECOND_NAMES if second else ())]
        _dump(draft / LABELS, {"classes": [label.value for label in Label], "features": features})
        names = [LABELS, WEIGHTS]
        beside: dict[str, Json] = {}
        if second is not None:
            beside[SECOND] = take_along(second, draft).to_json()
            names += files_of(draft)
        if cross is not None:
            beside[CROSS] = _take_cross(cross, draft).to_json()
            names += CROSS_FILES
        if held_out is not None:
            held_out(draft / HELD_OUT)
            names.append(HELD_OUT)
        files = {name: sha256(draft / name) for name in names}
        digest = hashlib.sha256("".join(files.values()).encode()).hexdigest()[:8]
        manifest: dict[str, Json] = {
            "schema": SCHEMA,
            "version": f"same-event-{digest}",
            "files": dict(files),
            "encoder": static_of(encoder).to_json(),
            **beside,
            "merge_from": round(decision.merge_from, 6),
            "libraries": {library: version(library) for library in LIBRARIES},
            "python": platform.python_version(),
            **data,
        }
        _dump(draft / MANIFEST, manifest)
        (draft / CARD).write_text(card(manifest), "utf-8")
    return str(manifest["version"])


def card(manifest: dict[str, Json]) -> str:
    """Return the model's card: what it is, what it was fitted on, what it cannot do."""
    return f"""# 同一事件模型 {manifest["version"]}

判断两条诉求是不是同一事件（SAME_EVENT / RELATED / UNRELATED），并给出向量供检索。
编码器：散列字符 n-gram（1–3），256 维，int8；判断：{len(NAMES)} 个成对特征上的单调提升树，
概率经校准；{_cross(manifest)}。除交叉编码器的词表外，文件里只有散列与数字，没有任何文字。

- 拟合用的判定对：{manifest.get("pairs")}（`dup_dev.csv`，镜像对只算一次）
  与 {manifest.get("letters")} 对另外判定的信件（`datasets/judged_pairs/`），
  另有换名的合成反例 {manifest.get("made_pairs")} 对；
  统计用的留言 {manifest.get("texts")} 条，不含判定所用的留言库。
- 自动并单的概率门槛：{manifest["merge_from"]}（全部判定对的内层折上精确率 {PRECISION} 处）。
- 成绩：`evaluation/results/same_event.json`，命令在 `docs/measuring.md`。

已知不足：判定标签出自语言模型阅读，不是热线人员；全部来自一个省级留言板的书面留言，口语诉求只在手写案例上
测过；同一小区的两件事与同一件事的两种说法之间，是它最常弄错的地方。
"""


def _take_cross(source: Path, draft: Path) -> CrossConfig:
    """Copy what runs of an exported cross-encoder, open it where it lies, return its config."""
    for name in CROSS_FILES:
        shutil.copyfile(source / name, draft / name)
    CrossEncoder.load(draft)
    return read_config(draft)


def _cross(manifest: dict[str, Json]) -> str:
    """Say whether doubtful pairs are read."""
    return "拿不准的对由交叉编码器并排细读" if manifest.get(CROSS) else "没有交叉编码器"


def _dump(path: Path, value: Json | dict[str, list[str]]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
