"""The codes of a catalogue that a routing rule may name on a day."""

from __future__ import annotations

from datetime import date

from triage.catalogue import Catalogue
from triage.workorder.rule_check import Codes


def codes_of(catalogue: Catalogue, today: date) -> Codes:
    """Return the codes of units, topics and regions in force, and the names of reject reasons."""
    topics, units = (
        {entry.code for entry in catalogue.in_force(name, today)} for name in ("topics", "units")
    )
    kinds = {code: entry.kind for code, entry in catalogue.units.items() if code in units}
    regions = {one.code for one in catalogue.places.regions_on(today) if one.code}
    reasons = {code: entry.name for code, entry in catalogue.reject_reasons.items()}
    flags = frozenset(catalogue.flags)
    return Codes(kinds, frozenset(topics), frozenset(regions), reasons, flags)
