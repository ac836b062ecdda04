"""Know a requester again by the telephone number, without keeping it: keyed digests of digits."""

from __future__ import annotations

import hashlib
import hmac

from triage.store.key_file import VaultKeys

LAST_DIGITS = 4
"""How much of the number a citizen types beside the query code."""


class Identity:
    """Digests under the identity key of the key file, which no rotation changes."""

    def __init__(self, keys: VaultKeys) -> None:
        self._key = keys.digest_secret

    def requester(self, telephone: str) -> str:
        """Return what is equal for the same requester; "" without number or key."""
        digits = _digits(telephone).removeprefix("86")[-11:]
        return self._digest("requester", digits) if digits else ""

    def tail(self, order_id: str, telephone: str) -> str:
        """Return what is equal for the same last digits and order; "" without number or key."""
        digits = _digits(telephone)[-LAST_DIGITS:]
        return self._digest(f"tail {order_id}", digits) if digits else ""

    def _digest(self, use: str, digits: str) -> str:
        if not self._key:
            return ""
        return hmac.new(self._key, f"{use} {digits}".encode(), hashlib.sha256).hexdigest()[:32]


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter in "0123456789")
