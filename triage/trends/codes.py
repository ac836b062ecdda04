"""Labels as they were written → codes of the lists, as of the day and by the latest boundaries.

A district that was abolished keeps its code on the days on which it was one, and is carried on to
what it became in `area`; a township decides where a district was divided. What no list knows is
counted under UNKNOWN and reported, never dropped. Only distinct labels are looked up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import polars as pl

from triage.catalogue import Catalogue
from triage.catalogue.crosswalk import Crosswalk
from triage.catalogue.places import Places
from triage.errors import UnknownLabel
from triage.trends.cells import AREA, KEYS, UNKNOWN, added_up

LATEST: Final = date(2100, 1, 1)
"""A day after every change of boundaries on record."""


@dataclass(slots=True)
class Codes:
    """The look-up from labels to codes; `crosswalk` carries a city's former topics to ours."""

    catalogue: Catalogue
    crosswalk: Crosswalk | None = None
    unknown: dict[str, dict[str, int]] = field(default_factory=dict)
    """Field → label → requests: what was counted under UNKNOWN. Labels are cut to 40 signs."""

    def coded(self, cells: pl.DataFrame) -> pl.DataFrame:
        """Return hourly cells with codes for labels, added up again where labels were one."""
        frame = cells.with_columns(pl.col(pl.String).fill_null("").cast(pl.Categorical))
        frame, topics_met = self._plain(frame, "topic")
        frame, channels_met = self._plain(frame, "channel")
        frame, places_met = self._placed(frame)
        if not (topics_met or channels_met or places_met):
            return frame
        return added_up(frame.lazy(), "day", "hour", *KEYS).collect()

    def areas(self, cells: pl.DataFrame) -> pl.DataFrame:
        """Return the cells with `area`: their district by the latest boundaries."""
        table = areas_of(self.catalogue, cells.select("district", "township").unique())
        return cells.join(table, on=["district", "township"], how="left")

    def _plain(self, frame: pl.DataFrame, name: str) -> tuple[pl.DataFrame, bool]:
        """Return the cells with codes, and whether two labels have met in one code."""
        labels = frame.select(pl.col(name).unique())
        codes = [self._code(name, label) for label in labels[name].to_list()]
        table = labels.with_columns(_code=pl.Series(codes, dtype=pl.Categorical))
        lost = table.filter((pl.col(name) != "") & (pl.col("_code") == UNKNOWN))
        self._note(frame, name, lost[name].to_list())
        joined = frame.join(table, on=name, how="left").drop(name).rename({"_code": name})
        return joined, len(set(codes)) < len(codes)

    def _code(self, name: str, label: str) -> str:
        found = self.catalogue.code_for(name, label)
        if found is None and name == "topic" and self.crosswalk is not None:
            entry = self.crosswalk.find(label.split("/"))
            found = entry.target if entry else None
        return found or UNKNOWN

    def _placed(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, bool]:
        """Return the cells with codes of places, and whether two places have met in one."""
        places = self.catalogue.places
        starts = _changes(places)
        frame = frame.with_columns(_era=_era(pl.col("day"), starts))
        keys = ["district", "township", "_era"]
        triples = frame.select(keys).unique()
        found = [_as_of(places, d, t, starts[era]) for d, t, era in triples.iter_rows()]
        table = triples.with_columns(
            pl.Series("_district", [one[0] for one in found], pl.Categorical),
            pl.Series("_township", [one[1] for one in found], pl.Categorical),
        )
        lost = table.filter((pl.col("_district") == UNKNOWN) & (pl.col("district") != ""))
        if lost.height:
            named = frame.join(lost, on=keys, how="semi")
            self._note(named, "district", lost["district"].unique().to_list())
        joined = frame.join(table, on=keys, how="left")
        met = table.select("_era", "_district", "_township").is_duplicated().any()
        coded = joined.drop(keys).rename({"_district": "district", "_township": "township"})
        return coded, bool(met)

    def _note(self, frame: pl.DataFrame, name: str, labels: Iterable[str]) -> None:
        wanted = list(labels)
        if not wanted:
            return
        found = frame.filter(pl.col(name).is_in(wanted)).group_by(name).agg(pl.sum("requests"))
        noted = self.unknown.setdefault(name, {})
        for label, n in found.iter_rows():
            noted[label[:40]] = noted.get(label[:40], 0) + int(n)


def areas_of(catalogue: Catalogue, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return rows `district, township` with `area`, their district by the latest boundaries."""
    found = [_now(catalogue.places, *row) for row in pairs.iter_rows()]
    return pairs.with_columns(pl.Series(AREA, found, pl.Categorical))


def levels_of(catalogue: Catalogue) -> pl.DataFrame:
    """Return rows `topic, l1, board`: a topic's first level and its board."""
    rows = [(code, entry.l1, entry.board) for code, entry in catalogue.topics.items()]
    return pl.DataFrame(rows, dict.fromkeys(("topic", "l1", "board"), pl.Categorical), orient="row")


def _changes(places: Places) -> list[date]:
    """Return the days on which any boundary changed, from `date.min` on."""
    valid = [one.valid for one in places.regions] + [one.valid for one in places.townships]
    return sorted({date.min, *(v.start for v in valid), *(v.end for v in valid)} - {date.max})


def _era(day: pl.Expr, starts: list[date]) -> pl.Expr:
    return pl.sum_horizontal((day >= start).cast(pl.Int32) for start in starts[1:]).cast(pl.Int32)


def _as_of(places: Places, district: str, township: str, day: date) -> tuple[str, str]:
    """Return the codes of a place on a day; a township of an unclear name is left out."""
    found = places.townships_named(township, day) if township else ()
    if len(found) > 1 and district:
        found = places.hinted(found, district)
    if len({one.code for one in found}) == 1:
        return found[0].district, found[0].code
    region = places.region(district, day) if district else None
    code = region.code if region else _successor(places, district, day)
    return code or UNKNOWN, UNKNOWN


def _successor(places: Places, district: str, day: date) -> str | None:
    try:
        found = places.successor(district, day) if district else None
    except UnknownLabel:
        return None
    return found.code if found else None


def _now(places: Places, district: str, township: str) -> str:
    try:
        found = places.successor(district, LATEST, township=township or None) if district else None
    except UnknownLabel:
        found = places.successor(district, LATEST)
    return found.code if found else district
