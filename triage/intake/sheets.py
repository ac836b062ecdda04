"""What passes between the process that reads foreign formats and the one that asked for it.

One JSON value a line: an object starts a sheet (or reports a failure), an array is a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson


class Damaged(Exception):
    """The file cannot be read."""


class Locked(Exception):
    """The file has a password."""


@dataclass(frozen=True, slots=True)
class SheetStart:
    """The rows that follow are of this sheet, `height` of them."""

    name: str | None
    height: int


LOCKED: Mapping[str, str] = {"error": "locked"}


def to_line(item: object) -> bytes:
    """Encode a row, a start or a failure; dates become ISO 8601."""
    if isinstance(item, SheetStart):
        item = {"sheet": item.name, "height": item.height}
    return orjson.dumps(item, default=_plain) + b"\n"


def from_line(line: bytes) -> SheetStart | list[object]:
    """Decode what `to_line` encoded.

    Raises
    ------
    Locked
        When the other process says so.
    """
    value = orjson.loads(line)
    if isinstance(value, list):
        return value
    if value == LOCKED:
        raise Locked
    return SheetStart(value["sheet"], value["height"])


def _plain(value: object) -> str:
    """Return a value that JSON has no form for (a decimal, bytes, a duration) as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
