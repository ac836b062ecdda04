"""Say what is wanted: the clause that asks, advises, orders or inquires.

Cues are weighed (an explicit 要求 above 你们来看看 above a mere question word) and later ones a
little more, for a call ends with what it wants. The clause of the best cue is taken, with those
that carry it on (并…, 顺便…). Clauses end at punctuation or a space; a transcript without is cut.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from triage.text.element_words import Cue, CueHit

_BOUND = re.compile("[，。；！？,;!?：: \t\r\n\u3000]+")
_SENTENCE_END = "。！？!?；;"
_GO_ON = re.compile(
    r"并(?!有|不是|无)|同时|且|及|以及|或|也|再|把|让|补|恢复|查看|出具|限期|明确|告知|一个是|[二三][是、]|顺便|修成"
)
_GOES_BACK = ("顺便", "一头", "或者", "把")
_FILLER = re.compile(
    r"(?:我就是|我就|就是|我是|我说|所以|然后|那|嘛|反正|还有就是|主要是|我|但是|这个|领导|同志|来电人|市民|诉求人|"
    r"居民|举报人|家长|车主|附近商户|附近居民|现在)+(?=建议|要求|请|希望|想|问)"
)
_STOPPER = re.compile(r"嘛|哈(?!儿)|吗|啊|噻|哦|谢谢|不(?=[我他你现])")
_ASKS = re.compile(
    r"能否|是否|能不能|需不需|要不要|多少|多久|好久|哪|如何|何时|怎么|[吗几谁]|有没有|算不算"
)
_ADDRESSED = re.compile(r"(?:请|麻烦)?你们?(?:的)?$")
_LEAD_IN = 4
"""A query or advice with fewer characters after it in its clause only announces the next one."""
_BARE = re.compile(r"(?:一下|一哈|下|哈|个事情?|一个|你们|一句|嘛|啊|了|呀|问题|,|我)*")
_LATE = 0.6
"""Weight that the position of a cue adds at the very end of a text."""
_LONGEST, _CUT, _RUN_ON = 60, 24, 46
_WEAK_LEAST, _WEAK_FROM, _SHORT = 1.3, 0.45, 40
_LOOK_BACK, _LOOK_AHEAD = 60, 120
_CLAUSES_BETWEEN = 3
_CLAUSE_LEAD, _BARE_LEAD = 22, 6
"""Characters that may stand before a cue in its clause and still belong to the demand, and where
the text has no clauses."""
_EXPLICIT = {"advice", "query"}
_VERBATIM = {"ask", "advice", "query"}


class _Choice(NamedTuple):
    """A cue that counts, with the end of its clause and what it weighs."""

    start: int
    end: int
    kind: str
    stop: int
    weight: float


def find_demand(text: str, cues: list[CueHit]) -> tuple[int, int] | None:
    """Return the span of the clause that says what is wanted, or None."""
    choice = _choose(text, cues)
    if choice is None:
        return None
    begin = _begin(text, choice.start)
    if begin == 0 and choice.stop >= len(text) - 1 and choice.kind not in _VERBATIM:
        return _cut(text, choice, begin)
    start = _start(text, choice, begin, cues)
    if choice.stop - start > _RUN_ON:
        return _cut(text, choice, start)
    return start, _end(text, choice, start)


def _stop(text: str, position: int) -> int:
    """Return where the clause at `position` ends, looking ahead _LOOK_AHEAD characters."""
    limit = position + _LOOK_AHEAD
    bound = _BOUND.search(text, position, limit)
    return bound.start() if bound else min(limit, len(text))


def _begin(text: str, position: int) -> int:
    """Return where the clause before `position` begins, looking back _LOOK_BACK characters."""
    begin = floor = max(0, position - _LOOK_BACK)
    for bound in _BOUND.finditer(text, floor, position):
        begin = bound.end()
    return begin


def _choose(text: str, cues: list[CueHit]) -> _Choice | None:
    best: _Choice | None = None
    lead: _Choice | None = None
    bar = 0.0
    for start, end, cue in cues:
        late = _LATE * start / len(text)
        explicit = cue.kind in _EXPLICIT
        if (cue.weight + late <= bar and not explicit) or not _counts(text, start, end, cue):
            continue
        stop = _stop(text, end)
        left = 0 if explicit and _BARE.fullmatch(text, end, stop) else stop - end
        choice = _Choice(start, end, cue.kind, stop, _weigh(cue, left, text, stop) + late)
        if explicit and left >= 2 and (lead is None or _is_new(text, lead.end, start)):
            lead = choice
        if choice.weight > bar:
            best, bar = choice, choice.weight
    if best is None or _too_weak(best, len(text)):
        return None
    return lead if lead is not None and _introduces(lead, best, text) else best


def _is_new(text: str, end: int, start: int) -> bool:
    """Say whether another sentence has begun between two cues."""
    return start - end > _LOOK_AHEAD or "。" in text[end:start]


def _counts(text: str, start: int, end: int, cue: Cue) -> bool:
    if cue.not_before is not None and cue.not_before.search(text, max(0, start - 4), start):
        return False
    return cue.not_after is None or cue.not_after.match(text, end) is None


def _weigh(cue: Cue, left: int, text: str, stop: int) -> float:
    """Return the cue's weight, less where it only announces: 0.3 when nothing follows it."""
    if cue.kind not in _EXPLICIT or left >= _LEAD_IN:
        return cue.weight
    return 0.3 if text[stop : stop + 1] in _SENTENCE_END else cue.weight - 0.8


def _too_weak(choice: _Choice, length: int) -> bool:
    early = choice.start < _WEAK_FROM * length and length > _SHORT
    return choice.kind == "weak" and early and choice.weight < _WEAK_LEAST


def _introduces(lead: _Choice, best: _Choice, text: str) -> bool:
    """Say whether a query some clauses before a bare question is where that question starts."""
    if best.kind not in {"can", "weak"} or lead.start >= best.start:
        return False
    between = text[lead.end : best.start]
    near = len(_BOUND.findall(between)) <= _CLAUSES_BETWEEN
    return near and not any(mark in between for mark in "。！？；")


def _start(text: str, choice: _Choice, begin: int, cues: list[CueHit]) -> int:
    start = choice.start
    if choice.kind not in _VERBATIM and start - begin <= _CLAUSE_LEAD:
        start = begin
        if begin and text.startswith(_GOES_BACK, begin):
            start = _previous(text, begin, cues)
    if choice.kind == "ask" and begin:
        start = _first_of_two(text, choice.start, begin, cues)
    filler = _FILLER.match(text, start, choice.start)
    return filler.end() if filler and choice.kind in _VERBATIM else start


def _before(text: str, begin: int, marks: str) -> tuple[int, int] | None:
    """Return the clause before the one that begins at `begin`, if one of `marks` joins them."""
    earlier = _begin(text, begin - 1)
    stop = _stop(text, earlier)
    return (earlier, stop) if stop < begin and text[stop] in marks else None


def _first_of_two(text: str, start: int, begin: int, cues: list[CueHit]) -> int:
    """Start at the 要求 of the clause before (一要求…，二要求…)."""
    clause = _before(text, begin, "，,；")
    if clause is None:
        return start
    asks = (hit for hit in cues if clause[0] <= hit[0] < clause[1] and hit[2].kind == "ask")
    first = next((hit for hit in asks if hit[2].weight > 2 and _counts(text, *hit)), None)
    return first[0] if first else start


def _previous(text: str, begin: int, cues: list[CueHit]) -> int:
    """Start a clause earlier where that one holds a cue too (你们去换了，顺便查一下他)."""
    clause = _before(text, begin, "，, ")
    if clause is not None and any(clause[0] <= hit[0] < clause[1] for hit in cues):
        return clause[0]
    return begin


def _cut(text: str, choice: _Choice, start: int) -> tuple[int, int]:
    """Cut a demand out of a run of words without punctuation."""
    if choice.start - start > _BARE_LEAD:
        addressed = _ADDRESSED.search(text, max(0, choice.start - 5), choice.start)
        start = addressed.start() if addressed else choice.start
    stopper = _STOPPER.search(text, choice.end + 4, min(choice.stop, start + 30))
    return start, stopper.end() if stopper else min(choice.stop, start + _CUT)


def _end(text: str, choice: _Choice, start: int) -> int:
    end = choice.stop
    while end < len(text):
        bound = _BOUND.match(text, end)
        following = bound.end() if bound else end
        stop = _stop(text, following)
        bare = end - choice.end < (_LEAD_IN if choice.kind in _EXPLICIT else 2)
        if choice.kind == "query":
            bare = bare or _ASKS.search(text, following, stop) is not None
        if stop - start > _LONGEST or not _carries_on(text, end, following, bare=bare):
            break
        end = stop
    return end


def _carries_on(text: str, end: int, following: int, *, bare: bool) -> bool:
    mark = text[end]
    if mark in _SENTENCE_END:
        return mark in "；;" and text[following : following + 1] in tuple("二三一")
    return bare or _GO_ON.match(text, following) is not None
