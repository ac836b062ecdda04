"""Access keys: made once, shown once, kept as a hash in a file of mode 0600.

A key is 256 random bits, so one SHA-256 is enough: salts and slow hashes (scrypt, bcrypt) protect
guessable passwords, and nobody guesses 2^256. Digests are compared in constant time.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from triage.errors import TriageError, UnusableFile
from triage.files import atomic_write

PREFIX = "ctk_"
"""So that secret scanners and people recognise a key."""

SCHEMA = 1
_NAME = re.compile(r"[\w.-]{1,64}")


class KeyRefusal(TriageError):
    """A key command that cannot be carried out."""

    code = "key_refused"


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key: `digest` is the SHA-256 of the key in hexadecimal."""

    name: str
    digest: str
    created_at: str


def default_keys_file() -> Path:
    """Return TRIAGE_KEYS_FILE, or a file in the working folder's `var`."""
    return Path(os.environ.get("TRIAGE_KEYS_FILE", "var/keys.json"))


def read_keys(path: Path) -> tuple[Key, ...]:
    """Return the keys of a file, oldest first; none for a file that does not exist.

    Raises
    ------
    UnusableFile
        Where the file cannot be read or is not a key file.
    """
    try:
        document = json.loads(path.read_bytes())
        if document["schema"] != SCHEMA:
            raise ValueError("schema")
        keys = tuple(Key(**item) for item in document["keys"])
        if not all(isinstance(value, str) for key in keys for value in asdict(key).values()):
            raise TypeError("key")
        return keys
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise UnusableFile(
            f"无法读取密钥文件 {path}（{error.strerror}）；请检查路径和权限"
        ) from error
    except (ValueError, TypeError, KeyError) as error:
        raise UnusableFile(
            f"{path} 不是密钥文件；请用 triage keys create 新建，或用 --keys 指定另一个"
        ) from error


def create_key(path: Path, name: str, *, now: datetime) -> str:
    """Make a key, store its hash under a new name, and return the key: it is never seen again.

    Raises
    ------
    KeyRefusal
        Where the name is taken or unfit.
    """
    if not _NAME.fullmatch(name):
        raise KeyRefusal(f"名称“{name[:80]}”不可用；请用 1–64 个字母、汉字、数字、点、横线或下划线")
    with _locked(path):
        keys = read_keys(path)
        if any(key.name == name for key in keys):
            raise KeyRefusal(f"名称“{name}”已有密钥；请换一个名称，或先 triage keys revoke {name}")
        secret = PREFIX + secrets.token_urlsafe(32)
        stamp = now.isoformat(timespec="seconds")
        _write(path, (*keys, Key(name, digest_of(secret.encode()), stamp)))
    return secret


def revoke_key(path: Path, name: str) -> None:
    """Remove a key; running services notice within a second.

    Raises
    ------
    KeyRefusal
        Where no key has that name.
    """
    with _locked(path):
        keys = read_keys(path)
        kept = tuple(key for key in keys if key.name != name)
        if len(kept) == len(keys):
            raise KeyRefusal(f"没有名为“{name}”的密钥；triage keys list 列出全部")
        _write(path, kept)


def digest_of(secret: bytes) -> str:
    """Return the SHA-256 of a key in hexadecimal."""
    return hashlib.sha256(secret).hexdigest()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep two commands from writing over each other: a lock on the folder, no file left behind."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise UnusableFile(f"无法使用文件夹 {path.parent}（{error.strerror}）") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(path: Path, keys: tuple[Key, ...]) -> None:
    """Replace the file whole; only its owner may read it."""
    document = {"schema": SCHEMA, "keys": [asdict(key) for key in keys]}
    with atomic_write(path, mode=0o600) as file:
        file.write(json.dumps(document, ensure_ascii=False, indent=2).encode())
