"""What the same-event decision reads of one request: masked text, time, requester, place, topic.

Nothing here is looked up or computed; an unknown field is empty, never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

MAX_DETAIL = 400
"""Characters of the detail that an encoder reads: the event is told first, later come pleas
(title twice and 400 characters was the best plain baseline, ../shared/data/README.md)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One request, masked. `time` is aware or None; `requester` is a pseudonym or ""."""

    id: str
    title: str
    detail: str
    time: datetime | None = None
    requester: str = ""
    region: str = ""
    topic: str = ""

    @property
    def text(self) -> str:
        """What an encoder reads: the title twice, for it names the matter, then the detail."""
        detail = self.detail[:MAX_DETAIL]
        return f"{self.title}\n{self.title}\n{detail}" if self.title else detail
