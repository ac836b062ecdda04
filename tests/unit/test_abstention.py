"""Which suggestions stand without a check, and the words for why the others do not."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from triage.model.features import Document
from triage.model.selection import Curve
from triage.model.trust import TOPIC_L1
from triage.request import CitizenRequest, Elements, Ranked, Topic, Unit
from triage.settings import load_settings
from triage.steps.abstention import AbstentionStep

SMOKE = Topic("SR03", "餐饮油烟", "市容环卫", None, 0.95)
TEXT = "楼下烧烤店的油烟天天往屋里灌"
CURVE = Curve.of(np.ones(400, np.bool_), np.full(400, 0.9))
"""Answers of trust 0.9 were never wrong: they may stand at 5 %."""


def model(share: float = 1.0) -> SimpleNamespace:
    """What the step asks of a model."""
    judges = SimpleNamespace(
        curves={name: CURVE for name in ("topic", TOPIC_L1, "lead_unit", "request_type")},
        groups=("市容环卫", "住房房产"),
    )
    heads = {"lead_unit": SimpleNamespace(labels=("URBAN_MGMT", "ECOLOGY"))}
    return SimpleNamespace(
        judges=judges, heads=heads, least_known=0.8, known_share=lambda reading: share
    )


def draft(**changes: object) -> SimpleNamespace:
    """A draft about which everything is sure."""
    given = {
        "request": CitizenRequest("1", TEXT),
        "document": Document("", TEXT),
        "reading": None,
        "topics": (SMOKE,),
        "units": (unit("URBAN_MGMT", "城市管理", 0.95), unit("ECOLOGY", "生态环境", 0.03)),
        "request_type": Ranked("COMPLAINT", 0.95),
        "elements": Elements(place="某小区"),
        "probabilities": {TOPIC_L1: np.array([0.96, 0.04])},
        "lead_before_duty": None,
        "assured": (),
        "abstain_reasons": (),
    }
    return SimpleNamespace(**(given | changes))


def unit(code: str, name: str, confidence: float) -> Unit:
    return Unit(code, name, confidence)


def judged(made: SimpleNamespace, share: float = 1.0) -> SimpleNamespace:
    settings = replace(load_settings(), risk=0.05, risk_error=0.1, tie=0.1)
    AbstentionStep(settings, {"渝中区"}, model(share))(made)  # type: ignore[arg-type]
    return made


def test_what_is_sure_enough_stands_without_a_reason() -> None:
    made = judged(draft())
    assert made.assured == ("topic", TOPIC_L1, "lead_unit", "request_type")
    assert made.abstain_reasons == ()


def test_two_close_units_are_named() -> None:
    units = (unit("URBAN_MGMT", "城市管理", 0.5), unit("ECOLOGY", "生态环境", 0.47))
    made = judged(draft(units=units))
    assert "lead_unit" not in made.assured
    assert made.abstain_reasons == ("「城市管理」与「生态环境」两个条线只差 3 个百分点",)


def test_one_unsure_unit_is_told_what_it_would_take() -> None:
    units = (unit("URBAN_MGMT", "城市管理", 0.7), unit("ECOLOGY", "生态环境", 0.1))
    made = judged(draft(units=units))
    assert made.abstain_reasons == ("主办「城市管理」的把握为 70%，免核对需要 90%",)


def test_an_unsure_topic_is_named() -> None:
    made = judged(
        draft(
            topics=(replace(SMOKE, confidence=0.42),),
            probabilities={TOPIC_L1: np.array([0.5, 0.5])},
        )
    )
    assert made.abstain_reasons == ("主题把握不足：最可能的「餐饮油烟」为 42%",)


def test_a_request_unlike_all_others_says_so() -> None:
    made = judged(draft(), share=0.55)
    assert made.abstain_reasons == ("与以往诉求都不像：只有 55% 的字词在以往诉求里出现过",)


@pytest.mark.parametrize(("kind", "reasons"), [("COMPLAINT", ("没有地点",)), ("CONSULT", ())])
def test_a_missing_place_matters_where_something_is_to_be_done(
    kind: str, reasons: tuple[str, ...]
) -> None:
    made = judged(draft(request_type=Ranked(kind, 0.95), elements=Elements(missing=("place",))))
    assert made.abstain_reasons == reasons


def test_a_district_that_no_list_knows_is_named() -> None:
    made = judged(draft(request=CitizenRequest("1", TEXT, district="火星区")))
    assert made.abstain_reasons == ("「火星区」不在区划代码表里，请核对",)


def test_reasons_of_earlier_steps_stay() -> None:
    made = judged(draft(abstain_reasons=("一件诉求含两件事",)))
    assert made.abstain_reasons == ("一件诉求含两件事",)


def test_without_judges_nothing_is_assured() -> None:
    made = draft()
    bare = SimpleNamespace(judges=None, heads={}, least_known=0.0, known_share=lambda reading: 1.0)
    AbstentionStep(load_settings(), set(), bare)(made)  # type: ignore[arg-type]
    assert made.assured == ()
    assert any("留出数据不足" in reason for reason in made.abstain_reasons)


@pytest.mark.parametrize(
    ("row", "stands"),
    [
        ([0.95, 0.03], True),
        ([0.6, 0.3], False),  # the catalogue lent it odds; the curve never counted that
        ([0.03, 0.95], False),  # the catalogue moved the lead
    ],
)
def test_a_lead_stands_by_its_trust_before_the_catalogue(row: list[float], stands: bool) -> None:
    made = judged(draft(lead_before_duty=np.array(row, np.float32)))
    assert ("lead_unit" in made.assured) is stands
