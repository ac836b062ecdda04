"""Regions and townships in two times: which district was this township in, as of a day.

Every question takes `as_of`, the day in the world, and may take `known_on`, the day whose record is
asked (None: the latest). Codes of townships are identifiers: they stay when the district changes.
Streets and geometry are not known here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from triage.catalogue.entries import period, split_cell
from triage.catalogue.period import ALWAYS, Period, Span
from triage.catalogue.schema import DISTRICT_KINDS
from triage.catalogue.table import Row
from triage.errors import UnknownLabel

_TOWNSHIP_SUFFIXES = ("街道", "镇", "乡")
_LEAST_SHORT = 2
"""Characters that a name keeps without its suffix: 忠县 has no short form."""


@dataclass(frozen=True, slots=True)
class Region:
    """A city, district, county or functional zone; `code` is ours, `national_code` the state's."""

    code: str
    name: str
    kind: str
    parent: str | None = None
    national_code: str | None = None
    successor: str | None = None
    aliases: tuple[str, ...] = ()
    valid: Period = ALWAYS
    recorded: Period = ALWAYS

    @property
    def is_district(self) -> bool:
        """Whether it is of the level of districts and counties; a functional zone is not."""
        return self.kind in DISTRICT_KINDS

    @classmethod
    def from_row(cls, row: Row) -> Region:
        """Build from a sound row of `regions.csv`."""
        return cls(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            parent=row["parent"] or None,
            national_code=row["national_code"] or None,
            successor=row["successor"] or None,
            aliases=split_cell(row["aliases"]),
            valid=period(row),
            recorded=period(row, "recorded_from", "recorded_to"),
        )


@dataclass(frozen=True, slots=True)
class Township:
    """A sub-district (街道), town (镇) or township (乡) while it lay in one district."""

    code: str
    name: str
    district: str
    aliases: tuple[str, ...] = ()
    valid: Period = ALWAYS
    recorded: Period = ALWAYS

    @classmethod
    def from_row(cls, row: Row) -> Township:
        """Build from a sound row of `townships.csv`."""
        return cls(
            code=row["code"],
            name=row["name"],
            district=row["district"],
            aliases=split_cell(row["aliases"]),
            valid=period(row),
            recorded=period(row, "recorded_from", "recorded_to"),
        )


class Places:
    """Regions and townships, found by code, name, alias or name without its suffix."""

    def __init__(self, regions: Iterable[Region], townships: Iterable[Township]) -> None:
        self.regions = tuple(regions)
        self.townships = tuple(townships)
        self._regions: defaultdict[str, list[Region]] = defaultdict(list)
        self._townships: defaultdict[str, list[Township]] = defaultdict(list)
        self._short: defaultdict[str, list[Township]] = defaultdict(list)
        for region in self.regions:
            for label in {region.code, region.name, *region.aliases, *_short_region(region)}:
                self._regions[label].append(region)
        for township in self.townships:
            names = {township.name, *township.aliases}
            for label in {township.code, *names}:
                self._townships[label].append(township)
            for label in {short for name in names for short in _short_township(name)}:
                self._short[label].append(township)

    def region(self, label: str, as_of: date, known_on: date | None = None) -> Region | None:
        """Return the region so called on that day; a district comes before a zone."""
        found = [r for r in self._regions.get(label, ()) if _holds(r, as_of, known_on)]
        return min(found, key=lambda region: not region.is_district, default=None)

    def districts(self, as_of: date, known_on: date | None = None) -> tuple[Region, ...]:
        """Return the districts and counties of that day, zones left out, in the list's order."""
        return tuple(r for r in self.regions_on(as_of, known_on) if r.is_district)

    def regions_on(self, as_of: date, known_on: date | None = None) -> tuple[Region, ...]:
        """Return the regions of that day, the city and functional zones included."""
        return tuple(region for region in self.regions if _holds(region, as_of, known_on))

    def townships_on(self, as_of: date, known_on: date | None = None) -> tuple[Township, ...]:
        """Return the townships of that day, in the list's order."""
        return tuple(one for one in self.townships if _holds(one, as_of, known_on))

    def townships_named(
        self, name: str, as_of: date, known_on: date | None = None
    ) -> tuple[Township, ...]:
        """Return the townships so called (or of this code) on that day; () for an unknown name.

        The full name counts first; only where nothing bears it, the name without its suffix.
        """
        for index in (self._townships, self._short):
            found = tuple(t for t in index.get(name, ()) if _holds(t, as_of, known_on))
            if found:
                return found
        return ()

    def district_of(
        self,
        township: str,
        *,
        as_of: date,
        known_on: date | None = None,
        district: str | None = None,
    ) -> Region | None:
        """Return the district of a township on that day; None for an unknown township.

        Parameters
        ----------
        district
            A hint that decides between townships of one name; an old or new name will do.

        Raises
        ------
        UnknownLabel
            Where several districts have such a township and the hint does not decide.
        """
        found = self.townships_named(township, as_of, known_on)
        if district is not None and len(found) > 1:
            found = self.hinted(found, district)
        codes = list(dict.fromkeys(one.district for one in found))
        if not codes:
            return None
        regions = [region for code in codes if (region := self.region(code, as_of, known_on))]
        if len(regions) == 1:
            return regions[0]
        names = "、".join(region.name for region in regions)
        raise UnknownLabel(
            f"“{township}”在 {as_of} 有 {len(regions)} 处：{names}；请一并给出区县，或改用代码",
            field="township",
        )

    def successor(
        self,
        district: str,
        as_of: date,
        *,
        township: str | None = None,
        known_on: date | None = None,
    ) -> Region | None:
        """Return what an old (or present) region is on that day; None where nothing follows it.

        A township decides first, since a district may have been divided.
        """
        if township is not None:
            found = self.district_of(township, as_of=as_of, known_on=known_on, district=district)
            if found is not None:
                return found
        label, passed = district, set[str]()
        while label not in passed:
            passed.add(label)
            region = self.region(label, as_of, known_on)
            if region is not None:
                return region
            label = self._next(label, as_of, known_on) or label
        return None

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield each place name once as (kind, name), those of the past included.

        Kinds: city, district, district_short, zone, township, township_short. Short forms (统景,
        but also 文化 or 土地) may be common words: a reader needs more evidence for them.
        """
        yield from dict.fromkeys(self._all_names())

    def labels(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return everything that names a region, and everything that names a township."""
        return frozenset(self._regions), frozenset(self._townships) | frozenset(self._short)

    def hinted(self, found: tuple[Township, ...], district: str) -> tuple[Township, ...]:
        """Narrow by the district of the day, else by a district it ever lay in, else not at all."""
        codes = {region.code for region in self._regions.get(district, ())}
        now = tuple(one for one in found if one.district in codes)
        ever = tuple(
            one for one in found if any(t.district in codes for t in self._townships[one.code])
        )
        return now or ever or found

    def _next(self, label: str, as_of: date, known_on: date | None) -> str | None:
        """Return the successor named by the last row that had ended by that day."""
        ended = [
            region
            for region in self._regions.get(label, ())
            if region.successor
            and region.valid.end <= as_of
            and _holds(region, region.valid.start, known_on)
        ]
        last = max(ended, key=lambda region: region.valid.end, default=None)
        return last.successor if last else None

    def _all_names(self) -> Iterator[tuple[str, str]]:
        for region in self.regions:
            kind = "district" if region.is_district else region.kind
            for name in (region.name, *region.aliases):
                yield kind, name
            for name in _short_region(region):
                yield f"{kind}_short", name
        for township in self.townships:
            for name in (township.name, *township.aliases):
                yield "township", name
                for short in _short_township(name):
                    yield "township_short", short


def _holds(place: Region | Township, as_of: date, known_on: date | None) -> bool:
    return Span(place.valid, place.recorded).holds(as_of, known_on)


def _short_region(region: Region) -> tuple[str, ...]:
    """Return the name without 区 or 县, where something is left: 渝北, but not 忠 or 两江新."""
    name = region.name
    if not region.is_district or name.endswith(("新区", "自治县")):
        return ()
    return (name[:-1],) if name[-1] in "区县市" and len(name) > _LEAST_SHORT else ()


def _short_township(name: str) -> tuple[str, ...]:
    for suffix in _TOWNSHIP_SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= _LEAST_SHORT:
            return (name.removesuffix(suffix),)
    return ()
