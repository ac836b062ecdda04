"""Whether a reply answers: 答非所问, a template sent to many, a reply without content.

Words only: what a reply does not mention it cannot answer, but what it mentions may still be wrong.
So a flag holds the reply back until a person releases it or has it written anew.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

SHORT, UNTOUCHED, TEMPLATE = "SHORT", "UNTOUCHED", "TEMPLATE"
LEAST_CHARACTERS = 15
"""已收到，正在处理 and the like: no reply that answers anything was shorter among our samples."""
LEAST_SHARE = 0.2
"""Of the pairs of characters that name object and demand: a fifth, as replies name things anew."""
SENT_TO_MANY = 5
"""Equal replies, but for numbers and names of places, to so many other orders make a template."""

_NOT_WORDS = re.compile(r"[^\u4e00-\u9fff]+")
_VARIABLE = re.compile(r"<[^<>]{1,12}>|[0-9０-９一二三四五六七八九十百千]+|\s+")
_EMPTY = frozenset(
    {"希望", "要求", "请求", "尽快", "处理", "解决", "相关", "部门", "问题", "反映", "情况"}
)
"""Pairs that every request and every reply holds."""


@dataclass(frozen=True, slots=True)
class ReplyFlag:
    """One doubt about a reply: a stable code and what a person reads."""

    code: str
    message: str


def check_reply(reply: str, wanted: Iterable[str], *, sent_before: int) -> tuple[ReplyFlag, ...]:
    """Return the doubts about a reply, () for none.

    Parameters
    ----------
    reply : masked text of the reply
    wanted : object and demand of the request, as its elements name them
    sent_before : how many other orders got a reply with the same `print_of`
    """
    flags = []
    if len(_NOT_WORDS.sub("", reply)) < LEAST_CHARACTERS:
        flags.append(ReplyFlag(SHORT, "答复过短：请写明查明的情况、处理的结果和时间"))
    asked = frozenset[str]().union(*(_pairs(text) for text in wanted)) - _EMPTY
    if asked and len(asked & _pairs(reply)) / len(asked) < LEAST_SHARE:
        flags.append(ReplyFlag(UNTOUCHED, "答复没有提到诉求的对象或要求，可能答非所问"))
    if sent_before >= SENT_TO_MANY:
        flags.append(ReplyFlag(TEMPLATE, f"同样的答复已发给 {sent_before} 件工单，疑似套用模板"))
    return tuple(flags)


def print_of(reply: str) -> bytes:
    """Return what equal replies have in common, numbers and placeholders left out (SHA-256)."""
    return hashlib.sha256(_VARIABLE.sub("", reply).encode()).digest()


def _pairs(text: str) -> frozenset[str]:
    return frozenset(
        run[at : at + 2] for run in _NOT_WORDS.split(text) for at in range(len(run) - 1)
    )
