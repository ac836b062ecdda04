"""The keys of a running service: whose secret it is, and the watch on the key file."""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Callable
from pathlib import Path

from serving.identity import CHALLENGE, Caller, actor_with
from serving.key_file import Key, read_keys
from serving.keys import digest_of
from serving.problems import Problem
from serving.regions import Spread, as_named
from serving.watch import Kept

logger = logging.getLogger(__name__)


class KeyRing:
    """Credentials from a key file.

    Parameters
    ----------
    spread
        How the regions of a key spread over the places below them.
    clock
        Seconds since 1970.

    Raises
    ------
    UnusableFile
        Where the key file is damaged.
    """

    def __init__(
        self,
        path: Path,
        *,
        spread: Spread = as_named,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._spread = spread
        self._clock = clock
        self._kept = Kept(path, self._read, name="key file")

    def __len__(self) -> int:
        return len(self._kept.value)

    def caller_of(self, secret: bytes) -> Caller:
        """Return the bearer of a key.

        Raises
        ------
        Problem
            key_invalid, key_expired.
        """
        digest = digest_of(secret)
        found = None
        for entry in self._kept.value:  # to the end, so that the time taken says nothing
            if hmac.compare_digest(entry[0].digest, digest):
                found = entry
        if found is None:
            raise Problem(
                "key_invalid", "密钥不存在或已吊销；请向管理员索取新的密钥", headers=CHALLENGE
            )
        key, caller = found
        if key.expires_on is not None and self._clock() >= key.ends_at:
            raise Problem(
                "key_expired",
                f"密钥已于 {key.expires_on} 到期；请向管理员索取新的密钥",
                headers=CHALLENGE,
            )
        return caller

    async def poll(self) -> None:
        """Read the file again where it changed; a damaged one leaves the known keys in force."""
        if self._kept.look():
            logger.info("key file read again: %d keys", len(self))

    def _read(self, path: Path) -> tuple[tuple[Key, Caller], ...]:
        return tuple((key, self._caller(key)) for key in read_keys(path))

    def _caller(self, key: Key) -> Caller:
        return Caller(actor_with(key.name, key.rights, self._spread), key.rate)
