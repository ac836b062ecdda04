"""A published model in memory: documents in, calibrated probabilities of every decision out.

Knows heads and labels, not what a label means: names, boards and rules are the steps' business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from triage.errors import ArtifactError
from triage.model.artifact import Artifact, read_artifact
from triage.model.calibration import Calibration, Link, ordinal, sigmoid, softmax
from triage.model.consistency import (
    MULTICLASS,
    ORDINAL,
    check_fields,
    check_heads,
    check_table,
)
from triage.model.features import Document, Field
from triage.model.fused import FusedCalibration
from triage.model.linear import LinearModel, Reading

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Head:
    """One decision: its labels, its columns of the weight table, how scores become probabilities.

    `first` is the calibration without links, which other heads' links read (multiclass only).
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    columns: slice
    final: Calibration
    first: Calibration | None


class Model:
    """A linear model with calibrated heads."""

    def __init__(self, version: str, linear: LinearModel, heads: Sequence[Head]) -> None:
        self.version = version
        self.heads = {head.name: head for head in heads}
        self._linear = linear
        self._calibration = FusedCalibration(
            {head.name: head.columns for head in heads},
            {head.name: head.final for head in heads},
            {head.name: head.first for head in heads if head.first is not None},
        )

    @classmethod
    def load(cls, folder: Path) -> Model:
        """Load a model folder.

        Raises
        ------
        ArtifactError
            Missing, damaged, of another schema, or inconsistent in itself.
        """
        artifact = read_artifact(folder)
        try:
            return _assemble(artifact)
        except (KeyError, ValueError, TypeError, IndexError) as error:
            raise ArtifactError(
                f"模型 {folder} 的内容前后不一致（{type(error).__name__}）：请重新发布模型"
            ) from error

    def read(self, document: Document) -> Reading:
        """Hash one document; read once, scored and explained from the same reading."""
        return self._linear.read(document)

    def probabilities(self, readings: Sequence[Reading]) -> dict[str, Array]:
        """Return the probabilities of every head.

        Returns
        -------
        dict name → float32 (n, labels)
            Rows sum to 1 for multiclass and ordinal heads, free for multilabel ones.
        """
        return self.calibrate(self._linear.scores(readings))

    def calibrate(self, scores: Array) -> dict[str, Array]:
        """Turn raw scores (n, K) of all columns into probabilities by head."""
        logits = self._calibration.logits(scores)
        return {
            name: activate(head.kind, logits[:, head.columns]) for name, head in self.heads.items()
        }

    def character_weights(
        self, document: Document, reading: Reading, head: str, label: str
    ) -> Array:
        """Return what each character of the text added to a label's score, float32 (len(text),).

        Not for ordinal heads, whose columns are thresholds.
        """
        owner = self.heads[head]
        column = owner.columns.start + owner.labels.index(label)
        return self._linear.character_weights(document, reading, "text", column)


def activate(kind: str, logits: Array) -> Array:
    """Turn the logits of a head of this kind into probabilities."""
    if kind == MULTICLASS:
        return softmax(logits)
    return ordinal(sigmoid(logits)) if kind == ORDINAL else sigmoid(logits)


def _assemble(artifact: Artifact) -> Model:
    tensors = cast(dict[str, Array], artifact.tensors)
    description = cast(dict[str, list[dict[str, object]]], artifact.labels)
    fields = [
        Field(str(row["name"]), tuple(cast(list[int], row["orders"])))
        for row in description["fields"]
    ]
    heads = [_head(row, tensors) for row in description["heads"]]
    check_fields(fields)
    check_heads(heads, columns=len(tensors["bias"]))
    check_table(artifact.tensors, fields=len(fields))
    linear = LinearModel(
        fields,
        bucket=tensors["bucket"].astype(np.int32),
        field_start=tensors["field_start"].astype(np.int32),
        idf=tensors["idf"],
        table=cast(NDArray[np.int8], tensors["table"]),
        scale=tensors["scale"],
        bias=tensors["bias"],
    )
    return Model(artifact.version, linear, heads)


def _head(row: dict[str, object], tensors: dict[str, Array]) -> Head:
    name, kind = str(row["name"]), str(row["kind"])
    start, stop = cast(list[int], row["columns"])
    sources = cast(list[str], row["links"])
    return Head(
        name,
        kind,
        tuple(cast(list[str], row["labels"])),
        slice(start, stop),
        Calibration(
            tensors[f"{name}.weights"],
            tensors[f"{name}.offset"],
            tuple(Link(source, tensors[f"{name}.link.{source}"]) for source in sources),
        ),
        Calibration(tensors[f"{name}.first.weights"], tensors[f"{name}.first.offset"])
        if kind == MULTICLASS
        else None,
    )
