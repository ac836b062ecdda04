"""A model folder: manifest, hashes, tensors and labels; a damaged one is refused, never half read.

Layout: `manifest.json` (schema, version, sha256 of each file, data hash, recipe, metrics, library
versions), `labels.json`, `weights.safetensors`, `card.md`. No pickle anywhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from triage.errors import ArtifactError
from triage.files import sha256
from triage.request import Json

SCHEMA = 2
MANIFEST = "manifest.json"
WEIGHTS = "weights.safetensors"
LABELS = "labels.json"
CARD = "card.md"


@dataclass(frozen=True, slots=True)
class Artifact:
    """A verified model folder in memory."""

    folder: Path
    manifest: dict[str, Json]
    labels: dict[str, Json]
    tensors: dict[str, NDArray[np.generic]]

    @property
    def version(self) -> str:
        """The model's version, as predictions carry it."""
        return str(self.manifest["version"])


def read_manifest(folder: Path) -> dict[str, Json]:
    """Read and check a manifest without loading weights.

    Raises
    ------
    ArtifactError
        The folder or file is missing, not JSON, or of another schema version.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ArtifactError(f"模型目录 {folder} 里没有 {MANIFEST}：请检查 --model 路径") from error
    except (OSError, ValueError) as error:
        raise ArtifactError(f"模型清单 {path} 无法读取：文件可能已损坏，请重新发布模型") from error
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        found = manifest.get("schema") if isinstance(manifest, dict) else None
        raise ArtifactError(f"模型 {folder} 的格式版本为 {found!r}，本程序只支持 {SCHEMA}")
    if not isinstance(manifest.get("version"), str):
        raise ArtifactError(f"模型 {folder} 的清单没有版本名：请重新训练或发布模型")
    return manifest


def read_artifact(folder: Path) -> Artifact:
    """Read a model folder after checking the sha256 of every file the manifest names.

    Raises
    ------
    ArtifactError
        A file is missing, changed, or cannot be parsed.
    """
    manifest = read_manifest(folder)
    verify(folder, manifest)
    try:
        tensors = load_tensors((folder / WEIGHTS).read_bytes())
        labels = json.loads((folder / LABELS).read_text("utf-8"))
    except (OSError, ValueError, SafetensorError) as error:
        raise ArtifactError(f"模型 {folder} 无法读取：{type(error).__name__}") from error
    return Artifact(folder, manifest, labels, tensors)


def verify(folder: Path, manifest: dict[str, Json]) -> None:
    """Compare the sha256 of each file with the manifest; raise ArtifactError at the first miss."""
    files = manifest.get("files")
    if not isinstance(files, dict) or not {WEIGHTS, LABELS} <= files.keys():
        raise ArtifactError(f"模型 {folder} 的清单没有列出全部文件：请重新发布模型")
    for name, expected in files.items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            raise ArtifactError(f"模型 {folder} 缺少文件 {name}：请重新发布或回滚")
        if sha256(path) != expected:
            raise ArtifactError(
                f"模型文件 {path} 的 sha256 与清单不符：已拒绝加载，请重新发布或回滚"
            )
