"""The cell that counts are kept in: an hour, a topic, a place, a channel; requests and events.

`requests` are all that came, `events` leaves out those that were merged into another: an event is
counted where and when its first request was. Nothing here knows where rows come from.
"""

from __future__ import annotations

from typing import Final

import polars as pl

UNKNOWN: Final = ""
"""The code of what was not written, or what no code list knows: counted, never dropped."""
KEYS: Final = ("topic", "district", "township", "channel")
"""Codes as of the day of the request; `district` is that of the township on that day."""
MEASURES: Final = ("requests", "events")
AREA: Final = "area"
"""The district in which the place lies by the latest boundaries known to the code lists."""

HOURLY: Final = pl.Schema(
    {
        "day": pl.Date(),
        "hour": pl.UInt8(),
        **dict.fromkeys(KEYS, pl.Categorical()),
        **dict.fromkeys(MEASURES, pl.UInt32()),
    }
)
"""One row an hour × topic × district × township × channel with at least one request."""
DAILY: Final = pl.Schema(
    {
        "day": pl.Date(),
        **dict.fromkeys(("topic", "district", AREA, "channel"), pl.Categorical()),
        **dict.fromkeys(MEASURES, pl.UInt32()),
    }
)
"""The same by day, without townships: small enough to be read whole."""


def added_up(frame: pl.LazyFrame, *by: str) -> pl.LazyFrame:
    """Return requests and events added up over `by`."""
    return frame.group_by(by).agg(pl.col(name).sum() for name in MEASURES)
