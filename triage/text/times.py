"""Say when: dates, clock times, relative days, recurring times and durations in spoken Chinese.

A cheap trigger finds where an expression may start, one regular expression reads an atom there,
and neighbours are joined (昨天 + 晚上 + 十点). A bare duration counts only where something shows
that it has lasted (三个月了, 已两年, 堵了四十分钟); a vague word (现在, 天天) only where nothing
better stands. Nothing is resolved to a calendar day here.
"""

from __future__ import annotations

import re

_N = r"[0-9零〇一二两三四五六七八九十百几]"
_WEEKDAY = r"[一二三四五六日天末]"
_TRIGGER = re.compile(
    r"[今昨明现目如前后次当同至那第头凌清一早上中下傍晚夜半深白通天每逢年周长常赶这本去往近月星礼春国端"
    r"元除过暑寒节工夏秋冬雨汛晴高放最刚大小数好多几零〇二两三四五六七八九十百0-9]"
    r"(?=[在今天日早晚夜晨年儿周星礼月午间上黑亮半里庆节一二三四五六七八九十两0-9百几点时号钟分"
    r"逢到场集假末雨季期峰近刚底初学作班小多度前才大至:：]|个[多半月周星礼小季钟]|[头后]天|来多?[个天])"
)
_DAY = (
    r"大?[前后]天|[今昨明][天儿日]|[前次当同]日|至今|当[天晚]|那天|第[二三四五]天|头天|"
    r"[今昨明前][早晚夜晨](?:上|些)?"
)
_PART = (
    r"凌晨|清晨|清早|大?早上|早晨|早间|上午|中午|午后|午间|下午|傍晚|晚上|晚间|夜里|夜头|"
    r"夜晚间?|后?半夜|深夜|夜间|白天|通宵|天黑[了后]?|天不亮|天没亮|天刚?亮|"
    r"[早晚](?=[一二三四五六七八九十0-9]{1,2}点)"
)
_EACH = (
    rf"(?:每逢|每到|每)个?(?:周{_WEEKDAY}|(?:星期|礼拜){_WEEKDAY}?|赶[场集][天日]?|汛期|[暑寒]假|"
    r"下?雨天?|[天日早晚夜周月年]上?|季度|傍晚)|天天|夜夜|年年|早晚(?!高)|长期|常年|"
    r"赶[场集][天日]"
)
_SPAN = (
    rf"(?:上上?|下|这|本|那)个?(?:周|星期|礼拜){_WEEKDAY}?|(?:上上?|下|这|本|当)个?月[初底]?|"
    rf"大?前年|去年|今年|明年|头年|往年|近年来?|年[初底前]|月[初底]|周{_WEEKDAY}|"
    rf"(?:星期|礼拜){_WEEKDAY}|春节|国庆节?|端午节?|中秋节?|清明节?|元旦|除夕|过年(?:那几天)?|"
    r"[暑寒]假|节假日|工作日|[春夏秋冬][天季]|[雨汛][季期]|[雨晴]天|下雨天|早?晚?高峰期?|上学时段?|"
    r"放学(?:时段?|的时候)|[上下]班(?:高峰|后)|这[几两些]?[天年]|最近|近期|近日|近来|刚[才刚]|现在|目前|"
    r"如今|第[一二三四]季度|[上下]半[年月]"
)
_DATE = (
    rf"(?:(?:20|19)?\d\d|二[零〇]{_N}{{2}}|{_N}{{2,4}})年(?![多半了来前后没不])"
    rf"(?:{_N}{{1,3}}月[份底初]?(?:{_N}{{1,3}}[日号])?)?|"
    rf"{_N}{{1,3}}(?:[至到]{_N}{{1,3}})?月(?!多)(?:份|底|初|中旬)?(?:{_N}{{1,3}}[日号])?|"
    rf"{_N}{{1,3}}号(?=[早晚上下中凌以之前后到就]|$)"
)
_CLOCK = (
    rf"{_N}{{1,4}}(?:点(?!评)|时(?![候间段代]))(?:{_N}{{1,3}}分?|半|多|过|整|许|钟|左右|后)*|"
    r"\d{1,2}[:：]\d\d"
)
_LAST = (
    rf"(?:{_N}{{1,4}}|大?半|好几?|数|多)[来多十余]?个?[多半]?"
    r"(?:小时|钟头?|工作日|星期|礼拜|季度|分钟|天|日(?!元)|周(?!岁)|月|年(?!级)|晚上?)(?:[半余]|多(?=[，。,；;了没未]))?"
)
_NUMERALS = frozenset("0123456789零〇一二两三四五六七八九十百几")
_COUNTED = re.compile(
    rf"(?P<firm>一(?:大)?早|一到(?:周{_WEEKDAY}|下雨天|雨天|晚上|周末)|一天到晚|一年四季|五一|{_DATE}|{_CLOCK})|{_LAST}"
)
_NAMED = re.compile(rf"(?P<firm>{_DAY}|{_EACH}|{_PART}|{_SPAN})|{_LAST}")
_JOIN = re.compile(r"的|(?:到|至|-|—|~|和)?(?:次日)?")
_JOIN_MOST = 4
_NOW_LAST = frozenset("在前今")
"""Last characters of 现在, 目前, 如今, 至今: what follows those is another expression."""
_BEFORE = re.compile(r"(?:自从|从|自|打从|截至|直到|近|连续|持续|已经|已|将近|快|整整|大约|约)+$")
_AFTER = re.compile(
    r"(?:大?暴?雨[后天]|起|开始|以来|以后|之后|过后|之前|以前|期间|左右|前后|的时候|后|"
    r"前(?!面|头|方|台|门))?"
)
_LASTED = re.compile(
    r"(?:已经?|近|快|超|连续|持续|长达|历时|逾期|超期|拖|有|堵|停|等|坏|断|漏|晚|闹|跑|住|排|下|过|了|着|"
    r"完工|交付|期|才|欠|僵持)了?$"
)
_STILL = re.compile(r"(?:了|以来|[前内后]|[^,，。；;0-9]{0,1}[没不未都无压挖])")
_VAGUE_WORDS = (
    "天天|每天|每日|每月|每周|每年|当天|当日|当月|当周|当年|每季度|每个月|每星期|每礼拜|那天|最近|"
    "近期|近日|近来|长期|常年|白天|夜间|晚间|夜晚|半夜|深夜|晚上|春天|夏天|秋天|冬天|春季|夏季|秋季|"
    "冬季|雨天|晴天|下雨天|周末|节假日|现在|目前|如今|刚才|刚刚|过年|早晚|天黑|天亮|天黑了|天黑后|"
    "年底|这几天|上班后|下班后|高峰期|早高峰|晚高峰|高峰"
)
_VAGUE = frozenset(_VAGUE_WORDS.split("|"))
_NO_TIME = re.compile(
    r"几[时点年百].*|一点二?|[一几]百年|几十年|一日|一天|一个?月|一年|一周|一小时|一分钟|半天|[五六七八九].年"
)
_VAGUE_MOST = 2
_LATE = 0.66
"""Part of a text behind which a vague word seldom says when the matter was."""
_BEFORE_LAST = frozenset("从自至到近续经已快整约将")
_AFTER_FIRST = frozenset("大暴雨起开以之过期左前的后了")


def find_times(text: str, demand: tuple[int, int] | None = None) -> list[tuple[int, int]]:
    """Return the spans that say when, in text order; what is wanted for when (`demand`) is not."""
    first, last = demand or (0, 0)
    telling: list[tuple[int, int]] = []
    vague: list[tuple[int, int]] = []
    for start, end, firm in _runs(text):
        if first <= start < last or not (firm or _has_lasted(text, start, end)):
            continue
        begin = _widen_left(text, start) if text[start - 1 : start] in _BEFORE_LAST else start
        stop = _widen_right(text, end, firm) if text[end : end + 1] in _AFTER_FIRST else end
        if begin < start or stop > end:
            telling.append((begin, stop))
        elif text[start:end] in _VAGUE:
            vague.append((start, end))
        elif not _NO_TIME.fullmatch(text, start, end):
            telling.append((start, end))
    if not telling:
        late = _LATE * len(text)
        telling = [span for span in vague[:_VAGUE_MOST] if span[0] <= late]
    return telling


def _runs(text: str) -> list[tuple[int, int, bool]]:
    """Return joined atoms: (start, end, whether one is more than a bare duration)."""
    runs: list[tuple[int, int, bool]] = []
    end = -1
    for trigger in _TRIGGER.finditer(text):
        at = trigger.start()
        if at < end:
            continue
        atom = (_COUNTED if text[at] in _NUMERALS else _NAMED).match(text, at)
        if atom is None:
            continue
        firm = atom.lastgroup is not None
        if runs and at - end <= _JOIN_MOST and _joins(text, end, at):
            start, _, was_firm = runs.pop()
            runs.append((start, atom.end(), firm or was_firm))
        else:
            runs.append((at, atom.end(), firm))
        end = atom.end()
    return runs


def _joins(text: str, end: int, start: int) -> bool:
    if text[end - 1] in _NOW_LAST:
        return False
    return start == end or _JOIN.fullmatch(text, end, start) is not None


def _has_lasted(text: str, start: int, end: int) -> bool:
    """Say whether a duration is one that has gone by, not a term or a price's unit."""
    if text[end - 1] in "多余" or _STILL.match(text, end):
        return True
    return _LASTED.search(text, max(0, start - 4), start) is not None


def _widen_left(text: str, start: int) -> int:
    """Take along 从, 已, 连续 before."""
    before = _BEFORE.search(text, max(0, start - 5), start)
    return before.start() if before else start


def _widen_right(text: str, end: int, firm: bool) -> int:
    """Take along 起, 以来 after, and the 了 of a bare duration."""
    after = _AFTER.match(text, end)
    end = after.end() if after else end
    return end + 1 if not firm and text.startswith("了", end) else end
