"""Whose area is it: candidate districts, who leads for now, and whether they look together.

Asked as of a day, from the district and township that came with a request and the places its text
names. What lies on a line between districts has several candidates; until a ruling the district
that the request came in for leads, else the one it names first (首接负责). Two named districts are
on a line only where they touch (`neighbours`). No geometry is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from triage.catalogue.boundaries import ZONE, Boundary
from triage.catalogue.neighbours import Neighbours
from triage.catalogue.places import Places, Region, Township

CACHED = 4096
"""Names whose answers are remembered: a city has about a thousand, and a few days are asked."""
SETTLED, BOUNDARY, AMBIGUOUS = "settled", "boundary", "ambiguous_township"
FUNCTIONAL, UNKNOWN_TOWNSHIP, UNKNOWN = "zone", "unknown_township", "unknown"
STREETS = frozenset({"road", "area", "tunnel"})
"""Kinds of lines whose side people usually know, unlike that of a river or a bridge."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What is known of a request's place.

    `named` are the places of the text in its order, as (kind, name) with kind district or
    township; `lines` the boundaries whose words it holds; `on_a_line` whether it says so itself
    (交界处, 都说不归), `perhaps` whether it only sounds so (那头, 往某某方向).
    """

    district: str | None = None
    township: str | None = None
    named: tuple[tuple[str, str], ...] = ()
    lines: tuple[Boundary, ...] = ()
    on_a_line: bool = False
    perhaps: bool = False


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The answer: `candidates` in order, `interim` the one that leads until a ruling.

    `joint` says that the candidates inspect together; `reasons` are sentences for the agent.
    """

    kind: str
    as_of: date
    candidates: tuple[Region, ...] = ()
    interim: Region | None = None
    joint: bool = False
    township: Township | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """A request's whereabouts looked up on the day.

    `order` holds the regions in the order told, those of townships included; `by_name` only those
    that were called by their own name.
    """

    where: Whereabouts
    as_of: date
    townships: tuple[Township, ...]
    order: tuple[Region, ...]
    by_name: tuple[Region, ...]

    def first(self, candidates: Sequence[Region]) -> Region | None:
        """Return the candidate that was told first, or None."""
        return next((region for region in self.order if region in candidates), None)


class Jurisdictions:
    """Answers for one catalogue's places and boundaries."""

    def __init__(self, places: Places, boundaries: Iterable[Boundary]) -> None:
        self._places = places
        self._named = lru_cache(maxsize=CACHED)(places.townships_named)
        self._region = lru_cache(maxsize=CACHED)(places.region)
        self._successor = lru_cache(maxsize=CACHED)(places.successor)
        self._labels, _ = places.labels()
        boundaries = tuple(boundaries)
        self._zones = tuple(line for line in boundaries if line.kind == ZONE)
        self._neighbours = Neighbours(places, boundaries)

    def ask(self, where: Whereabouts, as_of: date) -> Jurisdiction:
        """Return whose area it is on that day; of kind `unknown` where nothing says."""
        told = self._read(where, as_of)
        return (
            self._on_a_line(told)
            or self._of_townships(told)
            or self._unknown_township(told)
            or self._of_first(told)
        )

    def _read(self, where: Whereabouts, as_of: date) -> _Reading:
        words = [word for line in where.lines for word in line.words]
        named = [  # 菜园坝大桥 is no word of 菜园坝街道
            (kind, self._label(kind, name))
            for kind, name in where.named
            if not any(name in word for word in words)
        ]
        hints = [name for kind, name in named if kind == "district"]
        if where.district:
            hints.insert(0, where.district)
        field = self._townships(where.township, hints, as_of)
        in_text = {
            name: self._townships(name, hints, as_of) for kind, name in named if kind == "township"
        }
        moved = {
            hint: region
            for found in (field, *in_text.values())
            for hint in hints
            if (region := self._moved(found, hint, as_of)) is not None
        }
        called = {hint: moved.get(hint) or self._successor(hint, as_of) for hint in hints}
        order = [called[where.district]] if where.district else []
        for kind, name in named:
            order.append(called[name] if kind == "district" else self._only(in_text[name], as_of))
        townships = field or next((found for found in in_text.values() if found), ())
        return _Reading(
            where, as_of, townships, _distinct(order), by_name=_distinct(called.values())
        )

    def _label(self, kind: str, name: str) -> str:
        """Return the name as the list of places has it: 酉阳 is there as 酉阳县."""
        longer = f"{name}县"
        return longer if kind == "district" and longer in self._labels else name

    def _townships(
        self, name: str | None, hints: Sequence[str], as_of: date
    ) -> tuple[Township, ...]:
        """Return the townships that a name may mean, narrowed by each district that is told."""
        found = self._named(name, as_of) if name else ()
        if len(found) < 2 or not hints:
            return found
        kept: dict[str, Township] = {}
        for hint in hints:
            narrowed = self._places.hinted(found, hint)
            if len(narrowed) < len(found):
                kept |= {one.code: one for one in narrowed}
        return tuple(kept.values()) or found

    def _moved(self, found: Sequence[Township], hint: str, as_of: date) -> Region | None:
        """Return where a township is now that an old district's name was told with, if elsewhere.

        渝北区统景镇 of 2026 is 北碚区's, though 渝北区 itself became 两江新区.
        """
        region = self._only(found, as_of)
        if region is None or self._region(hint, as_of) is not None:
            return None
        earlier = self._region(hint, date.min)
        codes = {one.code for one in found}
        was_there = earlier is not None and any(
            one.district == earlier.code for one in self._places.townships if one.code in codes
        )
        return region if was_there else None

    def _only(self, found: Sequence[Township], as_of: date) -> Region | None:
        codes = {one.district for one in found}
        return self._region(codes.pop(), as_of) if len(codes) == 1 else None

    def _on_a_line(self, told: _Reading) -> Jurisdiction | None:
        lines = [line for line in told.where.lines if line.valid.contains(told.as_of)]
        sure = len(told.order) > 1 and (told.where.on_a_line or lines)
        if sure or (len(told.by_name) > 1 and told.where.perhaps):
            meeting = self._neighbours.touching(told.order, told.as_of)
            if meeting:
                return self._where_they_meet(meeting, lines, told)
        for line in lines:
            sides = _distinct(self._successor(code, told.as_of) for code in line.sides)
            if len(sides) > 1 and (told.where.on_a_line or not self._settles(line, told)):
                reason = f"{line.name}在{_names(sides)}的界线上"
                return _several(BOUNDARY, sides, told, reason, joint=line.joint)
        return None

    def _where_they_meet(
        self, meeting: Sequence[Region], lines: Sequence[Boundary], told: _Reading
    ) -> Jurisdiction:
        managed = self._managed(told)
        zone = self._region(managed.sides[1], told.as_of) if managed else None
        kind, by = BOUNDARY, lines
        if managed is not None and zone in meeting:
            kind, by = FUNCTIONAL, [managed]
        joint = all(line.joint for line in by)
        return _several(kind, meeting, told, f"诉求涉及{_names(meeting)}的交界", joint=joint)

    def _settles(self, line: Boundary, told: _Reading) -> bool:
        """Say whether a told township (for streets, a told district) settles a line's side."""
        if line.kind == "bridge":
            return False
        by_district = line.kind in STREETS and bool(told.order)
        return by_district or self._only(told.townships, told.as_of) is not None

    def _of_townships(self, told: _Reading) -> Jurisdiction | None:
        if not told.townships:
            return None
        name = told.townships[0].name
        regions = _distinct(self._region(one.district, told.as_of) for one in told.townships)
        if len(regions) > 1:
            first = told.first(regions)
            reason = f"“{name}”在 {len(regions)} 个区县都有（{_names(regions)}），请问清是哪一个"
            return Jurisdiction(AMBIGUOUS, told.as_of, regions, first, reasons=(reason,))
        managed = self._managed(told)
        zone = self._region(managed.sides[1], told.as_of) if managed else None
        if managed is not None and zone is not None and regions:
            candidates = (zone, *regions)
            reason = f"{name}属{regions[0].name}，由{zone.name}托管，具体分工须核实"
            return _several(FUNCTIONAL, candidates, told, reason, joint=managed.joint)
        only = regions[0] if regions else None
        return Jurisdiction(SETTLED, told.as_of, regions, only, township=told.townships[0])

    def _managed(self, told: _Reading) -> Boundary | None:
        """Return the row by which a functional zone manages the township on that day, or None."""
        for line in self._zones:
            if line.valid.contains(told.as_of) and any(
                one.district == line.sides[0] and one.name in line.townships
                for one in told.townships
            ):
                return line
        return None

    def _unknown_township(self, told: _Reading) -> Jurisdiction | None:
        name = told.where.township
        if not name or self._named(name, told.as_of):
            return None
        found = told.order[:1]
        reason = f"“{name}”不在镇街代码表里，请核对"
        interim = found[0] if found else None
        return Jurisdiction(UNKNOWN_TOWNSHIP, told.as_of, found, interim, reasons=(reason,))

    def _of_first(self, told: _Reading) -> Jurisdiction:
        if not told.order:
            return Jurisdiction(UNKNOWN, told.as_of, reasons=("没有说清在哪个区县",))
        return Jurisdiction(SETTLED, told.as_of, told.order[:1], told.order[0])


def _several(
    kind: str, candidates: Sequence[Region], told: _Reading, reason: str, *, joint: bool
) -> Jurisdiction:
    by_name = next((region for region in told.by_name if region in candidates), None)
    interim = (by_name if kind == FUNCTIONAL else told.first(candidates)) or candidates[0]
    together = "，各方联合踏勘" if joint else ""
    reasons = (reason, f"裁定前由{interim.name}先行承接（首接负责）{together}")
    return Jurisdiction(kind, told.as_of, tuple(candidates), interim, joint=joint, reasons=reasons)


def _names(regions: Iterable[Region]) -> str:
    return "、".join(region.name for region in regions)


def _distinct(regions: Iterable[Region | None]) -> tuple[Region, ...]:
    return tuple({region.code: region for region in regions if region is not None}.values())
