"""What no move may do, whoever makes it: the law of the dispatch catalogue at the desk.

A report never goes to a unit that it accuses; what needs enforcement or licensing power never goes
to a township; a unit rejects within its window; a hotline designates after three dispatches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from triage.desk.office import UnitFacts
from triage.errors import TriageError
from triage.workorder.due_moments import is_deemed_accepted
from triage.workorder.events import Kind
from triage.workorder.order import WorkOrder

TOWNSHIP = "township"


class MoveRefused(TriageError):
    """A move that the table holds and a rule forbids; `code` says which."""

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.code = code


def check_unit(order: WorkOrder, unit: str, units: Mapping[str, UnitFacts]) -> None:
    """Check that an order may be sent to a unit.

    Raises
    ------
    MoveRefused
        unit_unknown, unit_accused, unit_lacks_power.
    """
    facts = units.get(unit)
    if facts is None:
        raise MoveRefused(
            "unit_unknown",
            f"单位代码 {unit!r} 不在代码表中：请用 GET /v1/catalogue 里 units 的代码",
            field="unit",
        )
    if unit in order.accused:
        raise MoveRefused(
            "unit_accused",
            f"这件举报点名了{facts.name}，不得派给它：请派往上一级或纪检监察（DISCIPLINE）",
            field="unit",
        )
    if facts.kind == TOWNSHIP and order.power:
        holder = units.get(order.power_holder)
        name = holder.name if holder else "有权的部门"
        power = "执法权" if order.power == "ENFORCEMENT" else "许可权"
        raise MoveRefused(
            "unit_lacks_power",
            f"这件事要用{power}，镇街没有这项权力：应派{name}"
            f"（{order.power_holder or '见权责清单'}）",
            field="unit",
        )


def check_support(order: WorkOrder, unit: str, units: Mapping[str, UnitFacts]) -> None:
    """Check that a unit may support an order: a township may, whatever power the lead needs.

    Raises
    ------
    MoveRefused
        unit_unknown, unit_accused.
    """
    check_unit(replace(order, power=""), unit, units)


def check_reject(order: WorkOrder, at: datetime) -> None:
    """Check that a unit may still reject.

    Raises
    ------
    MoveRefused
        reject_too_late: the window is over, or the unit was designated.
    """
    if order.deemed_accepted:
        raise MoveRefused(
            "reject_too_late", "本单已视为受理或由热线指定承办，不能再退单：请先办后议"
        )
    if order.reject_until is not None and is_deemed_accepted(order.reject_until, at):
        raise MoveRefused(
            "reject_too_late",
            f"退单时限已过（{order.reject_until.isoformat()}），视为受理：请先办后议",
        )


DISPATCHING = frozenset({Kind.DISPATCH, Kind.REASSIGN, Kind.ADJUDICATE, Kind.DESIGNATE})
"""The kinds of event that send an order to a unit."""
