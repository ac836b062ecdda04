"""Access keys: made once, shown once, kept as a hash with the rights that they give.

A key is 256 random bits, so one SHA-256 is enough: salts and slow hashes (scrypt, bcrypt) protect
guessable passwords, and nobody guesses 2^256. Digests are compared in constant time.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from datetime import date, datetime
from pathlib import Path

from serving.key_file import Key, locked, read_keys, write_keys
from serving.rights import PUBLIC, Rights
from triage.errors import TriageError

PREFIX = "ctk_"
"""So that secret scanners and people recognise a key, and the service tells it from a token."""

RESERVED = frozenset({"local", "system", PUBLIC})
"""Names that stand in the ledger for callers without a key."""

_NAME = re.compile(r"[\w.-]{1,64}")


class KeyRefusal(TriageError):
    """A key command that cannot be carried out."""

    code = "key_refused"


def default_keys_file() -> Path:
    """Return TRIAGE_KEYS_FILE, or a file in the working folder's `var`."""
    return Path(os.environ.get("TRIAGE_KEYS_FILE", "var/keys.json"))


def create_key(
    path: Path,
    name: str,
    *,
    now: datetime,
    rights: Rights | None = None,
    expires_on: date | None = None,
    rate: float | None = None,
) -> str:
    """Make a key, store its hash under a new name, and return the key: it is never seen again.

    Parameters
    ----------
    rights
        None makes an agent's key.
    expires_on
        The last day on which it is good, in Shanghai.
    rate
        Requests a second at most, in place of the service's own limit.

    Raises
    ------
    KeyRefusal
        Where the name is taken or unfit, or the last day has passed.
    """
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise KeyRefusal(
            f"名称“{name[:80]}”不可用；请用 1–64 个字母、汉字、数字、点、横线或下划线"
            f"（{'、'.join(sorted(RESERVED))} 除外）"
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    stamp = now.isoformat(timespec="seconds")
    key = Key(name, digest_of(secret.encode()), stamp, rights or Rights(), expires_on, rate)
    if key.ends_at <= now.timestamp():
        raise KeyRefusal(f"到期日 {expires_on} 已过；请给出今天或以后的日期")
    with locked(path):
        keys = read_keys(path)
        if any(one.name == name for one in keys):
            raise KeyRefusal(f"名称“{name}”已有密钥；请换一个名称，或先 triage keys revoke {name}")
        write_keys(path, (*keys, key))
    return secret


def revoke_key(path: Path, name: str) -> None:
    """Remove a key; running services notice within a second.

    Raises
    ------
    KeyRefusal
        Where no key has that name.
    """
    with locked(path):
        keys = read_keys(path)
        kept = tuple(key for key in keys if key.name != name)
        if len(kept) == len(keys):
            raise KeyRefusal(f"没有名为“{name}”的密钥；triage keys list 列出全部")
        write_keys(path, kept)


def digest_of(secret: bytes) -> str:
    """Return the SHA-256 of a key in hexadecimal."""
    return hashlib.sha256(secret).hexdigest()
