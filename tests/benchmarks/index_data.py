"""Vectors to fill an index with: clustered random ones, and encoded texts of a simulated city."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from triage.desk.sight import Sight
from triage.index import Printed
from triage.model.artifact import read_artifact
from triage.model.registry import current_folder
from triage.same_event.encoders import open_encoder
from triage.same_event.entry import Entry
from triage.same_event.judgement import Judge
from triage.same_event.model import FOLDER
from triage.simulate import CityPlan, simulate_city

Floats: TypeAlias = NDArray[np.float32]
WIDTH = 256
BATCH = 10_000
_CENTRES = 20_000
"""Clusters: a city of a million orders has some tens of thousands of matters."""
_SPREAD = 0.05
"""Standard deviation of a component around its centre: cosine within a cluster about 0.6."""
_NONE = np.zeros(0, np.uint32)


def encoder_alone(models_dir: Path) -> Sight:
    """Return the published encoder; whoever asks its judge is mistaken."""
    folder = current_folder(models_dir / FOLDER)
    artifact = read_artifact(folder)
    opened = open_encoder(folder, artifact.manifest["encoder"], artifact.tensors)
    nobody = cast(Judge, None)
    return Sight(opened.version, opened.encoder.dimensions, opened.encoder, nobody)


def clustered(count: int, seed: int = 1) -> Iterator[Printed]:
    """Give random unit vectors around random centres, no pairs of characters."""
    centres = _unit(np.random.default_rng(0).standard_normal((_CENTRES, WIDTH), np.float32))
    rng = np.random.default_rng(seed)
    for first in range(0, count, BATCH):
        size = min(BATCH, count - first)
        near = centres[rng.integers(_CENTRES, size=size)]
        vectors = _unit(near + _SPREAD * rng.standard_normal((size, WIDTH), np.float32))
        yield Printed(_ids(first, size), vectors, (_NONE,) * size)


def told(count: int, sight: Sight, seed: int = 1) -> Iterator[Printed]:
    """Give encoded requests of a simulated city, a third of a year's worth of events."""
    plan = CityPlan(days=120, per_day=count / 80, seed=seed, start=date(2026, 1, 1))
    entries: list[Entry] = []
    first = 0
    for request in simulate_city(plan):
        entries.append(Entry(f"B{first + len(entries):09d}", request.title or "", request.text))
        if len(entries) == BATCH or first + len(entries) == count:
            yield sight.prints(entries)
            first += len(entries)
            entries = []
        if first == count:
            return


def _ids(first: int, size: int) -> tuple[str, ...]:
    return tuple(f"B{number:09d}" for number in range(first, first + size))


def _unit(vectors: Floats) -> Floats:
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit
