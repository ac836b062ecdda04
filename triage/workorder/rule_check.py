"""What a routing rule must be before it may stand: known codes, a scope, an end, nothing personal.

Pure; whether the caller may make a rule for a region is the desk's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from triage.errors import TriageError
from triage.text.mask import mask
from triage.workorder.routing_rules import ANY, RoutingRule

LONGEST_DAYS = 3 * 366
"""A rule is looked at again at least every three years: duties move with every reform."""
MOST_KEYWORDS, LONGEST_KEYWORD = 10, 64


class RuleRefused(TriageError):
    """A rule that may not stand; `field` says what is wrong with it."""

    code = "rule_refused"


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes that a rule may name: kinds of units by code, topics, regions.

    `reject_reasons` are names (Chinese) by code.
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    topics: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    reject_reasons: Mapping[str, str] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()


def check_rule(rule: RoutingRule, codes: Codes, *, today: date) -> None:
    """Check a rule that is to be made.

    Raises
    ------
    RuleRefused
        The first thing that is wrong with it.
    """
    for unit in (rule.unit, *rule.support):
        if unit not in codes.kinds:
            name = "unit" if unit == rule.unit else "support"
            raise RuleRefused(
                f"单位代码 {unit!r} 不在代码表中：用 GET /v1/catalogue 查看", field=name
            )
    if not rule.basis.strip():
        raise RuleRefused("裁定规则须写明依据 basis", field="basis")
    _check_scope(rule, codes)
    if rule.expires_on < today:
        raise RuleRefused(
            f"有效期 {rule.expires_on} 已过：请填今天（{today}）或以后", field="expires_on"
        )
    latest = today + timedelta(days=LONGEST_DAYS)
    if rule.expires_on > latest:
        raise RuleRefused(
            f"有效期 {rule.expires_on} 太长：最多到 {latest}，到期可再续", field="expires_on"
        )


def _check_scope(rule: RoutingRule, codes: Codes) -> None:
    scope = rule.scope
    if scope.is_empty:
        raise RuleRefused(
            "规则须写明适用范围：主题、区域、关键词至少一项，否则会改派所有工单", field="scope"
        )
    if scope.topic and not _knows(codes.topics, scope.topic):
        raise RuleRefused(
            f"主题 {scope.topic!r} 不在代码表中：请填代码，或前缀加 *，如 HJ*", field="scope.topic"
        )
    if scope.region and scope.region not in codes.regions:
        raise RuleRefused(f"区域代码 {scope.region!r} 不在代码表中", field="scope.region")
    if len(scope.keywords) > MOST_KEYWORDS:
        raise RuleRefused(
            f"关键词 {len(scope.keywords)} 个，最多 {MOST_KEYWORDS} 个", field="scope.keywords"
        )
    for keyword in scope.keywords:
        if not all(word.strip() for word in keyword.split("|")) or len(keyword) > LONGEST_KEYWORD:
            raise RuleRefused(
                f"关键词 {keyword!r:.80} 无效：每项 1 到 {LONGEST_KEYWORD} 字，同义词用 | 隔开",
                field="scope.keywords",
            )
        if mask(keyword).text != keyword:
            raise RuleRefused("关键词含个人信息：请换成事项或对象的名称", field="scope.keywords")


def _knows(topics: frozenset[str], pattern: str) -> bool:
    if pattern.endswith(ANY):
        return any(topic.startswith(pattern.removesuffix(ANY)) for topic in topics)
    return pattern in topics
