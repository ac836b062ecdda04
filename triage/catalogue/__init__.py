"""Code lists of a city: topics, units, places and the rest, versioned, with effective dates."""

from triage.catalogue.catalogue import Catalogue
from triage.catalogue.check import check_folder
from triage.catalogue.crosswalk import Crosswalk
from triage.catalogue.entries import TopicEntry, UnitEntry
from triage.catalogue.places import Region, Township
from triage.catalogue.problems import Problem
from triage.catalogue.quarantine import UnknownCode

__all__ = [
    "Catalogue",
    "Crosswalk",
    "Problem",
    "Region",
    "TopicEntry",
    "Township",
    "UnitEntry",
    "UnknownCode",
    "check_folder",
]
