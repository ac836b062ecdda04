"""Where the database is unless told otherwise; kept apart, so that asking costs nothing."""

from __future__ import annotations

import os

VARIABLE = "TRIAGE_DATABASE_URL"
EMBEDDED = "sqlite:///runs/triage.db"
"""In the working folder, which ./.gitignore leaves out."""


def default_url() -> str:
    """Return TRIAGE_DATABASE_URL, or an embedded database in the working folder's `runs`."""
    return os.environ.get(VARIABLE, EMBEDDED)
