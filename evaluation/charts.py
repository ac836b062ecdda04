"""Charts of the analysts' reports as SVG: bars and dots with intervals.

As in `pictures`, text in them is codes and English; captions beside them are Chinese.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO
from types import ModuleType
from typing import TYPE_CHECKING

from evaluation.bootstrap import Interval
from evaluation.pictures import drawable, require_pictures

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of a size in inches.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    """
    module: ModuleType = require_pictures()
    figure: Figure = module.Figure(figsize=(width, height), layout="constrained")
    return figure


def to_svg(figure: Figure) -> str:
    """Return the figure as SVG; the same figure gives the same text."""
    import matplotlib

    text = StringIO()
    with matplotlib.rc_context({"svg.hashsalt": "citizen-triage"}):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()


def dots(names: Sequence[str], found: Sequence[Interval], *, title: str, xlabel: str) -> str:
    """Draw a dot with its interval for each name, and a line at zero; return SVG."""
    figure = new_figure(8, 1.2 + 0.3 * len(names))
    axes = figure.subplots()
    y = list(range(len(names)))[::-1]
    value = [one.value for one in found]
    around = (
        [max(0.0, one.value - one.low) for one in found],
        [max(0.0, one.high - one.value) for one in found],
    )
    axes.errorbar(value, y, xerr=around, fmt="o", markersize=4, capsize=3)
    axes.axvline(0, color="grey", linewidth=1, linestyle="--")
    axes.set_yticks(y, [drawable(name, index) for index, name in enumerate(names)], fontsize=8)
    axes.set(title=title, xlabel=xlabel)
    axes.grid(alpha=0.3, axis="x")
    return to_svg(figure)


def bars(values: Sequence[float], *, title: str, ylabel: str, line: float | None = None) -> str:
    """Draw bars from high to low on a logarithmic scale, a line where one is asked; return SVG."""
    figure = new_figure(8, 3)
    axes = figure.subplots()
    axes.bar(range(len(values)), sorted(values, reverse=True), width=0.9)
    axes.set_yscale("log")
    if line is not None:
        axes.axhline(line, color="firebrick", linewidth=1, linestyle="--")
    axes.set(title=title, xlabel="classes, largest first", ylabel=ylabel)
    return to_svg(figure)


def ranks(values: Mapping[str, float], *, title: str, xlabel: str) -> str:
    """Draw a horizontal bar for each name, the first on top; return SVG."""
    figure = new_figure(8, 1.2 + 0.25 * len(values))
    axes = figure.subplots()
    y = list(range(len(values)))[::-1]
    axes.barh(y, list(values.values()))
    axes.set_yticks(y, [drawable(name, index) for index, name in enumerate(values)], fontsize=8)
    axes.set(title=title, xlabel=xlabel)
    axes.grid(alpha=0.3, axis="x")
    return to_svg(figure)
