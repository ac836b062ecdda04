"""Deeds that do not move an order: override, extend, remind, supervise, exclude from scoring."""

from __future__ import annotations

from collections.abc import Container, Mapping

from triage.desk.actor import Actor, NotAllowed, check_reach
from triage.desk.guards import MoveRefused, check_support, check_unit
from triage.desk.office import Office
from triage.desk.suggestion import FIELDS
from triage.request import Json
from triage.store.orders import claim, record
from triage.text.mask import mask
from triage.workorder.clock import TYPES
from triage.workorder.events import Event, Kind
from triage.workorder.order import WorkOrder
from triage.workorder.projection import apply


def override(
    office: Office,
    order_id: str,
    wanted: Mapping[str, Json],
    *,
    reason: str,
    version: int | None,
    actor: Actor,
) -> WorkOrder:
    """Replace parts of the suggestion by what a person says; both stay in the ledger.

    Raises
    ------
    UnknownOrder, StaleOrder, NotAllowed
    MoveRefused
        override_empty, override_field, override_dispatched, label_unknown, unit_unknown,
        unit_accused.
    """
    unknown = [name for name in wanted if name not in FIELDS]
    if unknown or not wanted:
        raise MoveRefused(
            "override_field" if unknown else "override_empty",
            f"可以改的字段：{'、'.join(FIELDS)}；收到：{'、'.join(unknown) or '无'}",
            field=unknown[0] if unknown else None,
        )
    with office.database.write() as connection:
        order = claim(connection, order_id, version)
        check_reach(order, actor)
        _open(order)
        _check_codes(office, wanted)
        if order.holders and ("lead" in wanted or "support" in wanted):
            raise MoveRefused(
                "override_dispatched", "工单已经派出：换单位请改派（transitions）", field="lead"
            )
        if lead := wanted.get("lead"):
            check_unit(order, str(lead), office.units)
        for unit in _list(wanted.get("support")):
            check_support(order, str(unit), office.units)
        before: dict[str, Json] = {name: _plain(getattr(order, name)) for name in wanted}
        body: dict[str, Json] = {**wanted, "before": before, "reason": mask(reason).text}
        now = office.now()
        due = office.clocks.due(apply(order, Event(order.id, Kind.OVERRIDE, now, "", body)))
        if due.at != order.due_at:
            body |= {"due_at": due.at.isoformat(), "due_kind": due.kind}
        return record(
            connection, order, [Event(order.id, Kind.OVERRIDE, now, actor.id, body)], office.books
        )


def extend(
    office: Office,
    order_id: str,
    working_days: int,
    *,
    reason: str,
    version: int | None,
    actor: Actor,
) -> WorkOrder:
    """Give an order more working days; the approver of the policy, or above, grants it.

    Raises
    ------
    UnknownOrder, StaleOrder, NotAllowed
    MoveRefused
        extension_refused: too many or too long.
    """
    with office.database.write() as connection:
        order = claim(connection, order_id, version)
        check_reach(order, actor)
        _open(order)
        approver = office.clocks.check_extension(order, working_days)
        if not (actor.is_administrator or approver in actor.roles):
            raise NotAllowed(f"延期须由 {approver} 批准")
        now = office.now()
        body: dict[str, Json] = {"working_days": working_days, "reason": mask(reason).text}
        granted = apply(order, Event(order.id, Kind.EXTENSION, now, actor.id, body))
        due = office.clocks.due(granted)
        body |= {"due_at": due.at.isoformat(), "due_kind": due.kind}
        return record(
            connection, order, [Event(order.id, Kind.EXTENSION, now, actor.id, body)], office.books
        )


def note(
    office: Office, order_id: str, kind: Kind, body: Mapping[str, Json], actor: Actor
) -> WorkOrder:
    """Append a remark that moves nothing: REMIND, SUPERVISE or EXCLUSION.

    Raises
    ------
    UnknownOrder, NotAllowed
    """
    with office.database.write() as connection:
        order = claim(connection, order_id, None)
        check_reach(order, actor)
        clean = {
            name: mask(value).text if name in _WORDS and isinstance(value, str) else value
            for name, value in body.items()
        }
        return record(
            connection, order, [Event(order.id, kind, office.now(), actor.id, clean)], office.books
        )


_WORDS = ("note", "reason")
"""What people write freely; a code comes through the mask as it is."""


def _check_codes(office: Office, wanted: Mapping[str, Json]) -> None:
    """Check that codes are known: what is no code could be anything, a name for one."""
    lists: dict[str, tuple[list[Json], Container[str]]] = {
        "request_type": ([wanted.get("request_type")], TYPES),
        "topic": ([wanted.get("topic")], office.codes.topics),
        "accused": (_list(wanted.get("accused")), office.units),
        "flags": (_list(wanted.get("flags")), office.codes.flags),
    }
    for name, (values, known) in lists.items():
        for value in values:
            if value is not None and value not in known:
                raise MoveRefused(
                    "label_unknown", f"{name} 的值 {value!r} 不在代码表中", field=name
                )


def _open(order: WorkOrder) -> None:
    if not order.is_open:
        raise MoveRefused("order_ended", f"工单 {order.id} 已是 {order.state}，不能再改")


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _plain(value: object) -> Json:
    return [str(one) for one in value] if isinstance(value, tuple) else value  # type: ignore[return-value]  # the rest are str, int, bool
