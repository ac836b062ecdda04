"""A progress bar for descents that have stages: what the loss was at first, and at last."""

from __future__ import annotations

import sys
import time

from tqdm import tqdm


class StageBar:
    """A bar on stderr, off where that is no terminal; remembers the losses of each stage."""

    def __init__(self) -> None:
        self._bar = tqdm(disable=None, file=sys.stderr, unit="步")
        self._losses: dict[str, list[float]] = {}
        self._began: dict[str, float] = {}
        self._ended: dict[str, float] = {}

    def __enter__(self) -> StageBar:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def told(self, stage: str, loss: float) -> None:
        """Show one more step of a stage, and its loss."""
        self._ended[stage] = time.monotonic()
        self._began.setdefault(stage, self._ended[stage])
        self._losses.setdefault(stage, []).append(loss)
        self._bar.set_description(f"{stage} {loss:.3f}", refresh=False)
        self._bar.update()

    def summary(self) -> dict[str, dict[str, float]]:
        """Return steps, seconds and the mean loss of the first and last tenth, by stage."""
        found = {}
        for stage, losses in self._losses.items():
            tenth = max(1, len(losses) // 10)
            first, last = losses[:tenth], losses[-tenth:]
            found[stage] = {
                "steps": len(losses),
                "first": round(sum(first) / tenth, 4),
                "last": round(sum(last) / tenth, 4),
                "seconds": round(self._ended[stage] - self._began[stage], 1),
            }
        return found
