"""What alarms need at the desk, put together once: reports' parts, the rules, names for codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.alarms.rules import AlarmRules, load_rules
from triage.alarms.telling import Names
from triage.catalogue import Catalogue
from triage.desk.clocks import PolicyClocks
from triage.desk.office import Now
from triage.desk.reports import Reports, open_reports
from triage.store.database import Database
from triage.workorder.calendar_file import load_calendar
from triage.workorder.policy_file import load_policy


@dataclass(frozen=True, slots=True)
class AlarmRoom:
    """The parts."""

    reports: Reports
    rules: AlarmRules
    names: Names

    @property
    def database(self) -> Database:
        """The store."""
        return self.reports.database

    @property
    def now(self) -> Now:
        """The clock."""
        return self.reports.now


def room_of(
    reports: Reports, rules: AlarmRules | None = None, channels: Mapping[str, str] | None = None
) -> AlarmRoom:
    """Return the room of reports that are open already; `channels` are names by code."""
    names = {**(channels or {}), **reports.second_level, **reports.names}
    return AlarmRoom(reports, rules or load_rules(), Names(names))


def open_room(
    database: Database,
    catalogue: Catalogue,
    *,
    rules: Path | None = None,
    now: Now | None = None,
) -> AlarmRoom:
    """Return the room of a city.

    Raises
    ------
    TriageError
        A file that cannot be used.
    """
    clocks = PolicyClocks(load_policy(), load_calendar())
    reports = open_reports(database, catalogue, clocks, now)
    channels = {code: entry.name for code, entry in catalogue.channels.items()}
    return room_of(reports, load_rules(rules), channels)
