"""Abstention: which suggestions may stand without a check, and why the others may not.

The city sets how many of the suggestions that stand may be wrong; the model's held-out curves say
how sure it takes to be (`triage.model.selection`). Reasons are in words an agent can repeat.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from triage.model.model import Model
from triage.model.trust import TOPIC_L1
from triage.settings import Settings
from triage.steps.draft import Draft

SHORT = 6
"""Chinese characters below which a request says too little to be routed."""
_ENOUGH = re.compile(rf"(?:[一-鿿][^一-鿿]{{0,200}}){{{SHORT}}}")
_ABOUT_A_PLACE = frozenset({"COMPLAINT", "HELP", "REPORT"})


class AbstentionStep:
    """Fill what is assured, and the reasons against offering the first suggestion as a decision.

    `places` are the names and codes of districts and townships that the code lists know.
    """

    name = "abstention"

    def __init__(self, settings: Settings, places: Iterable[str], model: Model) -> None:
        curves = model.judges.curves if model.judges is not None else {}
        self._needed = {
            name: curve.threshold_for(settings.risk, settings.risk_error)
            for name, curve in curves.items()
        }
        self._risk = settings.risk
        self._tie = settings.tie
        self._places = frozenset(places)
        self._model = model
        self._leads = model.heads["lead_unit"].labels if "lead_unit" in model.heads else ()
        self._groups = model.judges.groups if model.judges is not None else ()

    def __call__(self, draft: Draft) -> None:
        """Fill `draft.assured` and `draft.abstain_reasons`; runs last."""
        given = self._given(draft)
        draft.assured = tuple(
            name for name, trust in given.items() if trust >= self._needed.get(name, float("inf"))
        )
        reasons = [*self._about_text(draft), *self._about_place(draft)]
        if draft.topics and TOPIC_L1 not in draft.assured and "topic" not in draft.assured:
            first = draft.topics[0]
            reasons.append(f"主题把握不足：最可能的「{first.name}」为 {first.confidence:.0%}")
        if draft.units and "lead_unit" not in draft.assured:
            reasons.append(self._about_units(draft))
        draft.abstain_reasons += tuple(reasons)

    def _given(self, draft: Draft) -> dict[str, float]:
        """Return the trust in each decision that was made."""
        given = {}
        if draft.topics:
            given["topic"] = draft.topics[0].confidence
            if TOPIC_L1 in draft.probabilities and draft.topics[0].l1 in self._groups:
                group = self._groups.index(draft.topics[0].l1)
                given[TOPIC_L1] = float(draft.probabilities[TOPIC_L1][group])
        if draft.units:
            given["lead_unit"] = self._lead_trust(draft)
        if draft.request_type is not None:
            given["request_type"] = draft.request_type.confidence
        return given

    def _lead_trust(self, draft: Draft) -> float:
        """Return the judge's trust in the lead, before the catalogue weighed it.

        The held-out curve counts the model's own answers: a lead that the catalogue moved to is
        not among them and never stands without a check.
        """
        row = draft.lead_before_duty
        if row is None:
            return draft.units[0].confidence
        first = int(row.argmax())
        return float(row[first]) if self._leads[first] == draft.units[0].code else 0.0

    def _about_text(self, draft: Draft) -> list[str]:
        if not _ENOUGH.search(draft.document.title + draft.document.text):
            return ["可读的中文内容太少，请补充诉求内容"]
        share = self._model.known_share(draft.reading)
        if share < self._model.least_known:
            return [f"与以往诉求都不像：只有 {share:.0%} 的字词在以往诉求里出现过"]
        return []

    def _about_place(self, draft: Draft) -> list[str]:
        given = [place for place in (draft.request.district, draft.request.township) if place]
        if given:
            strange = [place for place in given if place not in self._places]
            return [f"「{place}」不在区划代码表里，请核对" for place in strange]
        needs_place = draft.request_type is not None and draft.request_type.code in _ABOUT_A_PLACE
        return ["没有地点"] if needs_place and "place" in draft.elements.missing else []

    def _about_units(self, draft: Draft) -> str:
        first = draft.units[0]
        if len(draft.units) > 1:
            second = draft.units[1]
            apart = first.confidence - second.confidence
            if apart < self._tie:
                points = max(1, round(apart * 100))
                return f"「{first.name}」与「{second.name}」两个条线只差 {points} 个百分点"
        needed = self._needed.get("lead_unit", float("inf"))
        if needed > 1:
            return f"留出数据不足以保证差错不超过 {self._risk:.0%}，主办条线须人工核对"
        return f"主办「{first.name}」的把握为 {first.confidence:.0%}，免核对需要 {needed:.0%}"
