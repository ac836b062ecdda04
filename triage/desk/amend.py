"""Deeds that do not move an order: override, extend, remind, supervise, exclude from scoring."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace

from sqlalchemy import Connection

from triage.desk.actor import Actor, NotAllowed, check_reach
from triage.desk.guards import MoveRefused, check_support, check_unit
from triage.desk.office import Office
from triage.desk.once import Sent, once
from triage.desk.suggestion import FIELDS
from triage.request import Json
from triage.steps.accused import INVESTIGATES, REPORT
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

    What becomes a report is read again for whom it accuses, unless the person says whom.

    Raises
    ------
    UnknownOrder, StaleOrder, NotAllowed
    MoveRefused
        override_empty, override_field, override_dispatched, label_unknown, unit_unknown,
        unit_accused.
    """
    _check_fields(wanted)
    with office.database.write() as connection:
        order = claim(connection, order_id, version)
        check_reach(order, actor)
        _open(order)
        _check_codes(office, wanted)
        changes = {**wanted, **_as_report(office, order, wanted)}
        _check_units(office, order, changes)
        before: dict[str, Json] = {name: _plain(getattr(order, name)) for name in changes}
        body: dict[str, Json] = {**changes, "before": before, "reason": mask(reason).text}
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
    key: str = "",
) -> WorkOrder:
    """Give an order more working days; the approver of the policy, or above, grants it.

    `key` is the caller's name for the deed: sent again under it, it is not granted twice.

    Raises
    ------
    UnknownOrder, StaleOrder, NotAllowed, KeyReused
    MoveRefused
        extension_refused: too many or too long.
    """

    def deed(connection: Connection) -> list[WorkOrder]:
        order = claim(connection, order_id, version)
        return [_extended(office, connection, order, working_days, mask(reason).text, actor)]

    asked: dict[str, Json] = {
        "deed": "extend", "working_days": working_days, "reason": reason, "version": version,
    }  # fmt: skip
    (order,) = once(office, Sent(actor, key, order_id, asked), deed)
    return order


def _extended(
    office: Office,
    connection: Connection,
    order: WorkOrder,
    working_days: int,
    reason: str,
    actor: Actor,
) -> WorkOrder:
    check_reach(order, actor)
    _open(order)
    approver = office.clocks.check_extension(order, working_days)
    if not (actor.is_administrator or approver in actor.roles):
        raise NotAllowed(f"延期须由 {approver} 批准")
    now = office.now()
    body: dict[str, Json] = {"working_days": working_days, "reason": reason}
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


def _check_fields(wanted: Mapping[str, Json]) -> None:
    unknown = [name for name in wanted if name not in FIELDS]
    if unknown or not wanted:
        raise MoveRefused(
            "override_field" if unknown else "override_empty",
            f"可以改的字段：{'、'.join(FIELDS)}；收到：{'、'.join(unknown) or '无'}",
            field=unknown[0] if unknown else None,
        )


def _as_report(office: Office, order: WorkOrder, wanted: Mapping[str, Json]) -> dict[str, Json]:
    """Return what else changes when an order becomes a report, or a report accuses others.

    A suggestion that names an accused unit is no longer one: the lead goes to who investigates.
    """
    is_report = wanted.get("request_type", order.request_type) == REPORT
    if not is_report or not {"request_type", "accused"} & wanted.keys():
        return {}
    changes: dict[str, Json] = {}
    if "accused" in wanted:
        accused = tuple(map(str, _list(wanted["accused"])))
    else:
        accused = tuple(dict.fromkeys((*order.accused, *office.accused_by(order))))
        changes |= {"accused": list(accused)} if accused else {}
    if order.holders:
        return changes  # who has it already is moved by a dispatcher, and sees it no more
    if "lead" not in wanted and order.lead in accused:
        changes["lead"] = "" if INVESTIGATES in accused else INVESTIGATES
    if "support" not in wanted and set(order.support) & set(accused):
        changes["support"] = [unit for unit in order.support if unit not in accused]
    return changes


def _check_units(office: Office, order: WorkOrder, wanted: Mapping[str, Json]) -> None:
    if order.holders and ("lead" in wanted or "support" in wanted):
        raise MoveRefused(
            "override_dispatched", "工单已经派出：换单位请改派（transitions）", field="lead"
        )
    if "accused" in wanted:
        order = replace(order, accused=tuple(map(str, _list(wanted["accused"]))))
    if lead := wanted.get("lead"):
        check_unit(order, str(lead), office.units)
    for unit in _list(wanted.get("support")):
        check_support(order, str(unit), office.units)


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
