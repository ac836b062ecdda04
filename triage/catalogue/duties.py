"""The dispatch catalogue: which unit leads and supports a matter, which may not, and by what law.

An entry without a condition is a topic's default, a prior only. One with a condition governs where
the condition holds in the request's text. What follows from an entry is decided in `steps.duty`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from triage.catalogue.condition import Groups, parse_groups
from triage.catalogue.entries import period, split_cell
from triage.catalogue.period import ALWAYS, Period
from triage.catalogue.table import Row

ANY = "*"
TOWNSHIP = "TOWNSHIP"
"""The functional line that holds no power of enforcement or licensing."""


@dataclass(frozen=True, slots=True)
class Duty:
    """One entry: topic × object × region × level → lead, support, exclusions, power and basis.

    `power` is ENFORCEMENT, LICENSING or empty; `holder` the line that holds it (the lead where not
    said); `status` verified or to_be_confirmed; `topics` codes, or prefixes that end in `*`.
    """

    code: str
    topics: tuple[str, ...]
    when: str
    unless: str
    region: tuple[str, ...]
    level: str
    lead: str
    support: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    power: str = ""
    holder: str = ""
    basis: str = ""
    clause: str = ""
    status: str = "to_be_confirmed"
    note: str = ""
    valid: Period = ALWAYS

    @property
    def is_default(self) -> bool:
        """Whether the entry holds for its topic whatever the text says."""
        return not self.when

    def barred(self) -> frozenset[str]:
        """Return the lines that may not lead: the excluded, and the township where power is needed.

        A township is barred from leading only; it may still support (DOMAIN: 巡查、劝导).
        """
        powerless = (TOWNSHIP,) if self.power and self.lead != TOWNSHIP else ()
        return frozenset((*self.excluded, *powerless))

    @classmethod
    def from_row(cls, row: Row) -> Duty:
        """Build from a sound row of `duties.csv`."""
        power = row["power"]
        return cls(
            code=row["code"],
            topics=split_cell(row["topics"]),
            when=row["when"],
            unless=row["unless"],
            region=split_cell(row["region"]),
            level=row["level"],
            lead=row["lead"],
            support=split_cell(row["support"]),
            excluded=split_cell(row["excluded"]),
            power=power,
            holder=row["holder"] or (row["lead"] if power else ""),
            basis=row["basis"],
            clause=row["clause"],
            status=row["status"],
            note=row["note"],
            valid=period(row),
        )


@dataclass(frozen=True, slots=True)
class Duties:
    """All entries of a catalogue, and the words of the objects that their conditions name."""

    entries: tuple[Duty, ...] = ()
    objects: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def when(self, duty: Duty) -> Groups:
        """Return the groups that must be found for `duty` to govern; () for a default."""
        return parse_groups(duty.when, self.objects)

    def unless(self, duty: Duty) -> tuple[str, ...]:
        """Return the words any of which keeps `duty` from governing."""
        return tuple(word for group in parse_groups(duty.unless, self.objects) for word in group)


def covered(topics: Sequence[str], labels: Sequence[str]) -> tuple[str, ...]:
    """Return those of `labels` that the patterns `topics` (`HJ01`, `HJ*`, `*`) mean."""
    exact = frozenset(topics)
    prefixes = tuple(topic[:-1] for topic in topics if topic.endswith(ANY))
    return tuple(
        label for label in labels if label in exact or (prefixes and label.startswith(prefixes))
    )
