"""Kinds of personal data, and what the finders share: a folded text in which found places are shut.

A finder reads a folded text (`triage.text.fold`: one code per character, so offsets are those of
the original) and returns `Found` places. What is already found or masked is shut: overwritten by
`SHUT`, which no rule can read across. So a second look at a masked text sees what the last look at
the original saw, and finds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

SHUT = "\ue001"
"""A private-use character; each character of a shut place is replaced by it."""
CJK = "\u3400-\u4dbf\u4e00-\u9fff"
"""Chinese characters, for use inside a character class."""


class PiiType(StrEnum):
    """Kinds of personal data that are masked."""

    PHONE = "PHONE"
    LANDLINE = "LANDLINE"
    ID_CARD = "ID_CARD"
    BANK_CARD = "BANK_CARD"
    EMAIL = "EMAIL"
    WECHAT = "WECHAT"
    QQ = "QQ"
    PLATE = "PLATE"
    PASSPORT = "PASSPORT"
    NAME = "NAME"
    ROOM = "ROOM"


WORDS = {
    PiiType.PHONE: "手机号",
    PiiType.LANDLINE: "座机",
    PiiType.ID_CARD: "身份证",
    PiiType.BANK_CARD: "银行卡",
    PiiType.EMAIL: "邮箱",
    PiiType.WECHAT: "微信",
    PiiType.QQ: "QQ",
    PiiType.PLATE: "车牌",
    PiiType.PASSPORT: "护照",
    PiiType.NAME: "姓名",
    PiiType.ROOM: "门牌",
}
"""The word inside the placeholder of each kind."""


@dataclass(frozen=True, slots=True)
class Found:
    """A place [start, end) of a folded text that holds personal data.

    `value` is the same for every way of writing the same datum: digits only for numbers.
    """

    start: int
    end: int
    type: PiiType
    value: str


def shut(text: str, places: Sequence[Found]) -> str:
    """Overwrite the places, which must not overlap; the length stays."""
    if not places:
        return text
    parts: list[str] = []
    last = 0
    for place in sorted(places, key=lambda found: found.start):
        parts += (text[last : place.start], SHUT * (place.end - place.start))
        last = place.end
    parts.append(text[last:])
    return "".join(parts)


def apart(found: Sequence[Found], length: int) -> list[Found]:
    """Keep of the finds in a text of `length` characters those that overlap no earlier one."""
    if len(found) < 2:
        return list(found)
    taken = bytearray(length)
    kept: list[Found] = []
    for item in found:
        if taken.find(1, item.start, item.end) < 0:
            taken[item.start : item.end] = b"\x01" * (item.end - item.start)
            kept.append(item)
    return kept


def before(text: str, place: int, width: int) -> str:
    """Return up to `width` characters left of `place`, not reaching into a shut place."""
    return text[max(0, place - width) : place].rpartition(SHUT)[2]
