"""The file of access keys: what is kept of a key, read and written whole, mode 0600.

Schema 2 holds the rights of each key. A file of schema 1 is read as before: its keys are agents'.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from serving.rights import Rights, UnfitRights
from triage.errors import UnusableFile
from triage.files import atomic_write

SCHEMA = 2
_READABLE = (1, SCHEMA)
_SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key: `digest` is the SHA-256 of the key in hexadecimal.

    `expires_on` is the last day on which it is good, in Shanghai; `rate` is in requests a second
    and None for the service's own limit.
    """

    name: str
    digest: str
    created_at: str
    rights: Rights = field(default_factory=Rights)
    expires_on: date | None = None
    rate: float | None = None

    @property
    def ends_at(self) -> float:
        """The moment from which it is no longer good, in seconds since 1970; inf for never."""
        if self.expires_on is None:
            return float("inf")
        after = self.expires_on + timedelta(days=1)
        return datetime.combine(after, time(), _SHANGHAI).timestamp()

    def to_json(self) -> dict[str, object]:
        """Return what the file holds."""
        return {
            "name": self.name,
            "digest": self.digest,
            "created_at": self.created_at,
            "roles": sorted(self.rights.roles),
            "units": sorted(self.rights.units),
            "regions": sorted(self.rights.regions),
            "expires_on": self.expires_on.isoformat() if self.expires_on else None,
            "rate": self.rate,
        }


def read_keys(path: Path) -> tuple[Key, ...]:
    """Return the keys of a file, oldest first; none for a file that does not exist.

    Raises
    ------
    UnusableFile
        Where the file cannot be read or is not a key file.
    """
    try:
        document = json.loads(path.read_bytes())
        if document["schema"] not in _READABLE:
            raise ValueError("schema")
        return tuple(_key(item) for item in document["keys"])
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise UnusableFile(
            f"无法读取密钥文件 {path}（{error.strerror}）；请检查路径和权限"
        ) from error
    except UnfitRights as error:
        raise UnusableFile(f"{path} 中有一个密钥不能用：{error.message}") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnusableFile(
            f"{path} 不是密钥文件；请用 triage keys create 新建，或用 --keys 指定另一个"
        ) from error


def write_keys(path: Path, keys: tuple[Key, ...]) -> None:
    """Replace the file whole; only its owner may read it."""
    document = {"schema": SCHEMA, "keys": [key.to_json() for key in keys]}
    with atomic_write(path, mode=0o600) as file:
        file.write(json.dumps(document, ensure_ascii=False, indent=2).encode())


@contextmanager
def locked(path: Path) -> Iterator[None]:
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


def _key(item: Mapping[str, object]) -> Key:
    expires, rate = item.get("expires_on"), item.get("rate")
    return Key(
        name=_word(item["name"]),
        digest=_word(item["digest"]),
        created_at=_word(item["created_at"]),
        rights=Rights(
            roles=_words(item.get("roles", ["agent"])),
            units=_words(item.get("units", [])),
            regions=_words(item.get("regions", [])),
        ),
        expires_on=None if expires is None else date.fromisoformat(_word(expires)),
        rate=None if rate is None else _rate(rate),
    )


def _rate(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise TypeError(value)
    return float(value)


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _words(value: object) -> frozenset[str]:
    if not isinstance(value, list):
        raise TypeError(value)
    return frozenset(map(_word, value))
