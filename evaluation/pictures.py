"""Pictures of a report: confusion, reliability, accuracy against coverage. PNG, drawn off screen.

Text in them is label codes and English: matplotlib brings no Chinese font. A label of a city's own
taxonomy that the font cannot draw is shown by its number, with the number's label in the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from evaluation.breakdown import commonest
from evaluation.calibration import ECE_BINS, coverage_curve, equal_width
from evaluation.measured import Measured
from evaluation.metrics import confusion
from triage.errors import MissingExtraError
from triage.files import atomic_write

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_LABELS = 25
_LONGEST = 12
_CAPTIONS = {
    "confusion": "混淆矩阵（最常混淆的标签）",
    "reliability": "可靠性：说有多大把握，实际对多少",
    "coverage": "覆盖率与准确率：只答最有把握的一部分",
}


def require_pictures() -> ModuleType:
    """Return matplotlib's figure module.

    Raises
    ------
    MissingExtraError
        The training extra is not installed.
    """
    try:
        import matplotlib.figure
    except ImportError as error:
        raise MissingExtraError(
            "画图需要 matplotlib：pip install 'citizen-triage[train]'，或加 --no-pictures"
        ) from error
    return matplotlib.figure


def draw(decisions: Mapping[str, Measured], folder: Path) -> dict[str, Path]:
    """Write the pictures into a folder; return caption → file."""
    figure = require_pictures()
    single = {name: one for name, one in decisions.items() if not one.is_multilabel}
    drawn: dict[str, Path] = {}
    confused = single.get("topic") or next(iter(single.values()), None)
    if confused is not None and commonest(confused):
        drawn["confusion"] = _save(_confusion(figure, confused), folder / "confusion.png")
    if single:
        drawn["reliability"] = _save(_reliability(figure, single), folder / "reliability.png")
        drawn["coverage"] = _save(_coverage(figure, single), folder / "coverage.png")
    return {_CAPTIONS[name]: path for name, path in drawn.items()}


def _confusion(module: ModuleType, decision: Measured) -> Figure:
    names = decision.names()
    kept = _most_confused(decision)
    counts = confusion(decision.truth_index(), decision.guess_index(), len(names))
    share = counts[kept] / np.maximum(counts[kept].sum(axis=1, keepdims=True), 1)
    share = share[:, kept]
    figure = module.Figure(figsize=(9, 8), layout="constrained")
    axes = figure.subplots()
    picture = axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    labels = [drawable(names[index], index) for index in kept]
    axes.set_xticks(range(len(kept)), labels, rotation=90, fontsize=8)
    axes.set_yticks(range(len(kept)), labels, fontsize=8)
    axes.set(xlabel="answered", ylabel="labelled", title=f"{decision.name}: share of each row")
    figure.colorbar(picture, ax=axes, shrink=0.8)
    return figure  # type: ignore[no-any-return]


def _most_confused(decision: Measured) -> list[int]:
    """Return labels by how often they are taken for another or another for them, as indices."""
    truth, guess = decision.truth_index(), decision.guess_index()
    k, wrong = len(decision.names()), truth != guess
    mistakes = np.bincount(truth[wrong], minlength=k) + np.bincount(guess[wrong], minlength=k)
    order = np.argsort(-mistakes, kind="stable")[:MOST_LABELS]
    return sorted(order[mistakes[order] > 0].tolist())


def _reliability(module: ModuleType, decisions: Mapping[str, Measured]) -> Figure:
    figure, axes = _square(module)
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--")
    for name, decision in decisions.items():
        right = decision.truth_index() == decision.guess_index()
        bins = equal_width(right, decision.confidence(), ECE_BINS)
        axes.plot(bins.confidence, bins.right, marker="o", markersize=3, label=name)
    axes.set(xlabel="confidence", ylabel="share right", title="reliability", xlim=(0, 1))
    axes.legend(fontsize=8)
    return figure


def _coverage(module: ModuleType, decisions: Mapping[str, Measured]) -> Figure:
    figure, axes = _square(module)
    for name, decision in decisions.items():
        right = decision.truth_index() == decision.guess_index()
        coverage, accuracy = coverage_curve(right, decision.confidence())
        axes.plot(coverage, accuracy, label=name)
    axes.set(xlabel="coverage", ylabel="accuracy", title="accuracy of the surest", xlim=(0, 1))
    axes.legend(fontsize=8, loc="lower left")
    return figure


def _square(module: ModuleType) -> tuple[Figure, Axes]:
    figure = module.Figure(figsize=(7, 6), layout="constrained")
    axes = figure.subplots()
    axes.grid(alpha=0.3)
    return figure, axes


def drawable(label: str, index: int) -> str:
    """Return the label where the font can draw it, else its number."""
    return label[:_LONGEST] if label.isascii() and label.isprintable() else f"#{index}"


def _save(figure: Figure, path: Path) -> Path:
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    with atomic_write(path) as file:
        file.write(buffer.getvalue())
    return path
