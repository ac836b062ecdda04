"""Which lines see which orders, as rows beside the present state, so that a list can be cut by it.

The rule is `triage.workorder.unit_roles`; the rows follow it within `orders.record`'s
transaction, and only where it gives something new.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    exists,
    insert,
    literal_column,
    select,
)

from triage.store.tables import order_unit
from triage.workorder.order import WorkOrder
from triage.workorder.unit_roles import UnitRole, unit_roles

Row = dict[str, object]


def keep_roles(
    connection: Connection, changes: Sequence[tuple[WorkOrder | None, WorkOrder]]
) -> None:
    """Write the roles of lines in orders, each given as it was (None: it is new) and as it is."""
    old, rows = list[str](), list[Row]()
    for was, now in changes:
        before, after = rows_of(was) if was else [], rows_of(now)
        if after != before:
            rows += after
            if was is not None:
                old.append(now.id)
    if old:
        connection.execute(delete(order_unit).where(order_unit.c.order_id.in_(old)))
    if rows:
        connection.execute(insert(order_unit), rows)


def rows_of(order: WorkOrder) -> list[Row]:
    """Return the rows of an order."""
    return [
        {"order_id": order.id, "unit": unit, "role": role.value, "is_open": order.is_open}
        for unit, role in unit_roles(order).items()
    ]


def roles_kept(connection: Connection, order_ids: Collection[str]) -> dict[str, list[Row]]:
    """Return the rows that are kept, by order."""
    query = select(order_unit).where(order_unit.c.order_id.in_(sorted(order_ids)))
    found: dict[str, list[Row]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        found[str(row["order_id"])].append(dict(row))
    return found


def is_seen_by(order_id: ColumnElement[str], units: Collection[str]) -> ColumnElement[bool]:
    """Say whether somebody who acts for these lines sees an order."""
    mine = and_(order_unit.c.order_id == order_id, order_unit.c.unit.in_(sorted(units)))
    sees = exists().where(mine, order_unit.c.role != UnitRole.ACCUSED.value)
    return and_(sees, ~exists().where(mine, order_unit.c.role == UnitRole.ACCUSED.value))


def is_led_by(
    order_id: ColumnElement[str], lead: ColumnElement[str], units: Collection[str]
) -> ColumnElement[bool]:
    """Say whether an order was sent to one of these lines, which leads it, and accuses none.

    `lead` is the column that an index begins with: most orders of a line are those that it leads.
    """
    entry, mine = order_unit.c, sorted(units)
    row = and_(entry.order_id == order_id, entry.unit.in_(mine), entry.role == UnitRole.LEAD.value)
    return and_(lead.in_(mine), exists().where(row), order_id.not_in(_beside(units, _ACCUSED)))


def is_helped_by(order_id: ColumnElement[str], units: Collection[str]) -> ColumnElement[bool]:
    """Say the same of an open order that one of them supports, or leads until a ruling.

    Those are few: they are looked up by line, in an index that holds no others.
    """
    helping = order_unit.c.role != UnitRole.ACCUSED.value
    return and_(order_id.in_(_beside(units, helping)), order_id.not_in(_beside(units, _ACCUSED)))


_ACCUSED = order_unit.c.role == UnitRole.ACCUSED.value
_NOT_LEADING = order_unit.c.role != literal_column(f"'{UnitRole.LEAD.value}'")
"""As the index says it, word for word: a bound value would not be seen to be the same."""


def _beside(units: Collection[str], which: ColumnElement[bool]) -> Select[tuple[str]]:
    entry = order_unit.c
    mine = (entry.unit.in_(sorted(units)), entry.is_open, _NOT_LEADING, which)
    return select(entry.order_id).where(*mine)
