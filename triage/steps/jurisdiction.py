"""The jurisdiction step: whose area the matter lies in, and the actual bodies of the ranked units.

Reads the district and township of the request and the places that the elements step found; looks
for the words of known district lines. Everything is asked as of the day the request came in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from triage.catalogue import Catalogue
from triage.catalogue.bodies import CITY, Bodies, BodyEntry
from triage.catalogue.condition import parse_groups
from triage.catalogue.jurisdiction import SETTLED, Jurisdiction, Jurisdictions, Whereabouts
from triage.catalogue.places import Region, Township
from triage.request import Area, Body, Place, Unit
from triage.steps.dispatch_index import DispatchIndex
from triage.steps.draft import Draft

ON_A_LINE = (
    "交界|接壤|分界|界线|边界|界碑|界牌|界上|界桩|相邻|毗邻|两岸|横跨|跨区|跨县|两区|两县|两家|"
    "各管|各说|又说|都说|不归|归哪|哪个区|两头|两边都|互相|推来推去|踢皮球|推给|推到|前门|后门|上游|下游"
)
"""Words by which people say that a thing lies between two districts."""
PERHAPS = (
    "挨着|之间|中间|对岸|那头|这头|两边|这侧|那侧|一侧|那边|一半|都不|喊我找|过来|方向|通往|"
    "连到|接到"
)
"""Words that say so only where two districts are called by their names."""
REMEMBERED = 10_000
"""Answers kept before all are forgotten: some kilobytes each with their bodies."""
_CITY = Region("500000", "重庆市", "city")


class JurisdictionStep:
    """Fill `draft.area`, and `body` of the ranked units.

    What was answered for the same places on the same day is remembered: a city asks the same few
    hundred questions all day long. No text is kept, only names of places.
    """

    name = "jurisdiction"

    def __init__(self, catalogue: Catalogue, index: DispatchIndex) -> None:
        self._index = index
        self._jurisdictions = Jurisdictions(catalogue.places, catalogue.boundaries)
        self._bodies = BodyNames(catalogue)
        self._surely = re.compile(ON_A_LINE)
        self._perhaps = re.compile(PERHAPS)
        self._answers: dict[tuple[object, ...], _Answer] = {}

    def __call__(self, draft: Draft) -> None:
        """Fill `draft.area`; runs after units and elements."""
        answer = self._answer(draft)
        draft.area = answer.area
        if draft.units:
            text = draft.folded.text
            first = draft.duty.level if draft.duty else None
            draft.units = tuple(
                self._bodies.placed(unit, answer, text, level=None if index else first)
                for index, unit in enumerate(draft.units)
            )

    def _answer(self, draft: Draft) -> _Answer:
        request, named, day = draft.request, draft.named, draft.as_of
        lines = self._index.lines_of(self._index.of(draft))
        told = len(named) + bool(request.district) + bool(request.township)
        surely = perhaps = False
        if told > 1 or lines:
            text = draft.folded.text
            surely = self._surely.search(text) is not None
            perhaps = told > 1 and self._perhaps.search(text) is not None
        key = (
            *(request.district, request.township, named, surely, perhaps, day.toordinal()),
            *(line.code for line in lines),
        )
        answer = self._answers.get(key)
        if answer is None:
            where = Whereabouts(request.district, request.township, named, lines, surely, perhaps)
            found = self._jurisdictions.ask(where, day)
            if len(self._answers) >= REMEMBERED:
                self._answers.clear()
            answer = self._answers[key] = _Answer(found, _area(found))
        return answer


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer with the bodies written for it so far, by line and level."""

    found: Jurisdiction
    area: Area
    bodies: dict[tuple[str, bool], tuple[tuple[BodyEntry, Body], ...]] = field(default_factory=dict)


class BodyNames:
    """Writes the name of a unit's organisation in a place."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._bodies: Bodies = catalogue.bodies
        objects = catalogue.duties.objects
        self._when = {
            entry.code: parse_groups(entry.when, objects)
            for entry in catalogue.bodies.entries
            if entry.when
        }

    def placed(self, unit: Unit, answer: _Answer, text: str, *, level: str | None) -> Unit:
        """Return the unit with its body in the place of `answer`, where the catalogue has one."""
        key = (unit.code, level == CITY)
        held = answer.bodies.get(key)
        if held is None:
            held = answer.bodies[key] = self._written(unit, answer.found, level)
        for entry, body in held:
            when = self._when.get(entry.code)
            if when is None or all(any(word in text for word in group) for group in when):
                return Unit(unit.code, unit.name, unit.confidence, unit.role, body)
        return unit

    def _written(
        self, unit: Unit, found: Jurisdiction, level: str | None
    ) -> tuple[tuple[BodyEntry, Body], ...]:
        held = self._bodies.candidates(unit.code, found.interim, found.as_of)
        if level == CITY:
            held = tuple(sorted(held, key=lambda entry: entry.level != CITY))
        return tuple((entry, self._body(entry, unit, found)) for entry in held)

    def _body(self, entry: BodyEntry, unit: Unit, found: Jurisdiction) -> Body:
        place = found.interim if entry.level != CITY and found.interim is not None else _CITY
        office = _office(found.township) if found.township else "镇街"
        name = entry.name.format(region=place.name, unit=unit.name, township=office)
        return Body(entry.code, name, place.name, found.as_of.isoformat(), entry.status)


def _office(township: Township) -> str:
    """Return 华新街街道办事处, or 鱼嘴镇人民政府."""
    return f"{township.name}{'办事处' if township.name.endswith('街道') else '人民政府'}"


def _area(found: Jurisdiction) -> Area:
    interim = found.interim
    return Area(
        kind=found.kind,
        as_of=found.as_of.isoformat(),
        candidates=tuple(Place(region.code, region.name) for region in found.candidates),
        interim_lead=Place(interim.code, interim.name) if interim else None,
        joint_inspection=found.joint,
        reasons=found.reasons if found.kind != SETTLED else (),
    )
