"""What goes into the index of an order, and what comes out of a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Buckets: TypeAlias = NDArray[np.uint32]
Rows: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Printed:
    """Orders as the index keeps them.

    `vectors` float32 (n, d), rows of unit length; `pairs` one array of buckets an order
    (`triage.index.pairs`), any length.
    """

    ids: tuple[str, ...]
    vectors: Floats
    pairs: tuple[Buckets, ...]

    def __post_init__(self) -> None:
        if not len(self.ids) == len(self.vectors) == len(self.pairs):
            raise ValueError(
                f"{len(self.ids)} ids, {len(self.vectors)} vectors, {len(self.pairs)} pairs"
            )


@dataclass(frozen=True, slots=True)
class Hit:
    """An order near to what was asked: cosine in [-1, 1], 0 where only its pairs were found.

    `shared` is the weight of the rare pairs that both have, 0 where only its vector was found.
    """

    id: str
    cosine: float
    shared: float
