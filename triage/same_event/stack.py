"""Several profiles put together, so that a query is compared with all of them at once.

Weights are given for the n-grams that are asked for, which are the few that the query has too. A
stack is made of profiles here, and of what was packed of entries in `triage.same_event.packed`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.model.encoder import Floats
from triage.same_event.profile import ORDERS, Keys, Profile

Places = NDArray[np.int64]
Weights = Callable[[Places], tuple[Floats, Floats, Floats]]
"""What the n-grams at these places weigh in title, detail and whole; float32 (m,) each."""


@dataclass(frozen=True, slots=True)
class Stack:
    """n profiles; N n-grams in all.

    `keys` int32 (N,) one profile after another; `cells` int64 (N,): which profile, times 4, plus
    which order; `norms`, `mass` float32 (3, n, 4); `runs` how long each title's run is, `run` int32
    and `run_idf` float32 all of them, one after another.
    """

    keys: Keys
    cells: Places
    weights: Weights
    norms: Floats
    mass: Floats
    runs: Places
    run: Keys
    run_idf: Floats

    def __len__(self) -> int:
        return len(self.runs)


def stacked(profiles: Sequence[Profile]) -> Stack:
    """Return profiles put together; at least one."""

    def joined(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(each, name) for each in profiles])

    def weights(places: Places) -> tuple[Floats, Floats, Floats]:
        title, detail, whole = (joined(name).take(places) for name in ("title", "detail", "whole"))
        return title, detail, whole

    owner = np.repeat(np.arange(len(profiles)), [len(each.keys) for each in profiles])
    return Stack(
        joined("keys"),
        owner * len(ORDERS) + joined("orders"),
        weights,
        np.stack([each.norms for each in profiles], axis=1),
        np.stack([each.mass for each in profiles], axis=1),
        np.array([len(each.run) for each in profiles]),
        joined("run"),
        joined("run_idf"),
    )
