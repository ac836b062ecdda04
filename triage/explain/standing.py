"""Where a request stands: the decisions that matter to a desk; what differs, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from triage.catalogue import Catalogue
from triage.explain.decisions import name_of
from triage.explain.explanation import Change
from triage.steps.draft import Draft

DECISIVE = ("acceptance", "topic", "units", "support", "urgency")
"""A change of one of these is worth a sentence; one of the request type alone is not."""
_WORDS = {
    "acceptance": "受理判定",
    "topic": "主题",
    "units": "主办",
    "support": "协办",
    "request_type": "诉求类型",
    "urgency": "紧急程度",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Codes by decision, in the order in which they are said; () is "none".

    `body` is the actual organisation that would lead, as (id, region); `duty` the entry of the
    dispatch catalogue that governs; None where no step names them.
    """

    acceptance: tuple[str, ...]
    topic: tuple[str, ...]
    units: tuple[str, ...]
    support: tuple[str, ...]
    request_type: tuple[str, ...]
    urgency: tuple[str, ...]
    body: tuple[str, str] | None = None
    duty: str | None = None

    @classmethod
    def of(cls, draft: Draft) -> Standing:
        """Return where a finished draft stands."""
        body = draft.units[0].body if draft.units else None
        level = draft.urgency.level
        to = draft.acceptance.transfer_to
        return cls(
            acceptance=(draft.acceptance.decision, *([to] if to else [])),
            topic=tuple(topic.code for topic in draft.topics[:1]),
            units=tuple(unit.code for unit in draft.units[:1]),
            support=tuple(sorted(unit.code for unit in draft.support)),
            request_type=(draft.request_type.code,) if draft.request_type else (),
            urgency=() if level is None else (str(level),),
            body=(body.id, body.region) if body else None,
            duty=draft.duty.code if draft.duty else None,
        )

    def changes(self, after: Standing) -> tuple[Change, ...]:
        """Return what is different in `after`."""
        return tuple(
            Change(step, getattr(self, step), getattr(after, step))
            for step in _WORDS
            if getattr(self, step) != getattr(after, step)
        )


def said(condition: str, changes: Sequence[Change], before: Standing, catalogue: Catalogue) -> str:
    """Return "若…，主题由「甲」变为「乙」，主办不变。" for changes that follow from a condition."""
    changed = {change.step for change in changes}
    parts = [_part(change, catalogue) for change in changes]
    if "units" not in changed and changed & {"topic", "support"} and before.units:
        ahead = sum(change.step in ("acceptance", "topic") for change in changes)
        parts.insert(ahead, "主办不变")
    return f"{condition}，{'，'.join(parts)}。"


def _part(change: Change, catalogue: Catalogue) -> str:
    before, after = (
        _names(change.step, codes, catalogue) for codes in (change.before, change.after)
    )
    word = _WORDS[change.step]
    if change.step == "support":
        return f"{word}改为{after}" if change.after else f"{word}{before}不再需要"
    return f"{word}由{before}变为{after}"


def _names(step: str, codes: Sequence[str], catalogue: Catalogue) -> str:
    if step == "urgency":
        return "、".join(name_of(catalogue, step, code) for code in codes) or "未判断"
    if step == "acceptance":
        return f"「{' '.join((name_of(catalogue, step, codes[0]), *codes[1:]))}」"
    return "、".join(f"「{name_of(catalogue, step, code)}」" for code in codes) or "无"
