"""A report as parts of figures and sentences, each with the query or ids that it stands on.

How it looks is `html` and `docx`; a figure without a source cannot be made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from triage.alarms.findings import Point


@dataclass(frozen=True, slots=True)
class Figure:
    """One number as it is written, what it is of, and how to look it up again."""

    label: str
    value: str
    source: str

    def __post_init__(self) -> None:
        if not self.source:
            raise ValueError(f"{self.label}: a figure needs a source")


@dataclass(frozen=True, slots=True)
class Entry:
    """A sentence about one thing, such as an alarm; `source` is its id, `curve` may be drawn."""

    text: str
    source: str
    curve: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A titled part: figures, then entries; `empty` is said where there is neither."""

    title: str
    figures: tuple[Figure, ...] = ()
    entries: tuple[Entry, ...] = ()
    empty: str = "本周没有。"


@dataclass(frozen=True, slots=True)
class WeeklyReport:
    """A week, Monday to Sunday in Shanghai."""

    first: date
    made_at: str
    summary: tuple[str, ...]
    parts: tuple[Part, ...] = field(default=())

    @property
    def last(self) -> date:
        """The Sunday."""
        return self.first + timedelta(days=6)

    @property
    def title(self) -> str:
        """Return the title."""
        return f"12345 热线周报 {self.first} 至 {self.last}"
