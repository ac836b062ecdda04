"""What is forecast: a file of counts or the counts of the store, and what stands above its series.

Known districts and topics get their parents from the code lists; a district that is none any more
is carried on to what it became, which is said. The day that is not over yet is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import polars as pl

from training.forecast.hierarchy import Parents
from training.forecast.renaming import merged, renamed, suspected
from triage.catalogue import Catalogue
from triage.catalogue.places import Places
from triage.errors import InvalidRequest
from triage.trends.panel import Panel
from triage.trends.panel_file import panel_of, read_panel
from triage.trends.reading import Counts

MOST_DAYS: Final = 1200
"""Days read of the counts: three years to fit, and a few weeks before them."""
_PLACES: Final = frozenset({"district", "area"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """The series, what stands above their values, and notes for the reader in Chinese."""

    panel: Panel
    parents: Parents
    notes: tuple[str, ...]


def from_file(
    path: Path, catalogue: Catalogue, covariates: Sequence[str], renames: Sequence[str] = ()
) -> Wanted:
    """Read a CSV; see `triage.trends.panel_file` and, for `renames`, `renaming.renamed`.

    Raises
    ------
    UnusableFile, InvalidRequest
    """
    read = read_panel(path, covariates=covariates)
    panel, notes = _carried(renamed(read.panel, renames), catalogue.places)
    return Wanted(panel, parents_of(panel, catalogue), (*read.notes, *notes, *suspected(panel)))


def from_counts(
    counts: Counts, catalogue: Catalogue, by: Sequence[str], *, today: date, hourly: bool
) -> Wanted:
    """Take the counts of the whole days before today.

    Raises
    ------
    InvalidRequest
        counts_empty, by_unknown.
    """
    last = today - timedelta(days=1)
    first = last - timedelta(days=MOST_DAYS if not hourly else 120)
    frame = (counts.hourly if hourly else counts.daily)(by, first, last)
    when = pl.col("day").cast(pl.String)
    if hourly:
        when = when + "T" + pl.col("hour").cast(pl.String).str.zfill(2) + ":00"
    table = frame.select(*by, when.alias("date"), pl.col("requests").cast(pl.String).alias("count"))
    if table.is_empty():
        raise InvalidRequest(
            "counts_empty", f"{first} 到 {last} 没有统计；请先 triage trends build"
        )
    end = datetime.combine(last, time(23 if hourly else 0))
    read = panel_of(table, source="统计", until=end)
    notes = (*read.notes, *suspected(read.panel))
    return Wanted(read.panel, parents_of(read.panel, catalogue), notes)


def parents_of(panel: Panel, catalogue: Catalogue) -> Parents:
    """Return the parents of topics (first level) and townships (district) that are in the lists."""
    places = catalogue.places
    return {
        "topic": {code: entry.l1 for code, entry in catalogue.topics.items()},
        "township": {
            one.code: one.district for one in places.townships_on(panel.day(panel.steps - 1))
        },
    }


def _carried(panel: Panel, places: Places) -> tuple[Panel, tuple[str, ...]]:
    """Add up districts that have become one by the panel's last day; say which."""
    last = panel.day(panel.steps - 1)
    at = [place for place, name in enumerate(panel.columns) if name in _PLACES]
    moved = {place: _moved({key[place] for key in panel.ids}, places, last) for place in at}
    if not any(moved.values()):
        return panel, ()
    summed = merged(panel, moved)
    pairs = sorted({pair for found in moved.values() for pair in found.items()})
    said = "、".join(f"{old}→{new}" for old, new in pairs)
    return summed, (f"已撤销的区县并入后继：{said}",)


def _moved(labels: Iterable[str], places: Places, last: date) -> dict[str, str]:
    """Return the labels that name no district on the last day, with what they have become."""
    moved = {}
    known, _ = places.labels()
    for label in labels:
        if label in known and places.region(label, last) is None:
            successor = places.successor(label, last)
            if successor is not None:
                moved[label] = successor.code if label in _codes(places) else successor.name
    return moved


def _codes(places: Places) -> frozenset[str]:
    return frozenset(region.code for region in places.regions)
