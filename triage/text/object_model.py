"""The small fitted model that ranks what a request may be about.

Logistic regression: a candidate's log-odds are the weight of its word, of the characters beside
it and of its situation (order, part of the text, repetition, inside a place or the demand). A
situation is a number: its weight is one look-up. `training.element_objects` fits the weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from triage.text.element_words import rows

FLAGS = (
    "repeated",
    "in_place",
    "after_place",
    "in_demand",
    "joins_left",
    "pair",
)
"""What the lowest bits of a situation say, lowest first; above them `count`, `early`, `order`."""
COUNT_MOST, EARLY_MOST, ORDER_MOST = 3, 2, 4
COUNT_SHIFT = len(FLAGS)
EARLY_SHIFT = COUNT_SHIFT + 2
ORDER_SHIFT = EARLY_SHIFT + 2
_SITUATIONS = 1 << (ORDER_SHIFT + 3)


class Candidate(NamedTuple):
    """A phrase that may be the object, with all that the model looks at.

    `head` is where the word starts whose `weight` it carries; `opened` if that word was read from
    its last character. `left`, `right`, `after` are the character before it, the one and the two
    behind it, empty at the ends of the text.
    """

    start: int
    end: int
    head: int
    opened: bool
    weight: float
    left: str
    right: str
    after: str
    situation: int


def situation_names(situation: int) -> Iterator[str]:
    """Yield the names of what holds in a situation, as weights are named by."""
    for bit, name in enumerate(FLAGS):
        if situation >> bit & 1:
            yield name
    yield f"count{situation >> COUNT_SHIFT & 3}"
    yield f"early{situation >> EARLY_SHIFT & 3}"
    yield f"order{situation >> ORDER_SHIFT & 7}"


@dataclass(frozen=True, slots=True)
class ObjectModel:
    """Weights, log-odds; the best candidate must reach `floor`, the next one `second`."""

    left: dict[str, float]
    right: dict[str, float]
    after: dict[str, float]
    situations: tuple[float, ...]
    floor: float
    second: float

    @classmethod
    def load(cls) -> ObjectModel:
        """Read the shipped weights."""
        table = rows("object_context.csv")
        return cls.of((row["group"], row["value"], float(row["weight"])) for row in table)

    @classmethod
    def of(cls, table: Iterable[tuple[str, str, float]]) -> ObjectModel:
        """Build from rows (group, value, weight); groups are left, right, after and situation."""
        groups: dict[str, dict[str, float]] = {
            group: {} for group in ("left", "right", "after", "situation")
        }
        for group, value, weight in table:
            groups[group][value] = weight
        named = groups.pop("situation")
        situations = tuple(
            named["bias"] + sum(named.get(name, 0.0) for name in situation_names(situation))
            for situation in range(_SITUATIONS)
        )
        return cls(**groups, situations=situations, floor=named["floor"], second=named["second"])

    def ranked(self, found: Iterable[Candidate]) -> list[tuple[float, Candidate]]:
        """Return the log-odds that a candidate is an object of its text, the likeliest first."""
        situations = self.situations
        left_of, right_of, after_of = self.left.get, self.right.get, self.after.get
        scored = []
        for one in found:
            _, _, _, _, weight, left, right, after, situation = one
            beside = left_of(left, 0.0) + right_of(right, 0.0) + after_of(after, 0.0)
            scored.append((weight + situations[situation] + beside, one))
        scored.sort(reverse=True)
        return scored
