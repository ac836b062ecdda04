"""What the characters around a number say: whose number it is, and whether it stands alone."""

from __future__ import annotations

import re

from triage.text.pii import before

_WINDOW = 18  # characters before a number in which a word may say what it is
_ORDER = (
    r"(?:[单编案文户票学工批货表序档]号|订单|工单|受理号|流水|序列|条形?码|代码|编码|许可证"
    r"|执照|取件码|验证码|尾号|设备号|imei|车架|备案|回执|登记号|保单|凭证|会员|公交卡|社保|房产证"
    r"|不动产|批文|发票|运单|物流|快递单|快递号|缴费号|客户号|水表|电表|燃气表|型号|准考证)(?:号码?)?"
)
_CONTEXT = re.compile(
    r"(?P<id>身份证|身份号|证件号?|公民身份|id ?card)"
    r"|(?P<card>银行卡|储蓄卡|信用卡|借记卡|工资卡|卡号|银行|账号|帐号|账户|帐户|转账|汇到|打到|的卡|卡里|卡上|[工农建招中交]行卡?)"
    rf"|(?P<order>{_ORDER})"
    r"|(?P<number>号码|号是|号:)"
    r"|(?P<hotline>热线|客服|监督电话|服务电话|举报电话)"
    r"|(?P<landline>座机|固话|固定电话|宅电|办公电话|传真)"
    r"|(?P<phone>电话|手机|联系|机号|tel|phone|mobile|致电|拨(?![款付])|打(?![款钱卡])|微信|短信|呼|加我|找我)"
)
_ANNOUNCED = re.compile(rf"{_ORDER}(?:编号|[是为:#( ])*\Z")
_LATIN_CUES = re.compile(r"(?<![a-z])(?:tel|phone|mobile|mob|vx|wx|v|wechat|qq|m|t|call)\Z")
_LATIN = re.compile(r"[a-z]")
_AMOUNT = re.compile(r"\s?(?:元|块|万|亿|千瓦|人民币|美元|%)")


def number_context(text: str, start: int) -> str | None:
    """Return what the nearest telling word before `start` says the number is."""
    kind = None
    for match in _CONTEXT.finditer(before(text, start, _WINDOW)):
        if match.lastgroup != "number":
            kind = match.lastgroup
        elif kind is None:
            kind = "phone"
    return kind


def is_announced_as_order(text: str, start: int) -> bool:
    """Tell whether the words right before `start` say order, meter or document number."""
    return _ANNOUNCED.search(before(text, start, _WINDOW)) is not None


def stands_free(text: str, start: int, end: int) -> bool:
    """Tell whether [start, end) is no part of a longer code and no amount."""
    left, right = text[start - 1 : start], text[end : end + 1]
    if _LATIN.match(right) and not text.startswith(("vx", "wx", "qq"), end):
        return False
    if left in {"¥", "$", "#", "=", "_", "&"} or _AMOUNT.match(text, end):
        return False
    if _LATIN.match(left):
        return _LATIN_CUES.search(before(text, start, 8)) is not None
    return True
