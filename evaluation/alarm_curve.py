"""Sensitivity and delay against the mean of a series, as SVG of the report's own figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation.charts import new_figure, to_svg


def curves(cities: Sequence[Mapping[str, Any]]) -> str:
    """Draw a line a background: found within one period, and the days until found; return SVG.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    """
    figure = new_figure(8, 6)
    found, late = figure.subplots(2, 1, sharex=True)
    for city in cities:
        rows = city["by_mean_times_3_days_2"]
        means = [row["mean"] for row in rows]
        value = [row["found_within_1"] for row in rows]
        ends = [row["within_1_interval"] for row in rows]
        around = (
            [max(0.0, at - low) for at, (low, _) in zip(value, ends, strict=True)],
            [max(0.0, high - at) for at, (_, high) in zip(value, ends, strict=True)],
        )
        found.errorbar(means, value, yerr=around, marker="o", markersize=4, capsize=2,
                       label=city["background"])  # fmt: skip
        told = [row for row in rows if row["mean_delay_days"] is not None]
        late.plot([row["mean"] for row in told], [row["mean_delay_days"] for row in told],
                  marker="o", markersize=4)  # fmt: skip
    found.axhline(0.95, color="grey", linewidth=1, linestyle="--")
    found.axvline(15, color="grey", linewidth=1, linestyle="--")
    found.set(title="Bursts x3 of 2 days, topic x district", xscale="log",
              ylabel="found within 1 period")  # fmt: skip
    late.set(xlabel="mean requests a day", ylabel="mean delay, days")
    found.legend(fontsize=8)
    for axes in (found, late):
        axes.grid(alpha=0.3)
    return to_svg(figure)
