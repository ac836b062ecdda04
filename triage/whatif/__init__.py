"""What if: staffing, a new unit, another deadline, a storm → waiting, overdue orders, worst units.

A discrete-event simulation on what is on record; it fits nothing and decides nothing. Rules and
limits: docs/whatif.md.
"""

from triage.whatif.cases import Case, Period
from triage.whatif.outcome import Outcome, Spread, compare
from triage.whatif.replay import replay
from triage.whatif.scenario import NewUnit, Scenario, Storm

__all__ = [
    "Case",
    "NewUnit",
    "Outcome",
    "Period",
    "Scenario",
    "Spread",
    "Storm",
    "compare",
    "replay",
]
