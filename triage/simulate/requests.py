"""Rows of a day as requests: ids, words, the desk's labels, the truth, and the order's life.

Knows nothing of how many requests there are or why; a row is told on its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import NamedTuple

import numpy as np

from triage.catalogue import Catalogue
from triage.simulate.desk import Desk
from triage.simulate.following import EVENT_DAY, FIRST_DAY
from triage.simulate.geography import Geography, PlaceNames
from triage.simulate.invented import requester
from triage.simulate.life import Case, Lives
from triage.simulate.moments import Moments
from triage.simulate.plan import CityPlan, Outbreak
from triage.simulate.records import SimulatedRequest, Truth
from triage.simulate.rows import NONE, Rows
from triage.simulate.surges import DAY_SECONDS, Surge
from triage.simulate.tables import CHANNELS
from triage.simulate.telling import Matter, matters
from triage.simulate.wording import Occasion, Words

_NO_DISTRICT, _NO_TOWNSHIP = 0.04, 0.25
"""Share of requests whose channel leaves the field empty."""
_WRONG_AREA = 0.015


class _Row(NamedTuple):
    """A row as Python numbers, and what the agent made of it (indices)."""

    second: int
    topic: int
    matter: int
    township: int
    channel: int
    fact: int
    event: int
    telling: int
    outbreak: int
    requester: int
    first: int
    given_topic: int
    given_unit: int
    unit: int


@dataclass(frozen=True, slots=True)
class _Today:
    """What the rows of one day share."""

    index: int
    prefix: str
    names: PlaceNames
    outbreaks: Sequence[Surge]
    random: Random
    words: Words
    lives: Lives


class Requests:
    """Puts the rows of a plan into requests."""

    def __init__(self, plan: CityPlan, catalogue: Catalogue, geography: Geography) -> None:
        self._plan, self._geography = plan, geography
        self._desk = Desk(catalogue)
        self._matters = matters()
        self._support = [
            tuple(one for one in catalogue.topics[matter.topic].support if one != unit)
            for matter, unit in zip(self._matters, self._desk.units_of_matters(), strict=True)
        ]
        self._moments = Moments(plan.start)
        regions = {region.code: region.name for region in catalogue.places.regions}
        self._old_districts = [regions[code[:6]] for code in geography.codes]
        self._channels = [
            (row["channel"], row["style"], row["source"], float(row["identified"]))
            for row in CHANNELS()
        ]

    def of_day(
        self, index: int, rows: Rows, outbreaks: Sequence[Surge]
    ) -> Iterator[SimulatedRequest]:
        """Yield the requests of a day's rows in their order."""
        # Words and lives draw apart, so that a change of one leaves the other as it was.
        random = Random(f"{self._plan.seed}/words/{index}")
        lives = Lives(self._moments, Random(f"{self._plan.seed}/lives/{index}").random)
        today = _Today(
            index=index,
            prefix=f"CQ{self._plan.day(index):%Y%m%d}",
            names=self._geography.names_on(self._plan.day(index)),
            outbreaks=outbreaks,
            random=random,
            words=Words(random.random, self._plan.personal),
            lives=lives,
        )
        for position, row in enumerate(map(_Row._make, self._given(index, rows))):
            yield self._request(row, position, today)

    def _given(self, index: int, rows: Rows) -> Iterator[tuple[int, ...]]:
        """Yield the columns of `_Row`, the agent's labels drawn for the whole day."""
        rng = np.random.default_rng([self._plan.seed, 5, index])
        unit = self._desk.unit_of_matter[rows["matter"]]
        topics = self._desk.topics_given(rows["topic"], self._plan.noise, rng)
        units = self._desk.units_given(rows["topic"], unit, self._plan.noise, rng)
        assert rows.dtype.names is not None
        columns = [rows[name].tolist() for name in rows.dtype.names]
        return zip(*columns, topics.tolist(), units.tolist(), unit.tolist(), strict=True)

    def _request(self, row: _Row, position: int, today: _Today) -> SimulatedRequest:
        names, random = today.names, today.random.random
        matter = self._matters[row.matter]
        channel, style, source, identified = self._channels[row.channel]
        id = f"{today.prefix}{position + 1:06d}"
        district, township = names.district_names[row.township], names.names[row.township]
        truth = self._truth(id, row, matter, today)
        title, text = today.words.tell(
            Occasion(
                matter=matter,
                fact=row.fact,
                district=district,
                old_district=self._old_districts[row.township],
                township=township,
                township_index=row.township,
                style=style,
                requester=row.requester,
                is_event=truth.event_id is not None,
                is_again=row.first != NONE,
            )
        )
        has_township = random() >= _NO_TOWNSHIP
        return SimulatedRequest(
            id=id,
            title=title,
            text=text,
            received_at=self._moments.text(today.index * DAY_SECONDS + row.second),
            channel=channel,
            district=district if random() >= _NO_DISTRICT else None,
            township=township if has_township else None,
            requester=requester(row.requester) if random() < identified else None,
            source=source,
            source_id=f"{source}-{id[2:]}",
            truth=truth,
            life=today.lives.live(self._case(row, truth, today, lacks_place=not has_township)),
        )

    def _truth(self, id: str, row: _Row, matter: Matter, today: _Today) -> Truth:
        surge = today.outbreaks[row.outbreak] if row.outbreak != NONE else None
        return Truth(
            id=id,
            topic=matter.topic,
            request_type=matter.request_type,
            urgency=matter.urgency,
            unit=self._desk.units[row.unit],
            support=self._support[row.matter],
            district=today.names.district_codes[row.township],
            township=today.names.codes[row.township],
            requester_id=f"R{row.requester:012d}",
            event_id=self._event(row, surge),
            telling=row.telling,
            outbreak_id=surge.id if surge else None,
            repeat_of=self._first(row.first),
        )

    def _case(self, row: _Row, truth: Truth, today: _Today, *, lacks_place: bool) -> Case:
        units, names = self._desk.units, today.names
        region = truth.district
        if today.random.random() < _WRONG_AREA:
            region = names.district_codes[row.fact % len(names.codes)]
        return Case(
            received=today.index * DAY_SECONDS + row.second,
            request_type=truth.request_type,
            urgency=truth.urgency,
            unit=truth.unit,
            region=truth.district,
            given_topic=self._desk.topics[row.given_topic],
            given_unit=units[row.given_unit],
            given_region=region,
            other_unit=units[(row.unit + 1 + row.fact % (len(units) - 1)) % len(units)],
            is_contested=bool(truth.support),
            is_known=row.telling > 0 or row.first != NONE,
            lacks_place=lacks_place,
        )

    def _event(self, row: _Row, surge: Surge | None) -> str | None:
        if surge is not None and isinstance(surge.cause, Outbreak) and surge.cause.is_one_event:
            return f"E-{surge.id}"
        if row.event == NONE:
            return None
        day, number = divmod(row.event, EVENT_DAY)
        return f"E{self._plan.day(day):%Y%m%d}-{number + 1}"

    def _first(self, first: int) -> str | None:
        if first == NONE:
            return None
        day, position = divmod(first, FIRST_DAY)
        return _id(self._plan.day(day), position)


def _id(day: date, position: int) -> str:
    return f"CQ{day:%Y%m%d}{position + 1:06d}"
