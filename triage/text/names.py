"""Find personal names: after a cue (我叫…, 联系人…), before a title (王师傅), beside 姓.

A span holds the name only, neither cue nor title. Surnames that are everyday words (于, 方, 全)
count only where what stands around them makes a name likely; the lists are in `names.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from triage.text.name_lists import NameLists, Sign, name_lists
from triage.text.name_shape import NameShape
from triage.text.pii import CJK, Found, PiiType, apart

_CHINESE = re.compile(f"[{CJK}]")
_LINK = re.compile(r"(?:[\s:,=(]|是|叫|为|嗯|那个|啊|呃|做|姓名|名字){0,6}")
_AND = re.compile("[、和与及/]")
_LATIN_CUE = re.compile("姓名|我叫|名叫|名字")
_LATIN_NAME = re.compile(
    r"(?!(?:qq|tel|vx|wx|id|app|phone|mobile|email|wechat|vip)(?![a-z]))"
    r"[a-z][a-z.\-]+(?: [a-z][a-z.\-]+){0,2}(?![0-9a-z_@])"
)
_SURNAME_CUE = re.compile(
    r"(?P<mine>我|本人|免贵)?(?<![百同种])(?<!(?<!免)贵)(?P<cue>姓)(?![名氏什啥甚族])(?:是|:)? ?"
)
_ROLE = re.compile("经理|男|女|老|业主|店|师|司机|医|同|邻|村|市民|负责|工|先生|小|农|家|两|兄|夫")
_THEN_CALLED = re.compile(r"[, ]?(?:名字?|我)?叫")
_SPELLED = re.compile(
    r"(?:弓长|立早|耳东|木子|双人|双木|口天|言午|草头|古月|走肖|人可|木易|三横一竖的?|三横|关耳)"
    rf"(?P<name>[{CJK}])"
)

_Place = tuple[int, int]


def find_names(text: str, signs: Sequence[int] | None = None) -> list[Found]:
    """Return the names of a folded text; a full name counts wherever it stands again.

    `signs` are the places that `sign_places` found in the text, or before parts of it were shut.
    """
    lists, shape = _rules()
    places = [*_beside_signs(text, signs, lists, shape), *_beside_xing(text, lists, shape)]
    if not places:
        return []
    found = [Found(start, end, PiiType.NAME, text[start:end]) for start, end in places]
    return apart([*found, *_again(text, found)], len(text))


def sign_places(text: str) -> list[int]:
    """Return where a cue or a title may begin in a folded text, ascending."""
    return name_lists().sign_finder.places(text)


def _beside_signs(
    text: str, signs: Sequence[int] | None, lists: NameLists, shape: NameShape
) -> Iterator[_Place]:
    for place, word in lists.sign_finder.find(text, signs):
        for sign in lists.signs[word]:
            if sign is not Sign.TITLE:
                yield from _after_cue(text, place, place + len(word), sign)
            elif place and (start := shape.start(text, place, word)) is not None:
                yield start, place
    for short in lists.short_signs.finditer(text):
        place, end = short.span()
        if short["surname"]:
            if shape.has_tight_title(text, place):
                yield place, end
        elif text[place - 1 : end] not in lists.signs:  # 我叫 and the like were seen above
            yield from _after_cue(text, place, end, Sign.WEAK_CUE)


def _after_cue(text: str, place: int, end: int, sign: Sign) -> Iterator[_Place]:
    """Yield the name after the cue at [place, end), and those joined to it: 张伟、李娜."""
    lists, shape = _rules()
    if text[end : end + 1] not in lists.after_cue or text[place - 1 : end] in lists.not_cues:
        return
    link = _LINK.match(text, end)
    start = link.end() if link else end
    if "叫" in text[end:start]:
        sign = Sign.STRONG_CUE
    stop = shape.end(text, start, sign)
    if stop is None and sign is Sign.STRONG_CUE and _LATIN_CUE.search(text, place, end):
        latin = _LATIN_NAME.match(text, start)
        stop = latin.end() if latin else None
    while stop is not None:
        yield start, stop
        if not _AND.match(text, stop):
            return
        start = stop + 1
        stop = shape.end(text, start, Sign.WEAK_CUE)


def _beside_xing(text: str, lists: NameLists, shape: NameShape) -> Iterator[_Place]:
    """Yield surnames beside 姓: 我姓王, 李姓经理, and how people spell them: 弓长张."""
    has_xing = "姓" in text
    if has_xing:
        for cue in _SURNAME_CUE.finditer(text):
            left = cue.start("cue") - 1
            if text[left : left + 1] in lists.every_surname and _ROLE.match(text, cue.end()):
                yield left, left + 1
            else:
                yield from _after_xing(text, cue, lists, shape)
    if has_xing or "叫" in text:
        for spelled in _SPELLED.finditer(text):
            if spelled["name"] in lists.every_surname:
                yield spelled.span("name")


def _after_xing(
    text: str, cue: re.Match[str], lists: NameLists, shape: NameShape
) -> Iterator[_Place]:
    start = cue.end()
    size = shape.surname_size(text, start)
    if not size and cue["mine"] and _CHINESE.match(text, start):
        size = int(text[start] not in lists.never)
    end = start + size
    is_adverb = text[start : start + 1] in lists.prepositions  # 我姓都不想说
    if not size or (is_adverb and _CHINESE.match(text, end) and text[end] not in "的叫名"):
        return
    yield start, end
    called = _THEN_CALLED.match(text, end)
    full = shape.end(text, called.end(), Sign.STRONG_CUE) if called else None
    if called and full:
        yield called.end(), full


def _again(text: str, found: Iterable[Found]) -> Iterator[Found]:
    for name in {item.value for item in found if item.end - item.start >= 2}:
        place = text.find(name)
        while place >= 0:
            yield Found(place, place + len(name), PiiType.NAME, name)
            place = text.find(name, place + len(name))


@lru_cache(maxsize=1)
def _rules() -> tuple[NameLists, NameShape]:
    lists = name_lists()
    return lists, NameShape(lists)
