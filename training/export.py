"""Write a fitted model as a folder: quantised table, labels, manifest with hashes. No timestamps.

Two runs of one recipe on one data set give the same files, byte for byte, so the version (a hash of
them) is the same too.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from training.fit import Fitted
from training.folders import check_new, new_folder
from training.quantise import quantise
from training.recipe import Recipe
from training.trust import Judged
from triage.files import sha256
from triage.model.artifact import LABELS, MANIFEST, SCHEMA, WEIGHTS
from triage.model.encoder import files_of
from triage.model.registry import version_folder
from triage.request import Json

LIBRARIES = ("numpy", "scipy", "scikit-learn", "safetensors", "opencc-python-reimplemented")


def export(
    fitted: Fitted,
    recipe: Recipe,
    out: Path,
    *,
    name: str,
    data_sha256: str,
    split: str,
    metrics: dict[str, Json],
    encoder: Path | None = None,
) -> str:
    """Write the model folder `out` and return the version.

    Parameters
    ----------
    encoder : folder of `triage encoder export` whose vectors were fitted; its files are copied

    Raises
    ------
    ArtifactError, UnusableFile
        See `check_target`.
    """
    check_target(out, name)
    with new_folder(out) as draft:
        save_file(_tensors(fitted), draft / WEIGHTS)
        _dump(draft / LABELS, _labels(fitted, recipe))
        names = [LABELS, WEIGHTS, *(_copy_encoder(encoder, draft) if encoder else ())]
        files = {file: sha256(draft / file) for file in names}
        digest = hashlib.sha256("".join(files.values()).encode()).hexdigest()[:8]
        manifest: dict[str, Json] = {
            "schema": SCHEMA,
            "version": f"{name}-{digest}",
            "files": dict(files),
            "data_sha256": data_sha256,
            "examples": len(fitted.fold),
            "split": split,
            "recipe": recipe.text,
            "libraries": {library: version(library) for library in LIBRARIES},
            "python": platform.python_version(),
            "metrics": metrics,
        }
        if fitted.dense_scale is not None:
            manifest["dense_scale"] = fitted.dense_scale
        if fitted.second is not None:
            manifest["second_matter"] = dict(fitted.second.figures)
        _dump(draft / MANIFEST, manifest)
    return str(manifest["version"])


def check_target(out: Path, name: str) -> None:
    """Refuse a folder or a name that cannot be used; cheap, so that it can be asked beforehand.

    Raises
    ------
    ArtifactError
        A version could not bear `name`.
    UnusableFile
        `out` exists and is not an empty folder.
    """
    version_folder(out.parent, name)
    check_new(out)


def _tensors(fitted: Fitted) -> dict[str, NDArray[np.generic]]:
    table, scale = quantise(fitted.columns.weights)
    tensors: dict[str, NDArray[np.generic]] = {
        "bucket": fitted.vocabulary.bucket,
        "field_start": fitted.vocabulary.field_start,
        "idf": fitted.vocabulary.idf,
        "slot": _slots(fitted),
        "least_known": np.array([fitted.least_known]),
        "table": table,
        "scale": scale,
        "bias": fitted.columns.bias,
    }
    if fitted.dense is not None:
        tensors["dense"] = fitted.dense
    tensors |= _judges(fitted.judged)
    if fitted.second is not None:
        tensors |= fitted.second.scorer.tensors()
    for part in fitted.heads:
        name = part.head.name
        tensors[f"{name}.weights"] = part.final.weights
        tensors[f"{name}.offset"] = part.final.offset
        for link in part.final.links:
            tensors[f"{name}.link.{link.source}"] = link.table
        if part.first is not None:
            tensors[f"{name}.first.weights"] = part.first.weights
            tensors[f"{name}.first.offset"] = part.first.offset
    return {key: np.ascontiguousarray(value) for key, value in tensors.items()}


def _judges(judged: Judged) -> dict[str, NDArray[np.generic]]:
    tensors: dict[str, NDArray[np.generic]] = {}
    if judged.signals.group is not None:
        tensors["judges.group"] = judged.signals.group
    for name, trust in judged.trusts.items():
        curve = judged.curves[name]
        tensors[f"judge.{name}.weights"] = trust.weights
        tensors[f"judge.{name}.offset"] = trust.offset
        tensors[f"judge.{name}.curve"] = np.stack([curve.threshold, curve.answered, curve.wrong])
    return tensors


def _slots(fitted: Fitted) -> NDArray[np.int32]:
    """Return the table row of each n-gram of the vocabulary, int32 (V,); -1 where it has none."""
    slot = np.full(len(fitted.vocabulary.bucket), -1, np.int32)
    slot[fitted.rows] = np.arange(len(fitted.rows), dtype=np.int32)
    return slot


def _copy_encoder(folder: Path, draft: Path) -> tuple[str, ...]:
    names = files_of(folder)
    for name in names:
        shutil.copyfile(folder / name, draft / name)
    return names


def _labels(fitted: Fitted, recipe: Recipe) -> Json:
    return {
        "fields": [{"name": field.name, "orders": list(field.orders)} for field in recipe.fields],
        "judges": {"groups": list(fitted.judged.groups), "decisions": list(fitted.judged.trusts)},
        "heads": [
            {
                "name": part.head.name,
                "kind": part.head.kind,
                "labels": list(part.head.labels),
                "columns": [part.columns.start, part.columns.stop],
                "links": [link.source for link in part.final.links],
            }
            for part in fitted.heads
        ],
    }


def _dump(path: Path, value: Json) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
