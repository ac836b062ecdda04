"""What is noted of a refusal: who, with which roles, at which pattern; never a body or a secret."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from triage.desk.actor import Actor

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Denial:
    """One refusal: `pattern` is the table's, not what was asked for; `actor` None is unknown."""

    actor: Actor | None
    method: str
    pattern: str
    code: str


OnDenied: TypeAlias = Callable[[Denial], None]
"""Called in the event loop, so it must not wait."""


def log_denial(denial: Denial) -> None:
    """Write one line to the log."""
    actor = denial.actor
    logger.warning(
        "denied %s: %s (%s) %s %s",
        denial.code,
        actor.id if actor else "unknown",
        " ".join(sorted(actor.roles)) if actor else "-",
        denial.method,
        denial.pattern,
    )
