"""What if: staffing, a new unit, another deadline, a storm → waiting, overdue orders, worst units.

A discrete-event simulation on what is on record; it fits nothing and decides nothing. Rules and
limits: docs/alarms.md §7.
"""

from triage.whatif.cases import Case, from_city, from_ledger
from triage.whatif.outcome import Outcome, Spread, compare, replay
from triage.whatif.scenario import NewUnit, Scenario, Storm
from triage.whatif.simulation import simulate

__all__ = [
    "Case",
    "NewUnit",
    "Outcome",
    "Scenario",
    "Spread",
    "Storm",
    "compare",
    "from_city",
    "from_ledger",
    "replay",
    "simulate",
]
