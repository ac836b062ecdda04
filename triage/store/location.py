"""Where the database and its index are unless told otherwise; kept apart: asking costs nothing."""

from __future__ import annotations

import os

VARIABLE = "TRIAGE_DATABASE_URL"
EMBEDDED = "sqlite:///runs/triage.db"
"""In the working folder, which ./.gitignore leaves out."""


INDEX_VARIABLE = "TRIAGE_INDEX_DIR"
INDEX_DIR = "runs/index"
"""In the working folder too: it can be made again from the database at any time."""


def default_index_dir() -> str:
    """Return TRIAGE_INDEX_DIR, or `index` in the working folder's `runs`."""
    return os.environ.get(INDEX_VARIABLE, INDEX_DIR)


def default_url() -> str:
    """Return TRIAGE_DATABASE_URL, or an embedded database in the working folder's `runs`."""
    return os.environ.get(VARIABLE, EMBEDDED)
