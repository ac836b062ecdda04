"""Cut a title or a text into clauses, and find the words that announce another matter.

Clauses are where a matter may begin or end; what they are about is not known here.
"""

from __future__ import annotations

import re

MOST = 14
"""Clauses a field is cut into at most; a longer text is cut about evenly."""
SHORT, TITLE_SHORT = 6, 3
"""Characters below which a clause is joined to the next one, or before a cue to the last one."""
_MARKS = re.compile(r"[，。！？；：、,!?;:\s]+")
_TITLE_MARKS = re.compile(r"[，。！？；：、,!?;:\s]+|以及|并且|[和及与且并]")
_JOINERS = frozenset(("以及", "并且", "和", "及", "与", "且", "并"))
# Every branch of the patterns begins with one plain character: `re` then skips by a set of those,
# three times as fast on Chinese text as with groups in front.
_CUE = re.compile(
    r"另外|另一|另[，,反有]|此外|还有|还(?:想|要|反映|投诉)|又(?:想|要|反映|投诉)|并(?:想|要|反映|投诉)|顺便"
    r"|其次|其二|其三|同时|再[一有]?个|再(?:就是|说)|第[二三]|二(?:来|个|件|是|、|[)）])|三(?:来|个|件|是|、|[)）])"
    r"|2(?:[、,，)）]|[.．:：](?!\d))|3(?:[、,，)）]|[.．:：](?!\d))|4(?:[、,，)）]|[.．:：](?!\d))"
    r"|5(?:[、,，)）]|[.．:：](?!\d))|②|③|④"
)
_LEAD_IN = 10
"""Characters into a clause within which a cue still opens it (那个然后还有就是…)."""
_SAID = "(?:想(?:问|反映|说)|要(?:反映|投诉|问)|反映|投诉|咨询)"
_NUMBER = "(?:[、,，)）]|[.．:：](?!\\d))"
_COUNTED = r"(?:个|件|点|项|处|样|方面|桩)\S{0,4}(?:问题|事|诉求|意见|隐患)"
_KINDS = tuple(
    re.compile(pattern)
    for pattern in (
        f"两{_COUNTED}|二{_COUNTED}|俩{_COUNTED}|两个都|两(?:件|样|桩|方面)|分(?:开|别)(?!行|局)|都要管"
        "|一并(?:反映|处理|转|解决)",
        "等(?:等)?(?:多)?(?:问题|现象)|多处",
        f"另外|另(?:[问反一有案]|[，,])|此外|还有[一个]{{1,2}}|还有就是|还{_SAID}|又{_SAID}|又问|并{_SAID}|也{_SAID}"
        "|第二个|第二[呢是，]|二一个|二来|再一个|再(?:就是|说)|顺便|后又|其二",
        f"二[、)）]|三[、)）]|2{_NUMBER}|3{_NUMBER}|4{_NUMBER}|5{_NUMBER}|②|一是|二是|第二[，：点]|其次",
        "还有|同时|以及|并且|且",
    )
)
KINDS = len(_KINDS)
"""Kinds of cues: two announced, 等问题, a clear 另外, a numbered list, a mere 同时."""
_CLEAR = ("另", "两", "还有", "第二", "顺便", "此外", "再一个", "二一个", "还想", "二是", "二、")


def clause_starts(text: str, *, is_title: bool = False) -> list[int]:
    """Return where clauses begin, ascending, the first at 0; [0] for an empty text."""
    marks, short = (_TITLE_MARKS, TITLE_SHORT) if is_title else (_MARKS, SHORT)
    starts = [0]
    for mark in marks.finditer(text):
        at = mark.start() if mark[0] in _JOINERS else mark.end()
        if len(text) - at < short:
            break
        if at - starts[-1] >= short:
            starts.append(at)
        elif len(starts) > 1 and opens_another(text, at):
            starts[-1] = at  # the short clause before a cue belongs to what came before
    return starts if len(starts) <= MOST else _fewer(starts, len(text))


def opens_another(text: str, start: int) -> bool:
    """Say whether a cue of another matter stands at the beginning of the clause at `start`."""
    return _CUE.search(text, start, start + _LEAD_IN) is not None


def cue_kinds(text: str) -> tuple[bool, ...]:
    """Say which of the `KINDS` kinds of cues stand anywhere in a text."""
    return tuple(kind.search(text) is not None for kind in _KINDS)


def may_announce(text: str) -> bool:
    """Say within a microsecond whether a clear cue can stand in a text at all."""
    return any(word in text for word in _CLEAR)


def _fewer(starts: list[int], length: int) -> list[int]:
    """Keep at most MOST starts, about equally far apart."""
    kept = [0]
    for start in starts:
        if start - kept[-1] >= length / MOST:
            kept.append(start)
    return kept[:MOST]
