"""A request in words: opening, place, time, matter, effect, demand, and now and then a person.

The same matter is told in another way each time: other phrases, a place in full or for short, a
part left out, characters as a hearing machine mistakes them. What is told follows from the fact.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple, TypeVar

from triage.simulate.invented import place, requester, room
from triage.simulate.tables import HOMOPHONES, grammar, styles
from triage.simulate.telling import Matter

_T = TypeVar("_T")
_MISHEARD = 0.35
"""Share of spoken texts with words as a hearing machine mistakes them."""
_TITLED = {"letter": 0.8, "petition": 0.9, "note": 0.3, "transfer": 0.3, "grid": 0.3}
_OWN_TIME = re.compile("夜里|半夜|晚上|早晚|天天|每天|通宵|早到晚|点[多半还]|[一二两]点")
"""A matter that says when needs no other time before it."""
_ENDS = ("。", "！", "？", "，")
_CONSULT = "CONSULT"
_PARTIAL = 0.25
"""Share of tellings of a known matter that leave its second half out."""
_LEAST_PART = 5
_ELLIPSIS_SHARE = 0.12
"""Share of tellings without any place: what an incomplete request looks like."""


class Occasion(NamedTuple):
    """Who tells what, where: what the words are made from; a tuple, since every request has one.

    `district` and `township` are names of the day; `old_district` what people may still say.
    """

    matter: Matter
    fact: int
    district: str
    old_district: str
    township: str
    township_index: int
    style: str
    requester: int
    is_event: bool
    is_again: bool


class Words:
    """Puts requests into words; `random` gives floats in [0, 1) and decides all wording."""

    def __init__(self, random: Callable[[], float], personal: float) -> None:
        self._random, self._personal = random, personal
        self._shared, self._styles = grammar(), styles()

    def tell(self, on: Occasion) -> tuple[str | None, str]:
        """Return title (or None) and text."""
        pick, shared = self._pick, self._shared
        style, matter = self._styles[on.style], on.matter
        kind = matter.request_type
        comma, stop = style["comma"][0], style["stop"][0]
        asks = kind == _CONSULT
        times = shared["times"][_pressing(matter.urgency)]
        said = pick(matter.sayings(on.fact)).tell(on.fact)
        if (on.is_event or on.is_again) and not asks and self._random() < _PARTIAL:
            said = _first_part(said)
        parts = [
            pick(style["ask" if asks else "open"]),
            self._where(on),
            "" if asks or _OWN_TIME.search(said) else pick(times),
            said,
            pick(shared["effects"][kind]),
        ]
        if on.is_again or (on.is_event and self._random() < 0.4):
            more = pick(shared["again" if on.is_again else "beside"]["phrases"])
            parts.append(f"{'' if parts[-1][-1:] in _ENDS else comma}{more}" if more else "")
        tail = (pick(shared["demands"][kind]), self._contact(on, style), pick(style["close"]))
        text = "".join(parts)
        for part in tail:
            if part:
                text += part if text[-1] in _ENDS else stop + part
        if on.style == "spoken" and self._random() < _MISHEARD:
            text = misheard(text)
        return self._title(on), text

    def _pick(self, options: Sequence[_T]) -> _T:
        return options[int(self._random() * len(options))]

    def _where(self, on: Occasion) -> str:
        """Return the place, in full, for short or not at all."""
        level = self._random()
        full, short = place(on.matter.place, on.township_index, (on.fact >> 1) % 8)
        if level < _ELLIPSIS_SHARE or (not full and level < 0.6):
            return ""
        district = on.old_district if self._random() < 0.3 else on.district
        if not full:
            return district + (on.township if level < 0.8 else "")
        if level < 0.4:
            return district + on.township + full
        if level < 0.6:
            return on.township + full
        if level < 0.8:
            return full if self._random() < 0.5 else _short(district) + full
        return short + ("那边" if self._random() < 0.4 else "")

    def _contact(self, on: Occasion, style: dict[str, list[str]]) -> str:
        if self._random() >= self._personal:
            return ""
        person = requester(on.requester)
        text = self._pick(style["contact"]).format(name=person.name, phone=person.phone)
        if on.matter.place == "estate" and self._random() < 0.3:
            text = f"我住{room(on.requester)}，{text}"
        return text

    def _title(self, on: Occasion) -> str | None:
        if self._random() >= _TITLED.get(on.style, 0):
            return None
        said = self._pick(on.matter.sayings(on.fact)).tell(on.fact)
        return f"咨询{said}" if on.matter.request_type == _CONSULT else _first_part(said)


def misheard(text: str) -> str:
    """Return the text with words as they are misheard (`homophones.csv`)."""
    table = _misheard()
    return _heard().sub(lambda found: table[found[0]], text)


def _first_part(said: str) -> str:
    """Return the first part of a sentence that is long enough to stand alone."""
    first, _, rest = said.partition("，")
    return first if len(first) >= _LEAST_PART or not rest else said


def _pressing(urgency: int) -> str:
    if urgency <= 2:
        return "now"
    return "lately" if urgency == 3 else "never"


@cache
def _short(district: str) -> str:
    """Return 渝北 for 渝北区; names that need their last character stay."""
    is_plain = len(district) == 3 and district[-1] in "区县"
    return district[:-1] if is_plain else district


@cache
def _misheard() -> dict[str, str]:
    return {row["heard"]: row["misheard"] for row in HOMOPHONES()}


@cache
def _heard() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_misheard(), key=len, reverse=True)))
