"""Small multiples of a forecast as one SVG: what was counted, the median, the intervals.

Labels are codes and English: matplotlib brings no Chinese font (see `evaluation.pictures`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from evaluation.charts import new_figure, to_svg
from training.forecast.making import Made
from triage.errors import UnusableFile
from triage.files import atomic_write
from triage.trends.panel import DAILY, Panel

MOST: Final = 12
"""Series in one picture, the largest first."""
_ACROSS: Final = 3
_BEFORE: Final = {DAILY: 56}
"""Steps of history that are drawn; a week of hours where it is not days."""


def write_picture(path: Path, made: Made) -> None:
    """Draw the largest series of a forecast.

    Raises
    ------
    UnusableFile
        The name does not end in .svg, or the place cannot be written to.
    MissingExtraError
        matplotlib is not installed.
    """
    if path.suffix.lower() != ".svg":
        raise UnusableFile(f"--plot {path} 应以 .svg 结尾")
    panel = made.panel
    before = _BEFORE.get(panel.grain, 168)
    largest = np.argsort(-panel.counts[:, -before:].sum(axis=1), kind="stable")[:MOST]
    down = -(-len(largest) // _ACROSS)
    figure = new_figure(4.2 * min(_ACROSS, len(largest)), 2.4 * down)
    for place, index in enumerate(largest.tolist(), start=1):
        axes = figure.add_subplot(down, min(_ACROSS, len(largest)), place)
        rows = made.rows.slice(index * made.facts.horizon, made.facts.horizon)
        _draw(axes, panel, index, rows, before)
    with atomic_write(path) as file:
        file.write(to_svg(figure).encode())


def _draw(axes, panel: Panel, index: int, rows: pl.DataFrame, before: int) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001  matplotlib has no types
    known = panel.counts[index, -before:]
    past, ahead = np.arange(-len(known), 0), np.arange(rows.height)
    axes.plot(past, known, color="0.35", linewidth=0.8)
    for low in [name for name in rows.columns if name.startswith("lo-")]:
        high = low.replace("lo-", "hi-")
        axes.fill_between(ahead, rows[low], rows[high], color="tab:blue", alpha=0.18, linewidth=0)
    axes.plot(ahead, rows["median"], color="tab:blue", linewidth=1.2)
    axes.axvline(-0.5, color="0.7", linewidth=0.5)
    axes.set_ylim(bottom=0)
    name = " × ".join(panel.ids[index]) or "count"
    axes.set_title(name if name.isascii() else f"series {index + 1}", fontsize=8)
    axes.set_xlabel(f"steps after {panel.label(panel.steps - 1)}", fontsize=6)
    axes.tick_params(labelsize=6)
