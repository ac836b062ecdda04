"""An event's id for those who may read no orders: an event is named after the order that began it.

The same event has the same id everywhere, so it can be followed. A hash hides the number from
readers, not from somebody who tries all numbers; a number opens no order without the right to it.
"""

from __future__ import annotations

from hashlib import sha256

_LENGTH = 12
"""Hexadecimal digits: 48 bits, so that a million events share one with a chance of 0.2 %."""


def opaque(event_id: str) -> str:
    """Return an id that shows no order's number: 12 hexadecimal digits; "" of ""."""
    return sha256(event_id.encode()).hexdigest()[:_LENGTH] if event_id else ""
