"""How figures stand in a report: four digits, and null where a figure is undefined."""

from __future__ import annotations

from math import isnan

from evaluation.bootstrap import Interval
from triage.request import Json


def rounded(value: float) -> float | None:
    """Return a figure with four digits; None for NaN, which JSON does not have."""
    return None if isnan(value) else round(float(value), 4)


def ends(found: Interval) -> list[Json]:
    """Return the ends of an interval as JSON."""
    return [rounded(found.low), rounded(found.high)]
