"""Make a store ready to be opened: the embedded database is brought up to date, a shared one never.

`triage database upgrade` changes a shared database; starting a service only checks it.
"""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from triage.store.cipher import CipherName
from triage.store.database import Database
from triage.store.key_file import VARIABLE, create_key, load_keys
from triage.store.migrate import make_folder, require_current, upgrade

logger = logging.getLogger(__name__)


def prepare_store(url: str, vault_keys: Path) -> None:
    """Bring the embedded database up to date and give its vault a key, or check a shared one.

    Raises
    ------
    StaleSchema, StoreUnavailable, UnusableFile, VaultKeyMissing
    """
    database = Database(url)
    keys = load_keys(vault_keys, os.environ)
    try:
        if not database.is_embedded:
            require_current(database)
            keys.active  # noqa: B018 - raises where there is none
            return
        make_folder(database)
        upgrade(database)
        if not keys.keys and VARIABLE not in os.environ:
            vault_keys.parent.mkdir(parents=True, exist_ok=True)
            create_key(vault_keys, CipherName.AES, now=datetime.now(UTC))
            logger.warning("a vault key was made at %s: back it up", vault_keys)
    finally:
        database.close()
