"""并单 and its undoing: one order absorbs another; both know, and either can be taken apart again.

Every requester keeps the right to an answer: a merged order ends when the one that absorbed it
does, and its own requester is told (`triage.desk.notices`).
"""

from __future__ import annotations

from sqlalchemy import Connection

from triage.desk.actor import Actor, check_reach
from triage.desk.guards import MoveRefused
from triage.desk.office import Office
from triage.store.orders import find, record
from triage.text.mask import mask
from triage.workorder.events import Event, Kind
from triage.workorder.order import WorkOrder


def merge(
    office: Office, connection: Connection, order: WorkOrder, into: str, actor: Actor
) -> WorkOrder:
    """Merge an order into another within the caller's transaction; return the merged order.

    Raises
    ------
    MoveRefused
        merge_into_itself, merge_into_ended, merge_accused.
    UnknownOrder, NotAllowed
        There is no such order to merge into, or it lies outside the caller's scope.
    """
    if into == order.id:
        raise MoveRefused("merge_into_itself", "不能把工单并入它自己", field="into")
    main = find(connection, into, for_update=True)
    check_reach(main, actor)
    if not main.is_open:
        where = f"，它已并入 {main.merged_into}" if main.merged_into else ""
        raise MoveRefused(
            "merge_into_ended", f"工单 {into} 已结束{where}：请并入办理中的工单", field="into"
        )
    if not set(order.accused) <= set(main.accused):
        raise MoveRefused(
            "merge_accused", "这件举报点名了单位，不能并入可能派给它的工单", field="into"
        )
    now = office.now()
    absorb = Event(into, Kind.ABSORB, now, actor.id, {"order": order.id})
    record(connection, main, [absorb], office.books)
    event = Event(order.id, Kind.MERGE, now, actor.id, {"into": into, "from": order.state.value})
    return record(connection, order, [event], office.books)


def unmerge(
    office: Office, connection: Connection, order: WorkOrder, reason: str, actor: str
) -> WorkOrder:
    """Take a merged order out again within the caller's transaction; its clock never stopped."""
    now, into = office.now(), order.merged_into
    main = find(connection, into, for_update=True)
    release = Event(into, Kind.RELEASE, now, actor, {"order": order.id})
    record(connection, main, [release], office.books)
    event = Event(order.id, Kind.UNMERGE, now, actor, {"reason": mask(reason).text, "was_in": into})
    return record(connection, order, [event], office.books)
