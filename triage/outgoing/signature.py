"""Sign what goes out, and check it: HMAC-SHA256 over the time and the body.

`docs/webhooks.md` shows receivers the same check in a few lines of their own.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

HEADER = "Triage-Signature"
TOLERANCE = timedelta(minutes=5)
"""Older or newer messages may be somebody's recording."""
_PREFIX = "whsec_"


def new_secret() -> str:
    """Return 256 bits of chance as text."""
    return _PREFIX + secrets.token_urlsafe(32)


def signature(secret: str, body: bytes, at: datetime) -> str:
    """Return the value of the header for a body sent at a time."""
    stamp = int(at.timestamp())
    return f"t={stamp},v1={_digest(secret, stamp, body)}"


def is_signed(secret: str, header: str, body: bytes, now: datetime) -> bool:
    """Say whether a header is of this secret and body, and of a time close to now."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    stamp = parts.get("t", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        return False
    is_fresh = abs(int(now.timestamp()) - int(stamp)) <= TOLERANCE.total_seconds()
    wanted = _digest(secret, int(stamp), body)
    return is_fresh and hmac.compare_digest(wanted.encode(), parts.get("v1", "").encode())


def _digest(secret: str, stamp: int, body: bytes) -> str:
    return hmac.new(secret.encode(), b"%d." % stamp + body, hashlib.sha256).hexdigest()
