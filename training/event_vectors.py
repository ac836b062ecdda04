"""An exported encoder for fitting the same-event decision: honest on the pairs it was tuned on.

Each component is encoded by a copy that did not see its judgements (`training.pair_crossfit`), so
that the decision is fitted on what it will meet. The decision itself is not known here.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.pair_crossfit import PairCrossfit, read_pair_crossfit
from triage.errors import UnusableFile
from triage.model.calibration import Array
from triage.model.encoder import Encoder, files_of
from triage.same_event.encoders import EventEncoder, OpenedEncoder, onnx_of


class HonestEncoders:
    """One encoder a component: what `triage encoder export` wrote, and its cross-fitted copies.

    Only vectors of one component may be compared: those of another may be of another copy's space.
    """

    def __init__(self, encoder: EventEncoder, crossfit: PairCrossfit) -> None:
        self.dimensions = encoder.dimensions
        self._once = _Once(encoder)
        self._crossfit = crossfit

    @property
    def exported(self) -> Encoder:
        """The encoder itself, for texts that stand in no judged pair."""
        return self._once

    @classmethod
    def load(cls, folder: Path) -> HonestEncoders:
        """Load an exported encoder and what it saw.

        Raises
        ------
        ArtifactError, MissingExtraError
            The encoder cannot be loaded.
        UnusableFile
            Its cross-fitted vectors are damaged, or of another encoder.
        """
        opened, crossfit = onnx_of(folder).encoder, read_pair_crossfit(folder)
        widths = {len(vector) for vector in crossfit.vectors.values()}
        if widths - {opened.dimensions}:
            raise UnusableFile(
                f"{folder} 的折外向量为 {min(widths)} 维，编码器为 {opened.dimensions} 维："
                "请重新调优并导出"
            )
        return cls(opened, crossfit)

    def of(self, component: str) -> Encoder:
        """Return the encoder for the pairs of one component.

        Its `encode` raises UnusableFile where it was tuned on the component's judgements and not
        cross-fitted, or on other texts.
        """
        return _OfComponent(component, self._once, self._crossfit)


def take_along(source: Path, draft: Path) -> OpenedEncoder:
    """Copy an exported encoder into an artefact's draft and return it as it lies there.

    What the artefact's manifest says under `encoder` is `to_json()`; its files are
    `files_of(draft)`.
    """
    for name in files_of(source):
        shutil.copyfile(source / name, draft / name)
    return onnx_of(draft)


@dataclass(frozen=True, slots=True)
class _OfComponent:
    component: str
    encoder: Encoder
    crossfit: PairCrossfit

    def encode(self, texts: Sequence[str]) -> Array:
        found = self.crossfit.encode(self.encoder, self.component, texts)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)  # float16 was kept
        unit: Array = found / np.maximum(lengths, np.float32(1e-6))
        return unit


class _Once:
    """Encodes a text once, however many pairs it stands in."""

    def __init__(self, encoder: EventEncoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Array] = {}

    def encode(self, texts: Sequence[str]) -> Array:
        for text in texts:
            if text not in self._known:
                self._known[text] = self._encoder.encode([text])[0]
        width = self._encoder.dimensions
        return np.array([self._known[text] for text in texts], np.float32).reshape(-1, width)
