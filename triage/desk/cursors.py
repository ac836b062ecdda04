"""Cursors: where a page ended, as text that a caller hands back unread.

What the facts mean is the page's business; they are not signed, so they are checked like any input.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TypeVar

import orjson

from triage.desk.guards import MoveRefused
from triage.request import Json

Place = TypeVar("Place")


def packed(*facts: Json) -> str:
    """Return the facts as a cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(facts)).decode().rstrip("=")


def unpacked(cursor: str, place: Callable[..., Place]) -> Place:
    """Return what `place` makes of a cursor's facts; it raises ValueError for those it refuses.

    Raises
    ------
    MoveRefused
        cursor_invalid.
    """
    try:
        facts = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return place(*facts)
    except (ValueError, TypeError, OverflowError):
        raise MoveRefused(
            "cursor_invalid", "cursor 无法识别：请原样使用上一页的 next_cursor", field="cursor"
        ) from None
