"""An alarm in plain Chinese: what, where, how much against how much, how sure, and what to do.

Every figure is one of the finding's; names come from the code lists, codes stand where none is
known. Nothing is composed from texts of requests but the title of an event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triage.alarms.findings import AlarmKind, Finding, Method
from triage.alarms.key import Level, SeriesKey
from triage.request import Json

_METHOD = {
    Method.FARRINGTON: "按两年以上的历史（Farrington 准泊松）",
    Method.EARS: "按近四周（EARS）",
    Method.CUSUM: "按近两周的累积偏离（CUSUM）",
    Method.GROWTH: "按这件事自己的历史",
    Method.STORM: "按这件事自己的历史和全市常态",
    Method.TERMS: "按本区县近四周的用词",
    Method.FORECAST: "按已存的预测",
    Method.HOURS: "按近八周同一时段",
}
PROPOSALS: Mapping[str, str] = {
    "mode": "建议转入急态（PUT /v1/mode，EMERGENCY）",
    "merge": "建议把这件事的来电并单",
}


@dataclass(frozen=True, slots=True)
class Names:
    """What codes are called; an unknown code stands for itself."""

    of: Mapping[str, str]

    def __call__(self, code: str) -> str:
        """Return the name of a code."""
        return self.of.get(code, code)


def where_and_what(key: SeriesKey, names: Names) -> str:
    """Return a series in words, such as 渝中区“餐饮油烟”."""
    area = names(key.area) if key.area else "全市"
    match key.level:
        case Level.CITY:
            return "全市诉求总量"
        case Level.AREA:
            return f"{area}诉求总量"
        case Level.CHANNEL:
            return f"{names(key.channel)}渠道"
        case Level.UNIT:
            return f"{names(key.unit)}的办理"
        case Level.EVENT:
            return f"{area}一件事"
        case _:
            return f"{area}“{names(key.topic or key.l1)}”"


def sentence(found: Finding, names: Names) -> str:
    """Return one or two sentences that a duty officer can read out."""
    match found.kind:
        case AlarmKind.SILENCE:
            said = _silence(found, names)
        case AlarmKind.EMERGING:
            said = _emerging(found, names)
        case AlarmKind.LOAD:
            said = f"{found.title}{_METHOD[found.method]}推算。"
        case _:
            said = _outbreak(found, names)
    parts = [said]
    if found.terms and found.kind is not AlarmKind.EMERGING:
        parts.append(f"常见说法：{'、'.join(found.terms)}。")
    proposals = [PROPOSALS[one.split(":", 1)[0]] for one in found.proposes]
    if proposals:
        parts.append(f"{'；'.join(proposals)}。")
    return "".join(parts)


def figures(evidence: Mapping[str, Json]) -> str:
    """Return what a city-wide alarm's evidence counts, for those who may read no word of it."""
    is_storm = evidence.get("method") == Method.STORM.value
    days = evidence.get("window_days")
    span = "一小时" if is_storm else _span(days if isinstance(days, int) else 1)
    return (
        f"{evidence.get('day')} 全市{span} {evidence.get('count')} 件，"
        f"预期 {evidence.get('expected')} 件，是预期的 {evidence.get('times')} 倍。"
    )


def _limit(found: Finding, reaching: str) -> str:
    return "" if found.threshold is None else f"、{reaching} {found.threshold:.0f} 件即报"


def _span(days: int) -> str:
    return "当天" if days == 1 else f"近 {days} 天"


def _outbreak(found: Finding, names: Names) -> str:
    parts = f"，涉及 {len(found.parts)} 个下级序列" if found.parts else ""
    return (
        f"{found.day} {where_and_what(found.key, names)}{_span(found.window_days)} "
        f"{found.count} 件，预期 {found.expected:.1f} 件{_limit(found, '达到')}，"
        f"是预期的 {found.times:.1f} 倍{parts}。"
        f"{_METHOD[found.method]}推算，出于偶然的概率 {_chance(found.chance)}。"
    )


def _silence(found: Finding, names: Names) -> str:
    share = 100 * found.count / max(found.expected, 1e-9)
    span = _span(found.window_days) if found.method is not Method.HOURS else found.title
    return (
        f"{found.day} {where_and_what(found.key, names)}{span}只有 {found.count} 件，"
        f"预期 {found.expected:.1f} 件{_limit(found, '降到')}，仅为预期的 {share:.0f}%。"
        f"{_METHOD[found.method]}推算，"
        f"出于偶然的概率 {_chance(found.chance)}；请先查渠道、接口或单位是否正常。"
    )


def _emerging(found: Finding, names: Names) -> str:
    title = f"“{found.title}”" if found.title else where_and_what(found.key, names)
    if found.method is Method.TERMS:
        others = f"（还有{'、'.join(found.terms[1:])}）" if len(found.terms) > 1 else ""
        place = names(found.key.area) if found.key.area else "全市"
        title = f"{place}出现新说法“{found.title}”{others}："
    span = "一小时" if found.method is Method.STORM else _span(found.window_days)
    return (
        f"{found.day} {title}{span} {found.count} 件，预期 {found.expected:.1f} 件，"
        f"是预期的 {found.times:.1f} 倍。{_METHOD[found.method]}推算，"
        f"出于偶然的概率 {_chance(found.chance)}。"
    )


def _chance(chance: float) -> str:
    if chance < 1e-6:
        return "不到百万分之一"
    return f"{chance:.1g}" if chance < 0.001 else f"{100 * chance:.2g}%"
