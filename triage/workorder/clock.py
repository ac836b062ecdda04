"""What a deadline is computed from: when the clock started, for what, and what happened since.

Values only. `deadlines` does the sum; a work order need not look like this.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

MODES = ("NORMAL", "EMERGENCY")
TYPES = ("CONSULT", "HELP", "COMPLAINT", "REPORT", "SUGGEST", "PRAISE")
LEVELS = (0, 1, 2, 3, 4)
UNKNOWN_TYPE = "HELP"
"""The type whose clock an order has while its type is not known."""


class Stop(Protocol):
    """A pause of the clock; `until` is None while it lasts."""

    @property
    def since(self) -> datetime:
        """When the clock stopped."""

    @property
    def until(self) -> datetime | None:
        """When it ran again."""

    @property
    def reason(self) -> str:
        """The code of the reason, one of the policy's."""


@dataclass(frozen=True, slots=True)
class Raise:
    """From `at` on the order counts by another level or mode too, whichever ends first.

    The first `extensions` extensions were granted before, for the slower clock, and do not
    lengthen this one.
    """

    at: datetime
    urgency: int
    mode: str = "NORMAL"
    extensions: int = 0


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """One order's clock. Times are aware; an extension is a number of working days.

    `urgency` and `mode` are those at `started_at`; later ones stand in `raises`. `closed_at` is
    None while the order is open.
    """

    started_at: datetime
    request_type: str
    urgency: int
    mode: str = "NORMAL"
    raises: Sequence[Raise] = ()
    pauses: Sequence[Stop] = ()
    extensions: Sequence[int] = ()
    closed_at: datetime | None = None

    def __post_init__(self) -> None:
        if any(moment.tzinfo is None for moment in self._moments()):
            raise ValueError("every time of a clock must be aware")
        for urgency, mode in [
            (self.urgency, self.mode),
            *((r.urgency, r.mode) for r in self.raises),
        ]:
            if urgency not in LEVELS or mode not in MODES:
                raise ValueError(f"urgency {urgency}, mode {mode}: not a level or a mode")
        if any(days < 1 for days in self.extensions):
            raise ValueError(f"extensions {list(self.extensions)}: at least one working day each")
        if any(pause.until is not None and pause.until < pause.since for pause in self.pauses):
            raise ValueError("a pause ends before it begins")

    def _moments(self) -> Iterator[datetime]:
        yield self.started_at
        yield from (one.at for one in self.raises)
        for pause in self.pauses:
            yield pause.since
            if pause.until is not None:
                yield pause.until
        if self.closed_at is not None:
            yield self.closed_at
