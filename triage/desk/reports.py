"""What reports over many orders need, put together once: database, clock, names, the moment.

Less than an office: nothing is triaged, dispatched or opened for a report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from triage.catalogue import Catalogue
from triage.desk.clocks import PolicyClocks
from triage.desk.office import Now
from triage.store.database import Database
from triage.workorder.working_calendar import shanghai_day


@dataclass(frozen=True, slots=True)
class Reports:
    """The parts. `first_level` gives a topic's first level, `districts` a district's code by name.

    `names` are those of units and regions by code, `place_names` (kind, name) of all places.
    """

    database: Database
    clocks: PolicyClocks
    first_level: Mapping[str, str]
    second_level: Mapping[str, str]
    districts: Mapping[str, str]
    names: Mapping[str, str]
    now: Now
    place_names: tuple[tuple[str, str], ...] = ()

    @property
    def today(self) -> date:
        """The day in Shanghai."""
        return shanghai_day(self.now())


def open_reports(
    database: Database, catalogue: Catalogue, clocks: PolicyClocks, now: Now | None = None
) -> Reports:
    """Return the parts for a city's code lists and clocks."""
    topics, regions = catalogue.topics, catalogue.places.regions
    return Reports(
        database=database,
        clocks=clocks,
        first_level={code: entry.l1 for code, entry in topics.items()},
        second_level={code: entry.l2 for code, entry in topics.items()},
        districts={
            label: region.code
            for region in regions
            if region.is_district
            for label in (region.name, region.code, *region.aliases)
        },
        names={
            **{region.code: region.name for region in regions},
            **{code: unit.name for code, unit in catalogue.units.items()},
        },
        now=now or (lambda: datetime.now(UTC)),
        place_names=tuple(catalogue.place_names()),
    )
