"""Which role each line has in an order, and so whether it sees it: one rule for all who ask.

A line sees what was sent to it, not what is only suggested; one that a report accuses never sees
the report. While a dispute lasts the first receiver leads (首接负责), whoever had the order since.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from triage.workorder.order import WorkOrder
from triage.workorder.states import State


class UnitRole(StrEnum):
    """What a line is to an order: lead, support, lead until a ruling, or accused by it."""

    LEAD = "LEAD"
    INTERIM = "INTERIM"
    SUPPORT = "SUPPORT"
    ACCUSED = "ACCUSED"


def unit_roles(order: WorkOrder) -> dict[str, UnitRole]:
    """Return the role of each line that has one; the strongest where there are two."""
    found: dict[str, UnitRole] = {}
    if order.holders:
        found |= dict.fromkeys(order.support, UnitRole.SUPPORT)
        found[order.lead] = UnitRole.LEAD
    if order.state is State.OBJECTED and order.first_receiver:
        found[order.first_receiver] = UnitRole.INTERIM
    return found | dict.fromkeys(order.accused, UnitRole.ACCUSED)


def role_of(order: WorkOrder, units: Collection[str]) -> UnitRole | None:
    """Return the role of somebody who acts for these lines; None where none of them has one.

    Who acts for an accused line is accused, whatever the others are.
    """
    roles = unit_roles(order)
    mine = {roles[unit] for unit in units if unit in roles}
    strongest = (UnitRole.ACCUSED, UnitRole.INTERIM, UnitRole.LEAD, UnitRole.SUPPORT)
    return next((one for one in strongest if one in mine), None)
