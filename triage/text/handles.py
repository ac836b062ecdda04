"""Find e-mail addresses, WeChat and QQ accounts, number plates and passports.

Each rule is tried only where a cheap sign of it is in the text: a Latin letter, or its cue word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.text.checksums import is_mobile
from triage.text.digits import SPOKEN, VALUES, to_digits
from triage.text.pii import CJK, Found, PiiType, apart, before

_LETTER = re.compile("[a-z]")
_SAID = f"0-9{SPOKEN}"
_LINK = r"(?:[\s:,，=]|是|为|号|也是|就是|的是|叫|加|搜|嗯|那个|联系|我的?|小写的?|大写的?)"
"""What may stand between a cue and what it announces."""

_AT = re.compile(r"@|艾特| at ")
_EMAIL = re.compile(
    rf"(?<![a-z{_SAID}._%+\-])"
    rf"(?:[a-z{_SAID}][a-z{_SAID}._%+\-]{{0,63}}"
    rf"|(?:[a-z{_SAID}]{{1,2}} ){{2,20}}[a-z{_SAID}]{{1,2}})"
    rf" ?(?:@|艾特| at) ?(?:(?:[a-z{_SAID}\-]{{1,40}}|扣扣) ?(?:\.|点) ?){{1,4}}"
    r"(?:com|cn|net|org|edu|gov|vip|top|info|hk|tw|io|me|cc|xyz|site|tech|[a-z]{2,6})(?![a-z0-9])"
)
_WECHAT_CUE = re.compile(r"微信|威信|薇信|v信|v ?x|w ?x|wechat|weixin|加我?的?[v薇微]")
_WECHAT = re.compile(
    r"(?:微信|威信|薇信|(?<![a-z])(?:v信|v ?x|w ?x|wechat|weixin)|加我?的?[v薇微])"
    rf"(?:号码?|账号|帐号|id|名)?(?P<link>{_LINK}{{0,6}})"
    r"(?:(?P<account>[a-z][a-z0-9_\-]{5,19})(?![a-z0-9_])(?!@|\.)"
    rf"|(?P<spelled>[a-z](?: [a-z{_SAID}]){{5,19}})(?![a-z0-9])"
    rf"|(?P<digits>[{_SAID}]{{6,12}})(?![a-z{_SAID}元块万千百个人条次年月]))"
)
_MARKED = re.compile(r"[0-9_\-]")
_NO_ACCOUNT = re.compile(
    r"(?:wechat|weixin|iphone|android|app|http|www|official|group|video|qq)[a-z]*\Z"
)
_QQ_CUE = re.compile(r"q ?q|扣扣|企鹅号|加我?的?q")
_QQ = re.compile(
    rf"(?:(?<![a-z])q ?q|扣扣|企鹅|加我?的?q)(?!群)(?:号码?|账号|帐号)?{_LINK}{{0,6}}"
    rf"(?P<digits>[1-9{SPOKEN}](?:[ \-]?[{_SAID}]){{4,10}})(?![a-z{_SAID}@元块万个人条年月])"
)
_PROVINCE = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_MARK = rf"[a-hj-np-z{_SAID}]"  # plates have no I and no O (GA 36-2018), but people type them
_BODY = (
    rf"(?:[ ·•・.,\-]{{0,2}}(?:[df] ?{_MARK}(?: ?[{_SAID}]){{4}}|(?:[{_SAID}] ?){{5}}[df]"
    rf"|(?:{_MARK} ?){{4}}(?:{_MARK}|[挂学警港澳领])))(?![a-z0-9])"
)
_PLATE = re.compile(rf"[{_PROVINCE}] ?[a-hj-np-z]{_BODY}")
_HEARD_PLATE = re.compile(
    rf"(?:车牌|牌照|车号|牌号)(?:号码?|照)?{_LINK}{{0,4}}(?P<plate>[{CJK}]?[a-hj-np-z]{_BODY})"
)
_DIGIT = re.compile(f"[{_SAID}]")
_PASSPORT = re.compile(
    r"(?<![a-z0-9])(?:[eg](?!20[0-4]\d[01]\d[0-3]\d)\d{8}|e[a-hj-np-z]\d{7})(?![a-z0-9])"
)
_MANY_DIGITS = re.compile(r"\d{7}")
"""What no passport number without a cue is without."""
_CUED_PASSPORT = re.compile(
    rf"(?:护照|通行证)(?:编?号码?|证号)?{_LINK}{{0,4}}"
    rf"(?P<number>[a-z]{{1,2}}[ ]?[{_SAID}]{{6,9}}|[{_SAID}]{{8,9}})(?![a-z{_SAID}])"
)
_ORDER = re.compile(r"单号|编号|订单|型号|批号|货号|序列号|合同|车次|工单")
_UNSPACED = str.maketrans("", "", " ·•・.,-")


def find_handles(text: str) -> list[Found]:
    """Return addresses, accounts, plates and passports of a folded text; they do not overlap."""
    has_letter = _LETTER.search(text) is not None
    found: list[Found] = []
    if has_letter:
        found += _emails(text)
        found += _plates(text)
    found += _passports(text)
    if _WECHAT_CUE.search(text):
        found += _wechat(text)
    if _QQ_CUE.search(text):
        found += _qq(text)
    return apart(found, len(text))


def _emails(text: str) -> Iterator[Found]:
    if _AT.search(text) is None:
        return
    for match in _EMAIL.finditer(text):
        value = _AT.sub("@", match[0], count=1).replace(" ", "").replace("点", ".")
        yield Found(match.start(), match.end(), PiiType.EMAIL, _typed(value))


def _wechat(text: str) -> Iterator[Found]:
    for match in _WECHAT.finditer(text):
        kind = match.lastgroup or "account"
        account = match[kind].replace(" ", "")
        if kind == "account" and not (
            match["link"] or match[0].startswith("加") or _MARKED.search(account)
        ):
            continue
        if _NO_ACCOUNT.match(account) or is_mobile(to_digits(account)):
            continue
        yield Found(match.start(kind), match.end(kind), PiiType.WECHAT, _typed(account))


def _qq(text: str) -> Iterator[Found]:
    for match in _QQ.finditer(text):
        value = to_digits(match["digits"])
        if not is_mobile(value):
            yield Found(match.start("digits"), match.end("digits"), PiiType.QQ, value)


def _plates(text: str) -> Iterator[Found]:
    for match in _PLATE.finditer(text):
        if len(_DIGIT.findall(match[0])) >= 2:
            yield _plate(match, 0)
    for match in _HEARD_PLATE.finditer(text) if "牌" in text or "车号" in text else ():
        if len(_DIGIT.findall(match["plate"])) >= 2:
            yield _plate(match, "plate")


def _plate(match: re.Match[str], group: int | str) -> Found:
    plate = match[group]
    value = _typed(plate.translate(_UNSPACED))
    end = match.start(group) + len(plate.rstrip())
    return Found(match.start(group), end, PiiType.PLATE, value)


def _passports(text: str) -> Iterator[Found]:
    if "护照" in text or "通行证" in text:
        for match in _CUED_PASSPORT.finditer(text):
            start, end = match.span("number")
            yield Found(start, end, PiiType.PASSPORT, _typed(match["number"].replace(" ", "")))
    if ("e" not in text and "g" not in text) or _MANY_DIGITS.search(text) is None:
        return
    for match in _PASSPORT.finditer(text):
        if not _ORDER.search(before(text, match.start(), 8)):
            yield Found(match.start(), match.end(), PiiType.PASSPORT, match[0])


def _typed(value: str) -> str:
    """Return a value with spoken digits typed."""
    return "".join(VALUES.get(char, char) if char > "z" else char for char in value)
