"""Show originals to those who need them: each time with a purpose, each time on record.

The unit that holds an order may see contact, address and text, because a repairer needs the door
number; the right goes when the order goes. Of a report (举报) no unit sees anything but the masked
text: contact is mediated by the hotline.
"""

from __future__ import annotations

from sqlalchemy import Connection

from triage.desk.actor import Actor, NotAllowed, check_reach
from triage.desk.office import Office
from triage.desk.spawning import PART, REOPENED
from triage.store.orders import find
from triage.store.vault import Field, Reading
from triage.workorder.order import WorkOrder
from triage.workorder.states import AT_UNIT

MEDIATES = frozenset({"agent", "dispatcher", "supervisor", "administrator"})
"""Roles of the hotline that may speak with a requester."""


def reveal(
    office: Office, order_id: str, fields: frozenset[Field], *, purpose: str, actor: Actor
) -> dict[Field, str]:
    """Return originals of an order; that they were read is on record before this returns.

    Raises
    ------
    UnknownOrder, NotAllowed, PurposeMissing, NothingSealed, VaultKeyMissing, VaultDamaged
    """
    with office.database.read() as connection:
        order = find(connection, order_id)
        check_reach(order, actor)
        check_right(order, actor)
        order_id = sealed_under(connection, order)
    reading = Reading(actor.id, purpose, office.now())
    return office.vault.open_sealed(office.database, order_id, fields, reading)


def sealed_under(connection: Connection, order: WorkOrder) -> str:
    """Return the order under whose id the originals lie: what comes of an order has none itself."""
    while order.origin in (REOPENED, PART):
        order = find(connection, order.parent_id or order.part_of)
    return order.id


def check_right(order: WorkOrder, actor: Actor) -> None:
    """Check that a caller may see originals of an order that it reaches.

    Raises
    ------
    NotAllowed
    """
    if not actor.units:
        if not actor.roles & MEDIATES:
            raise NotAllowed("查看原文的权限属于坐席、派单员、督办员和管理员，以及承办单位的经办人")
        return
    if order.is_report:
        raise NotAllowed("举报件的原文与举报人信息不向承办单位提供：请由热线代为联系")
    if order.state not in AT_UNIT:
        raise NotAllowed(f"工单现为 {order.state}，不在您手中：收到派单后才能查看原文")
