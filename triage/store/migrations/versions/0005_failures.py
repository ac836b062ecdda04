"""Wrong query codes, counted by all workers together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "failure",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_failure"),
    )
    op.create_index("ix_failure_subject_at", "failure", ["subject", "at"])
    op.create_index("ix_failure_at", "failure", ["at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("failure")
