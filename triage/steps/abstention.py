"""Abstention: say so, with reasons an agent understands, when the suggestion is not worth much."""

from __future__ import annotations

import re
from collections.abc import Iterable

from triage.settings import Settings
from triage.steps.draft import Draft

SHORT = 6
"""Chinese characters below which a request says too little to be routed."""
_ENOUGH = re.compile(rf"(?:[一-鿿][^一-鿿]{{0,200}}){{{SHORT}}}")


class AbstentionStep:
    """Collect the reasons for not offering the first suggestion as a decision.

    `places` are the names and codes of districts and townships that the code lists know.
    """

    name = "abstention"

    def __init__(self, settings: Settings, places: Iterable[str]) -> None:
        self._settings = settings
        self._places = frozenset(places)

    def __call__(self, draft: Draft) -> None:
        """Fill `draft.abstain_reasons`; runs last."""
        reasons = []
        if not _ENOUGH.search(draft.document.title + draft.document.text):
            reasons.append("可读的中文内容太少，请补充诉求内容")
        if draft.topics and draft.topics[0].confidence < self._settings.abstain_topic:
            first = draft.topics[0]
            reasons.append(f"主题把握不足：最可能的「{first.name}」只有 {first.confidence:.0%}")
        reasons.extend(self._about_units(draft))
        reasons.extend(
            f"「{place}」不在区划代码表里，请核对"
            for place in (draft.request.district, draft.request.township)
            if place and place not in self._places
        )
        draft.abstain_reasons = tuple(reasons)

    def _about_units(self, draft: Draft) -> list[str]:
        if not draft.units:
            return []
        first = draft.units[0]
        if len(draft.units) > 1:
            second = draft.units[1]
            apart = first.confidence - second.confidence
            if apart < self._settings.abstain_margin:
                points = max(1, round(apart * 100))
                return [f"「{first.name}」与「{second.name}」两个条线只差 {points} 个百分点"]
        if first.confidence < self._settings.abstain_unit:
            return [f"承办条线把握不足：最可能的「{first.name}」只有 {first.confidence:.0%}"]
        return []
