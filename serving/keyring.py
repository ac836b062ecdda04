"""The keys of a running service: who calls, and the watch on the key file."""

from __future__ import annotations

import hmac
import logging
from pathlib import Path

from serving.asgi import Headers
from serving.keys import digest_of, read_keys
from serving.problems import Problem
from serving.watch import mark_of
from triage.errors import TriageError

_SCHEME = b"bearer"
_CHALLENGE: Headers = ((b"www-authenticate", b'Bearer realm="citizen-triage"'),)

logger = logging.getLogger(__name__)


class KeyRing:
    """Knows who calls by `Authorization: Bearer`.

    Raises
    ------
    UnusableFile
        Where the key file is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark = mark_of(path)
        self._keys = read_keys(path)

    def __len__(self) -> int:
        return len(self._keys)

    def caller(self, headers: Headers) -> str:
        """Return the name of the key.

        Raises
        ------
        Problem
            key_missing, key_invalid.
        """
        secret = _bearer(headers)
        if secret is None:
            raise Problem(
                "key_missing",
                "请在请求头中加上 Authorization: Bearer 密钥；密钥由管理员生成",
                headers=_CHALLENGE,
            )
        digest = digest_of(secret)
        found = None
        for key in self._keys:  # to the end, so that the time taken says nothing
            if hmac.compare_digest(key.digest, digest):
                found = key.name
        if found is None:
            raise Problem(
                "key_invalid", "密钥不存在或已吊销；请向管理员索取新的密钥", headers=_CHALLENGE
            )
        return found

    async def poll(self) -> None:
        """Read the file again where it changed; a damaged one leaves the known keys in force."""
        mark = mark_of(self._path)
        if mark == self._mark:
            return
        self._mark = mark
        try:
            self._keys = read_keys(self._path)
        except TriageError as error:
            logger.error("key file refused, the known keys stay: %s", error.message)
        else:
            logger.info("key file read again: %d keys", len(self._keys))


def _bearer(headers: Headers) -> bytes | None:
    for name, value in headers:
        if name == b"authorization":
            scheme, _, secret = value.strip().partition(b" ")
            return secret.strip() if scheme.lower() == _SCHEME else None
    return None
