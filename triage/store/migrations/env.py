"""What Alembic runs: the migrations, on the connection and in the transaction of `migrate`.

It knows no URL and no settings file: whoever upgrades hands the open connection over.
"""

from __future__ import annotations

from alembic import context

from triage.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # SQLite's DDL is transactional too, begun as `database` begins it
)
with context.begin_transaction():
    context.run_migrations()
