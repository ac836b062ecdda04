"""Consultation (会商): what a unit says of an order that nobody wants, before the ruling.

An opinion moves nothing and binds nobody; it stands in the ledger and beside the precedents.
"""

from __future__ import annotations

from dataclasses import dataclass

from triage.desk.actor import Actor, NotAllowed, check_reach
from triage.desk.disputes import Dispute, dispute_within
from triage.desk.guards import MoveRefused
from triage.desk.office import Office
from triage.store.disputes import OPEN, latest_case
from triage.store.orders import claim, record
from triage.text.mask import mask
from triage.workorder.disputes import STANDS
from triage.workorder.events import Event, Kind


@dataclass(frozen=True, slots=True)
class Stand:
    """An opinion as given: whose, one of `STANDS`, and on what basis."""

    unit: str
    stand: str
    basis: str
    version: int | None = None


def give_opinion(office: Office, order_id: str, given: Stand, actor: Actor) -> Dispute:
    """Write a unit's opinion down; who is of a unit speaks for that unit only.

    Raises
    ------
    UnknownOrder, UnknownDispute, StaleOrder, NotAllowed
    MoveRefused
        dispute_closed, opinion_stand_unknown, unit_unknown, unit_accused.
    StoreUnavailable
    """
    with office.database.write() as connection:
        order = claim(connection, order_id, given.version)
        check_reach(order, actor)
        if latest_case(connection, order_id).state != OPEN:
            raise MoveRefused("dispute_closed", f"工单 {order_id} 的异议已裁定：不再收会商意见")
        _check(office, given, actor, accused=order.accused)
        body = {"unit": given.unit, "stand": given.stand, "basis": mask(given.basis).text}
        event = Event(order_id, Kind.OPINION, office.now(), actor.id, body)
        order = record(connection, order, [event], office.books)
        return dispute_within(connection, order, office.now(), actor)


def _check(office: Office, given: Stand, actor: Actor, *, accused: tuple[str, ...]) -> None:
    if given.stand not in STANDS:
        raise MoveRefused(
            "opinion_stand_unknown",
            f"stand={given.stand!r:.40} 不存在：可用 {'、'.join(STANDS)}",
            field="stand",
        )
    if given.unit not in office.units:
        raise MoveRefused(
            "unit_unknown", f"unit={given.unit!r:.80} 不在单位代码表中：请核对代码", field="unit"
        )
    if given.unit in accused:
        raise MoveRefused(
            "unit_accused", f"{given.unit} 是被举报的单位：不征求它的意见", field="unit"
        )
    if actor.units and given.unit not in actor.units:
        raise NotAllowed(f"{given.unit} 不是您的单位：只能代表本单位发表意见")
