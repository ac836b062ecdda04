"""What explanations are tried with, as data: typical facts of topics, contrasts of pairs, values.

The files of `triage/explain/data` hold sentences as citizens say them. A city with codes of its own
keeps what evidence and removals give; a row that names an unknown code is simply never used.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Typical:
    """A topic as its callers speak of it: a noun phrase to ask with, and facts that make it so."""

    ask: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a contrast: the code, when it holds ("若…"), and the fact that makes it hold."""

    code: str
    condition: str
    fact: str


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two codes of one kind that are easily confused, and the question that tells them apart.

    `about` are the topics in which two units are confused like this; () where they are topics.
    """

    question: str
    one: Side
    other: Side
    about: tuple[str, ...] = ()

    def against(self, code: str) -> Side:
        """Return the side that is not `code`."""
        return self.other if self.one.code == code else self.one


@dataclass(frozen=True, slots=True)
class Urgent:
    """A fact that would make a topic's request more urgent."""

    question: str
    condition: str
    fact: str


@dataclass(frozen=True, slots=True)
class Value:
    """One way in which an element could be answered; `shares` is how often, by first-level topic.

    The key "" stands for all topics.
    """

    element: str
    question: str
    sentence: str
    shares: dict[str, float]

    def share(self, l1: str | None) -> float:
        """Return how often this is the answer where the topic lies under `l1`."""
        return self.shares.get(l1 or "", self.shares[""])


@dataclass(frozen=True, slots=True)
class Book:
    """All of it; keyed by topic code, contrasts by either of their codes, values by element."""

    typical: dict[str, Typical]
    contrasts: dict[str, tuple[Contrast, ...]]
    urgent: dict[str, tuple[Urgent, ...]]
    values: dict[str, tuple[Value, ...]]

    def contrasts_of(self, code: str, topic: str) -> tuple[Contrast, ...]:
        """Return the contrasts of a code that make sense in a request on `topic`."""
        return tuple(c for c in self.contrasts.get(code, ()) if not c.about or topic in c.about)

    def between(self, one: str, other: str, topic: str) -> Contrast | None:
        """Return the contrast of two codes in a request on `topic`, or None."""
        found = (c for c in self.contrasts_of(one, topic) if c.against(one).code == other)
        return next(found, None)


@lru_cache(maxsize=1)
def load_book() -> Book:
    """Return the shipped data, read once."""
    contrasts: dict[str, tuple[Contrast, ...]] = {}
    for row in _rows("contrasts.csv"):
        contrast = Contrast(
            row["question"],
            Side(row["a"], row["if_a"], row["fact_a"]),
            Side(row["b"], row["if_b"], row["fact_b"]),
            tuple(filter(None, row["about"].split("；"))),
        )
        for code in (row["a"], row["b"]):
            contrasts[code] = (*contrasts.get(code, ()), contrast)
    urgent: dict[str, tuple[Urgent, ...]] = {}
    for row in _rows("urgent.csv"):
        fact = Urgent(row["question"], row["condition"], row["fact"])
        urgent[row["topic"]] = (*urgent.get(row["topic"], ()), fact)
    typical = {
        row["topic"]: Typical(row["ask"], tuple(filter(None, row["facts"].split("；"))))
        for row in _rows("topics.csv")
    }
    return Book(typical, contrasts, urgent, _values())


def _values() -> dict[str, tuple[Value, ...]]:
    shares: dict[str, dict[str, float]] = {}
    for row in _rows("shares.csv"):
        shares.setdefault(row["value"], {})[row["l1"]] = float(row["share"])
    values: dict[str, tuple[Value, ...]] = {}
    for row in _rows("elements.csv"):
        value = Value(row["element"], row["question"], row["value"], shares[row["value"]])
        values[value.element] = (*values.get(value.element, ()), value)
    return values


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("triage.explain").joinpath("data", name).read_text("utf-8")
    yield from csv.DictReader(text.splitlines())
