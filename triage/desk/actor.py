"""Who does a deed: roles, and the part of the city that they hold for.

Which role may use which endpoint is the table in `serving`; here is what one may do to one order.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from triage.errors import TriageError
from triage.workorder.order import WorkOrder
from triage.workorder.unit_roles import UnitRole, role_of


class NotAllowed(TriageError):
    """The caller's role or scope does not reach this."""

    code = "not_allowed"


@dataclass(frozen=True, slots=True)
class Actor:
    """One caller; no `units` or `regions` means all of them."""

    id: str
    roles: frozenset[str] = field(default_factory=frozenset)
    units: frozenset[str] = field(default_factory=frozenset)
    regions: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_administrator(self) -> bool:
        """May do everything."""
        return "administrator" in self.roles

    def reaches(self, order: WorkOrder) -> bool:
        """Return whether the order lies in the caller's units and regions.

        Which orders those of a unit are, `triage.workorder.unit_roles` says.
        """
        if self.units and role_of(order, self.units) in (None, UnitRole.ACCUSED):
            return False
        return not self.regions or order.region in self.regions


def check_reach(order: WorkOrder, actor: Actor) -> None:
    """Check that an order lies in the caller's part of the city.

    Raises
    ------
    NotAllowed
    """
    if not actor.reaches(order):
        raise NotAllowed(f"工单 {order.id} 不在您的单位或区域范围内")


SYSTEM = Actor("system", frozenset({"system"}))
"""The service itself: timers, merges by rule, automatic closing after a good follow-up."""
