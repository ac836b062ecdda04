"""Shadow predictions: what a challenger model says of the same orders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, empty."""
    op.create_table(
        "shadow",
        sa.Column("model", sa.String(128)),
        sa.Column("order_id", sa.String(24)),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("model", "order_id", name="pk_shadow"),
    )
    op.create_index("ix_shadow_model_seq", "shadow", ["model", "seq"])


def downgrade() -> None:
    """Drop the table with all that is in it."""
    op.drop_table("shadow")
