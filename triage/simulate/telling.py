"""Ways of telling a matter, compiled: templates with slots, alternatives written out.

A way is written `停水{天}了，[做饭/洗澡]都成问题`: braces are slots that the fact fills,
brackets hold alternatives. ` | ` separates situations, of which a fact has one; ` ~ ` separates
sayings of one situation, so that tellers of one event agree. Styles and places are not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

from triage.simulate.invented import FACTS, SHIFTS
from triage.simulate.tables import MATTERS

_SLOT = re.compile(r"{(.+?)}")
_ALTERNATIVES = re.compile(r"\[(.+?)\]")
SITUATIONS, SAYINGS = " | ", " ~ "


@dataclass(frozen=True, slots=True)
class Way:
    """One sentence: a format of `%s` and, for each, the words and where the fact picks one."""

    form: str
    slots: tuple[tuple[int, tuple[str, ...]], ...]

    def tell(self, fact: int) -> str:
        """Return the sentence with the words of the fact."""
        if not self.slots:
            return self.form
        return self.form % tuple([words[(fact >> at) % len(words)] for at, words in self.slots])


@dataclass(frozen=True, slots=True)
class Matter:
    """What happens: its topic and labels, the kind of place, and how it is told."""

    topic: str
    place: str
    request_type: str
    urgency: int
    unit: str
    situations: tuple[tuple[Way, ...], ...]

    def sayings(self, fact: int) -> tuple[Way, ...]:
        """Return the ways of telling the fact's situation."""
        return self.situations[(fact >> 2) % len(self.situations)]


@cache
def matters() -> tuple[Matter, ...]:
    """Return all matters in the order of the table."""
    return tuple(
        Matter(
            topic=row["topic"],
            place=row["place"],
            request_type=row["request_type"],
            urgency=int(row["urgency"]),
            unit=row["unit"],
            situations=tuple(
                tuple(way for saying in situation.split(SAYINGS) for way in _ways(saying))
                for situation in row["ways"].split(SITUATIONS)
            ),
        )
        for row in MATTERS()
    )


def _ways(text: str) -> Iterator[Way]:
    """Yield a way for each choice of alternatives."""
    parts = _ALTERNATIVES.split(text)  # plain, alternatives, plain …
    choices = [part.split("/") if i % 2 else [part] for i, part in enumerate(parts)]
    for chosen in product(*choices):
        form = "".join(chosen)
        slots = tuple((SHIFTS[slot], tuple(FACTS[slot])) for slot in _SLOT.findall(form))
        yield Way(_SLOT.sub("%s", form) if slots else form, slots)
