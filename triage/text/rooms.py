"""Find what of an address lies below the building: 单元, 层, 室, and Chongqing's 12-3.

The building (栋, 幢, 号楼, 座, a number on a road) stays: a work order needs it. Floors and numbers
count only where a building, a unit or a cue carries them, so that 5楼漏水 and 3-5点 stay too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.text.digits import VALUES
from triage.text.pii import Found, PiiType, apart

_N = "[0-9零〇一二三四五六七八九十百幺两]"
_DASH = r" ?[\-–—杠之] ?"
_GAP = r"[ \-的]{0,2}"
_LOOSE = r"[ \-的,、]{0,2}"
_NAMED = "0-9零〇一二三四五六七八九十百幺两a-z甲乙丙丁东南西北"
_BUILDING = (
    # the literal first and what must stand before it behind, so that the search can leap
    rf"(?:[栋幢座](?<=[{_NAMED}].)|[栋幢座](?<=[{_NAMED}] .)|楼(?<={_N}号楼)|#(?<=[0-9]#))楼?"
)
_ON_ROAD = rf"[路街巷道段村弄坝湾坡沟](?:支路)?{_N}{{1,4}}号(?:附{_N}{{1,3}}号)?"
_UNIT = rf"(?:{_N}{{1,3}} ?|[东西中南北a-z])单元(?!格|测|考|卷)"
_FLOOR = (
    rf"(?:负|地下)?{_N}{{1,3}} ?"
    r"(?:层(?!高|以[上下]|小?楼|馆|洋|别墅|自建|民房|居民|砖|老|旧|板)|楼(?!道|梯|栋|盘|房))"
)
_NOT_A_COUNT = (
    r"(?![0-9a-z\-元块万千百人名个米平㎡年月日天点时分秒次套家辆度层栋幢单楼号户期间座多余%:~至到]"
    r"|\.[0-9])"
)
_DOOR = r"号(?!线|楼|门(?!口)|电梯|梯|车|院|停|地|公|桥|口|机|库|岗|窗|柜|台|摊|诊|病|展|厅)"
_PAIR = rf"附?{_N}{{1,3}}(?:{_DASH}{_N}{{1,3}}){{1,2}}(?:室|号房|{_DOOR}|{_NOT_A_COUNT})"
_ROOM = (
    rf"(?:{_PAIR}|{_N}{{1,5}} ?(?:室|号房|房(?!产|屋|租|价|东|管)|{_DOOR})"
    rf"|(?:[0-9]{{3,5}}|[零〇一二三四五六七八九幺两]{{3,5}}){_NOT_A_COUNT})"
)
_ANNEX = rf"附{_N}{{1,3}}(?:号|{_NOT_A_COUNT})"
_SMALL_ROOM = rf"(?:{_ROOM}|[0-9]{{1,2}}{_NOT_A_COUNT})"
_BELOW = (
    rf"(?:{_UNIT}(?:{_LOOSE}{_FLOOR}(?:{_GAP}{_SMALL_ROOM})?|{_GAP}{_SMALL_ROOM}"
    rf"|[,、](?:{_N}{{1,5}} ?(?:室|号房)|{_N}{{3,4}}{_NOT_A_COUNT}))?"
    rf"|{_FLOOR}(?:{_GAP}{_SMALL_ROOM})?)"
)
_FIRST = rf"{_N}(?<![第每各同0-9零〇一二三四五六七八九十百幺两个\-].)"
"""The first digit of a number that stands alone."""
_ESTATE = r"(?:小区|家园|花园|公寓|大厦|苑|园|城|府|庭|郡|公馆|广场|[一二三四五1-9]期)"
_RULES = (
    (
        "栋幢座楼#",
        re.compile(rf"{_BUILDING}(?:{_LOOSE}(?P<below>{_BELOW})|{_GAP}(?P<room>{_ROOM}|{_ANNEX}))"),
    ),
    ("号", re.compile(rf"{_ON_ROAD}(?:{_LOOSE}(?P<below>{_BELOW})|{_GAP}(?P<room>{_ROOM}))")),
    (
        "元",
        re.compile(
            rf"(?P<room>(?:{_FIRST}{_N}{{0,2}} ?|[东西中南北a-z])单元(?!格|测|考|卷)"
            rf"(?:{_LOOSE}{_FLOOR})?(?:{_GAP}{_SMALL_ROOM})?)"
        ),
    ),
    (
        "号",
        re.compile(
            r"(?:房间?号|室号|房屋号)(?:码|[ :是为])*"
            rf"(?P<room>{_PAIR}|{_N}{{2,5}}(?:室|房)?)"
        ),
    ),
    (
        "楼层",
        re.compile(
            rf"(?P<room>{_FIRST}{_N}{{0,2}} ?[楼层]{_GAP}"
            rf"(?:{_PAIR}|{_N}{{1,4}} ?(?:室|{_DOOR})))"
        ),
    ),
    (
        "室房",
        re.compile(
            rf"(?P<room>{_FIRST}(?:[0-9]{{2,3}}|[零〇一二三四五六七八九幺两]{{2,3}})"
            r" ?(?:室(?!外)|号房|房间?(?!产|子|屋|租|价|款|贷|东|管|客|源|门|型|地)))"
        ),
    ),
    (
        "楼隔对住",
        re.compile(
            r"(?:楼[上下]|隔壁|对[门面]|住)[在的是 ]{0,2}"
            rf"(?P<room>{_PAIR}|(?:[0-9]{{3,4}}|[零〇一二三四五六七八九幺两]{{3,4}}){_NOT_A_COUNT})"
        ),
    ),
    (
        "-",
        re.compile(
            rf"{_ESTATE} ?(?:[0-9]{{1,3}}-(?P<room>[0-9]{{1,2}}-[0-9]{{1,4}})"
            rf"|(?P<below>[0-9]{{1,2}}-[0-9]{{1,2}})){_NOT_A_COUNT}"
        ),
    ),
)
"""Each rule with the characters of which one must be in the text."""
_ANOTHER = re.compile(
    r"(?<=[0-9室])[和与及跟、] ?"
    rf"(?P<room>(?:[0-9]{{3,4}}|[0-9]{{1,2}}-[0-9]{{1,3}})(?:室|{_NOT_A_COUNT}))"
)
_SIGN = re.compile(
    rf"单元|[栋幢座室房#]|号楼|[楼层]的?{_N}|{_N}[\-–—杠之]{_N}|[号上下壁门面住在是]{_N}"
)


def find_rooms(text: str) -> list[Found]:
    """Return the rooms of a folded text, the widest rule first where rules overlap."""
    if _SIGN.search(text) is None:
        return []
    found = [
        item
        for signs, rule in _RULES
        if any(sign in text for sign in signs)
        for item in _matches(rule, text)
    ]
    return apart(found, len(text))


def _matches(rule: re.Pattern[str], text: str) -> Iterator[Found]:
    for match in rule.finditer(text):
        start, end = match.span(match.lastgroup or 0)
        yield _room(text, start, end)
        while more := _ANOTHER.match(text, end):
            start, end = more.span("room")
            yield _room(text, start, end)


def _room(text: str, start: int, end: int) -> Found:
    return Found(start, end, PiiType.ROOM, _value(text[start:end]))


def _value(room: str) -> str:
    kept = (VALUES.get(char, char) if char > "z" else char for char in room if char not in " 的")
    return "".join(kept)
