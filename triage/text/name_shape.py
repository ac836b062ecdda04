"""Decide how far a personal name reaches: from its beginning after a cue, or back from a title.

A name is a surname and one or two more characters, or 买买提·艾力 with its dot. Nothing marks where
it ends, so the rules weigh what the characters are and what follows them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from triage.text.name_lists import NameLists, Sign
from triage.text.pii import CJK

_CHINESE = re.compile(f"[{CJK}]")
_COUNTED = re.compile("[0-9一二三四五六七八九十百千几两]")
_SPACED = re.compile(f" (?P<given>[{CJK}]{{1,2}})(?![{CJK}])")
_AND = frozenset("、和与及/")
_PERSONS = ("先生", "女士", "小姐", "阿姨", "师傅")
_FORMAL = frozenset(["先生", "女士"])
_STAND_INS = frozenset(["张三", "李四", "王五", "赵六"])  # what people put for a name
_AFTER_TIGHT_TITLE = frozenset("说讲让叫在来去的和跟就也把给家住人很")
_OF_PLACES = frozenset("村镇乡")  # 黄兴镇长 is the head of 黄兴镇: only a surname is read before it


class _Edge(IntEnum):
    """What stands right of a name."""

    OPEN = 0
    WORD = 1
    CLEAR = 2


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A name that might be; `word` is the length of an everyday word that begins where it does."""

    end: int
    name: str
    given: str
    edge: _Edge
    word: int
    is_plain: bool


class NameShape:
    """The rules of shape over the lists; holds nothing of a text."""

    def __init__(self, lists: NameLists) -> None:
        self._lists = lists

    def end(self, text: str, start: int, sign: Sign) -> int | None:
        """Return the end of the name that begins at `start`, after a cue, or None."""
        lists = self._lists
        if text[start : start + 1] in lists.foreign:
            end = self._foreign_end(text, start, sign)
            if end is not None:
                return end
        size = self.surname_size(text, start)
        given = start + size
        if not size or lists.titles.at(text, given):
            return None
        spaced = _SPACED.match(text, given) if sign is Sign.STRONG_CUE else None
        if spaced and lists.never.isdisjoint(spaced["given"]):
            return spaced.end()
        options = [
            option
            for end in (given + 2, given + 1)
            if end <= len(text)
            and self._is_name(option := self._candidate(text, start, given, end, sign), sign)
            and not lists.organisations.at(text, end)
        ]
        if len(options) == 2 and options[0].edge == _Edge.OPEN < options[1].edge:
            return options[1].end
        return options[0].end if options else None

    def start(self, text: str, end: int, title: str) -> int | None:
        """Return the start of the name before a title that begins at `end`, or None."""
        lists = self._lists
        last = text[end - 1 : end]
        if lists.brands.at(text, end + len(title)):
            return None
        if title in _FORMAL and self._is_rare_surname(text, end - 1):
            return end - 1
        if not (last in lists.given or last in lists.every_surname or last in lists.foreign):
            return end - 2 if text[max(0, end - 2) : end] in lists.double_surnames else None
        if last in lists.foreign:
            dotted = lists.dotted_before.search(text, max(0, end - 24), end)
            if dotted:
                return dotted.start()
        full = None if title[0] in _OF_PLACES else self._full_start(text, end)
        if full is not None:
            return full
        return end - 1 if self._is_lone_surname(text, end - 1, title) else None

    def surname_size(self, text: str, start: int) -> int:
        """Return 2 for a double surname at `start`, 1 for another, 0 for none."""
        if text[start : start + 2] in self._lists.double_surnames:
            return 2
        return int(text[start : start + 1] in self._lists.every_surname)

    def has_tight_title(self, text: str, start: int) -> bool:
        """Tell whether a title of one character follows the surname: 王总说, not 霸王总是."""
        follows = text[start + 2 : start + 3]
        if _CHINESE.match(follows) and follows not in _AFTER_TIGHT_TITLE:
            return False
        return self._starts_clear(text, start) and not self._ends_word(text, start)

    def _candidate(self, text: str, start: int, given: int, end: int, sign: Sign) -> _Candidate:
        return _Candidate(
            end=end,
            name=text[start:end],
            given=text[given:end],
            edge=self._edge(text, end, sign),
            word=self._lists.not_names.at(text, start),
            is_plain=given - start == 2 or text[start] in self._lists.surnames,
        )

    def _edge(self, text: str, end: int, sign: Sign) -> _Edge:
        lists = self._lists
        if not _CHINESE.match(text, end):
            return _Edge.CLEAR
        if lists.followers.at(text, end):
            return _Edge.WORD
        if text[end] == "的" and text[end + 1 : end + 2] in lists.kin:
            return _Edge.CLEAR
        if text[end] in _AND or (text[end] == "的" and sign is Sign.STRONG_CUE):
            return _Edge.WORD
        return _Edge.OPEN

    def _is_name(self, option: _Candidate, sign: Sign) -> bool:
        lists = self._lists
        given, edge = option.given, option.edge
        if option.name in _STAND_INS:
            return True
        if not (lists.never.isdisjoint(given) and all(map(_CHINESE.match, given))):
            return False
        if option.word and not (edge is _Edge.CLEAR and option.word < len(option.name)):
            return False
        if given[0] == "家" and given[-1] in lists.place_tails:
            return False
        known = sum(char in lists.given for char in given)
        is_likely = known == len(given)
        if sign is Sign.STRONG_CUE:
            return is_likely or (edge > _Edge.OPEN and option.is_plain) or (edge > 1 and known > 0)
        if edge is _Edge.CLEAR:
            return is_likely or (option.is_plain and len(given) == 2 and known > 0)
        if not is_likely or not (option.is_plain or len(given) == 2):
            return False
        is_open = edge is _Edge.OPEN
        return not is_open or (option.is_plain and len(given) == 2 and sign is Sign.WEAK_CUE)

    def _foreign_end(self, text: str, start: int, sign: Sign) -> int | None:
        """Return the end of a name of Xinjiang, Tibet or Liangshan in Chinese characters."""
        lists = self._lists
        dotted = lists.dotted.match(text, start)
        if dotted:
            return dotted.end()
        end = start
        while end < len(text) and text[end] in lists.foreign:
            end += 1
        is_clear = self._edge(text, end, sign) is _Edge.CLEAR
        if end - start >= 4 and is_clear:
            return end
        if sign is not Sign.STRONG_CUE or self.surname_size(text, start):
            return None
        return end if end - start >= (2 if is_clear else 3) else None

    def _full_start(self, text: str, end: int) -> int | None:
        lists = self._lists
        for start in range(max(0, end - 4), end - 1):
            is_double = text[start : start + 2] in lists.double_surnames
            if is_double and lists.given.issuperset(text[start + 2 : end]):
                return start
        for size in (3, 2):
            if end >= size and self._is_full_name(text, end - size, end):
                return end - size
        return None

    def _is_full_name(self, text: str, start: int, end: int) -> bool:
        lists = self._lists
        if not all(char in lists.given for char in text[start + 1 : end]):
            return False
        if self._ends_word(text, start) or lists.not_names.at(text, start):
            return False
        is_weak = text[start] in lists.weak_surnames
        return text[start] in lists.surnames or (is_weak and self._starts_clear(text, start))

    def _is_lone_surname(self, text: str, start: int, title: str) -> bool:
        lists = self._lists
        if self._ends_word(text, start) or lists.not_names.at(text, start) > len(title):
            return False
        is_weak = text[start] in lists.weak_surnames
        return text[start] in lists.surnames or (is_weak and self._starts_clear(text, start))

    def _is_rare_surname(self, text: str, start: int) -> bool:
        """Tell whether a character that stands alone before 先生 can be a surname no list has."""
        lists = self._lists
        return (
            _CHINESE.match(text, start) is not None
            and not _CHINESE.match(text[start - 1 : start])
            and text[start] not in lists.never
            and text[start] not in lists.not_before_persons
            and not lists.not_names.at(text, start)
        )

    def _starts_clear(self, text: str, start: int) -> bool:
        lists = self._lists
        left = text[start - 1 : start]
        if text[start] in lists.prepositions:
            is_first = not _CHINESE.match(left) and text.startswith(_PERSONS, start + 1)
            return is_first or left in lists.before_prepositions
        return not _CHINESE.match(left) or left in lists.left_words

    def _ends_word(self, text: str, start: int) -> bool:
        """Tell whether the character at `start` ends another word, as 方 does in 对方."""
        if text[start] in self._lists.measures and _COUNTED.match(text[start - 1 : start]):
            return True
        return self._lists.not_names.before(text, start + 1) > 0
