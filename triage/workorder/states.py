"""The states of a work order, and what each says of it.

Which move leads where is data (`data/moves.csv`, read by `moves`).
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a work order stands."""

    RECEIVED = "RECEIVED"
    SUGGESTED = "SUGGESTED"
    MANUAL = "MANUAL"
    DISPATCHED = "DISPATCHED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    HANDLING = "HANDLING"
    PAUSED = "PAUSED"
    REJECTED = "REJECTED"
    OBJECTED = "OBJECTED"
    REPLIED = "REPLIED"
    FOLLOWED_UP = "FOLLOWED_UP"
    MERGED = "MERGED"
    CLOSED = "CLOSED"


ENDED = frozenset({State.MERGED, State.CLOSED})
"""Nothing is due on these; a merged order follows the one it was merged into."""

OPEN = frozenset(State) - ENDED
"""Every one of these has a deadline."""

AT_UNIT = frozenset({State.DISPATCHED, State.ACKNOWLEDGED, State.HANDLING, State.PAUSED})
"""A unit holds the order."""

AT_HOTLINE = OPEN - AT_UNIT
"""The hotline's own people must do the next step."""
