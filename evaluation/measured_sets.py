"""Sets to measure explanations on: NAME=MODEL:DATA[@DISTRICT], read, thinned evenly, described.

A district is taken for granted where the data's own places are coded and no list can know them. So
that one report can stand a shipped model on held-out requests beside a fold model on the
messages that it never saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from evaluation.truth import Example, fingerprint, read_examples
from triage.errors import UnusableFile
from triage.explain import ExplainingPipeline
from triage.request import Json

SEED = 12345


@dataclass(frozen=True, slots=True)
class MeasuredSet:
    """A named set of examples and the pipeline that is asked about them.

    `district` is the one taken for granted, None where the examples speak for themselves.
    """

    name: str
    pipeline: ExplainingPipeline
    data: Path
    examples: tuple[Example, ...]
    district: str | None = None

    def to_json(self) -> dict[str, Json]:
        """Return what was measured on what; no text is in it."""
        return {
            "model": self.pipeline.versions.model,
            "data": self.data.name,
            "examples": len(self.examples),
            "examples_sha256": fingerprint(self.examples),
            "district": self.district,
        }


def read_set(words: str, *, limit: int | None) -> MeasuredSet:
    """Read NAME=MODEL:DATA[@DISTRICT], at most `limit` of its examples, chosen by a fixed seed.

    Raises
    ------
    UnusableFile, ArtifactError
        The words, the model or the data cannot be used.
    """
    name, equals, rest = words.partition("=")
    model, colon, data = rest.rpartition(":")
    if not (name and equals and model and colon and data):
        raise UnusableFile(f"--set {words} 应写成 名称=模型文件夹:数据.jsonl 或 …jsonl@区县")
    pipeline = ExplainingPipeline.from_model(Path(model))
    path, _, district = data.partition("@")
    examples = _some(read_examples([Path(path)]), limit)
    if district:
        examples = tuple(replace(example, district=district) for example in examples)
    return MeasuredSet(name, pipeline, Path(path), examples, district or None)


def _some(examples: Sequence[Example], limit: int | None) -> tuple[Example, ...]:
    if limit is None or limit >= len(examples):
        return tuple(examples)
    chosen = np.random.default_rng(SEED).permutation(len(examples))[:limit]
    return tuple(examples[row] for row in sorted(chosen.tolist()))
