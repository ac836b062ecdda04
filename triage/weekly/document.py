"""A report as parts of figures, sentences and charts, each with the sources that it stands on.

A source is a query that can be run again: a statement of SQL on the store, or a request to the
service. They are numbered in the order in which they are first named; how that looks is `html` and
`docx`. A figure without a source cannot be made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

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
class Sentence:
    """Words with numbers in them; every number is of one of the sources."""

    text: str
    sources: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.sources and any(sign.isdigit() for sign in self.text):
            raise ValueError(f"{self.text}: a sentence with a number needs a source")


@dataclass(frozen=True, slots=True)
class Entry:
    """A sentence about one thing, such as an alarm; `curve` may be drawn beside it."""

    text: str
    source: str
    curve: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """One value of a chart; with `low` and `high` it is a forecast."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """Values side by side, of one source each or of one together; `is_across` draws them lying."""

    title: str
    bars: tuple[Bar, ...]
    sources: tuple[str, ...]
    is_across: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A titled part: charts, figures, entries; `empty` is said where there is none of them."""

    title: str
    figures: tuple[Figure, ...] = ()
    entries: tuple[Entry, ...] = ()
    charts: tuple[Chart, ...] = ()
    empty: str = "本周没有。"

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to show."""
        return not (self.figures or self.entries or self.charts)


@dataclass(frozen=True)
class WeeklyReport:
    """A week, Monday to Sunday in Shanghai."""

    first: date
    made_at: str
    summary: tuple[Sentence, ...]
    parts: tuple[Part, ...] = field(default=())

    @property
    def last(self) -> date:
        """The Sunday."""
        return self.first + timedelta(days=6)

    @property
    def title(self) -> str:
        """Return the title."""
        return f"12345 热线周报 {self.first} 至 {self.last}"

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """Return the sources with their numbers, from 1, in the order of the report."""
        return {source: n for n, source in enumerate(dict.fromkeys(self._named()), start=1)}

    def _named(self) -> Iterator[str]:
        for sentence in self.summary:
            yield from sentence.sources
        for part in self.parts:
            for chart in part.charts:
                yield from chart.sources
            yield from (one.source for one in part.figures)
            yield from (one.source for one in part.entries)
