"""Which lines see which orders, so that a unit's lists are cut by the database."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_BATCH = 1_000


def upgrade() -> None:
    """Make the table and fill it from the orders as they stand."""
    made = op.create_table(
        "order_unit",
        sa.Column("order_id", sa.String(24)),
        sa.Column("unit", sa.String(64)),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("order_id", "unit", name="pk_order_unit"),
        sa.ForeignKeyConstraint(["order_id"], ["work_order.id"], name="fk_order_unit_order_id"),
    )
    op.create_index(
        "ix_order_unit_unit_order_id",
        "order_unit",
        ["unit", "order_id"],
        sqlite_where=sa.text("is_open = 1 AND role != 'LEAD'"),
        postgresql_where=sa.text("is_open AND role != 'LEAD'"),
    )
    _fill(op.get_bind(), made)


def downgrade() -> None:
    """Drop the table; the orders themselves say all that was in it."""
    op.drop_table("order_unit")


def _fill(connection: sa.Connection, made: sa.Table) -> None:
    order = sa.table(
        "work_order",
        sa.column("id", sa.String),
        sa.column("is_open", sa.Boolean),
        sa.column("document", sa.Text),
    )
    after = ""
    while batch := connection.execute(
        sa.select(order).where(order.c.id > after).order_by(order.c.id).limit(_BATCH)
    ).all():
        rows = [
            {"order_id": one.id, "unit": unit, "role": role, "is_open": one.is_open}
            for one in batch
            for unit, role in _roles(json.loads(one.document)).items()
        ]
        if rows:
            connection.execute(made.insert(), rows)
        after = batch[-1].id


def _roles(order: dict[str, object]) -> dict[str, str]:
    """Return the role of each line, as of this version."""
    found: dict[str, str] = {}
    if order["holders"]:
        found |= dict.fromkeys(_texts(order["support"]), "SUPPORT")
        found[str(order["lead"])] = "LEAD"
    if order["state"] == "OBJECTED" and order["first_receiver"]:
        found[str(order["first_receiver"])] = "INTERIM"
    return found | dict.fromkeys(_texts(order["accused"]), "ACCUSED")


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
