"""Explanations by a tiny model made by hand: what is said can be worked out from its words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from triage.explain import ExplainingPipeline, Explanation
from triage.explain.explainer import SHOWN
from triage.explain.explanation import Decided
from triage.explain.rerun import FEWEST, MOST, Rerun
from triage.pipeline import Pipeline
from triage.request import CitizenRequest

SMOKE = "我电话13800138000，楼下油烟很大"


@pytest.fixture(scope="module")
def pipeline(tiny_model: Path) -> ExplainingPipeline:
    return ExplainingPipeline.from_model(tiny_model)


def explained(pipeline: ExplainingPipeline, text: str, **fields: str) -> Explanation:
    return pipeline.explain(CitizenRequest("1", text, **fields))


def decided(explanation: Explanation, step: str) -> Decided:
    return next(item for item in explanation.decisions if item.step == step)


def test_evidence_is_the_word_that_the_model_knows(pipeline: ExplainingPipeline) -> None:
    topic = decided(explained(pipeline, SMOKE), "topic")
    assert (topic.code, topic.name) == ("SR03", "餐饮油烟")
    assert [item.span.text for item in topic.grounds] == ["油烟"]
    assert topic.without is not None
    assert topic.without < 0.5 < topic.confidence


def test_offsets_are_right_for_the_masked_and_for_the_sent_text(
    pipeline: ExplainingPipeline,
) -> None:
    explanation = explained(pipeline, SMOKE)
    span = decided(explanation, "topic").grounds[0].span
    assert span.field == "text"
    assert explanation.masked_text[span.start : span.end] == "油烟"
    assert SMOKE[span.original_start : span.original_end] == "油烟"
    assert span.original_start - span.start == 5  # 11 digits became <手机号1>, 6 characters


def test_evidence_may_stand_in_the_title(pipeline: ExplainingPipeline) -> None:
    explanation = explained(pipeline, "天天都这样哦", title="张三13800138000油烟")
    span = decided(explanation, "topic").grounds[0].span
    assert (span.field, span.text) == ("title", "油烟")
    assert "张三13800138000油烟"[span.original_start : span.original_end] == "油烟"


def test_a_wording_counts_at_all_its_places(pipeline: ExplainingPipeline) -> None:
    grounds = decided(explained(pipeline, "油烟很大，这个油烟"), "topic").grounds
    assert [(item.span.start, item.span.text) for item in grounds] == [(0, "油烟"), (7, "油烟")]
    assert grounds[0].drop == grounds[1].drop


def test_a_wording_repeated_many_times_is_taken_out_everywhere(
    pipeline: ExplainingPipeline,
) -> None:
    topic = decided(explained(pipeline, "油烟很大，" * 12), "topic")
    assert [item.span.text for item in topic.grounds] == ["油烟"] * 12
    assert topic.without is not None
    assert topic.without < 0.5 < topic.confidence


def test_of_very_many_places_only_the_first_are_listed(pipeline: ExplainingPipeline) -> None:
    topic = decided(explained(pipeline, "油烟很大，" * (SHOWN + 5)), "topic")
    assert [item.span.start for item in topic.grounds] == [5 * n for n in range(SHOWN)]
    assert topic.without is not None
    assert topic.without < 0.5  # taken out at all places, not only at those listed


def test_what_nothing_in_the_text_carried_has_no_evidence(pipeline: ExplainingPipeline) -> None:
    topic = decided(explained(pipeline, "甲乙丙丁戊己庚"), "topic")
    assert topic.grounds == ()
    assert topic.without is None


def test_flags_and_supports_have_evidence_of_their_own(pipeline: ExplainingPipeline) -> None:
    explanation = explained(pipeline, "油烟很大，家里有老人受不了")
    assert [i.span.text for i in decided(explanation, "flags").grounds] == ["老人"]
    assert [i.span.text for i in decided(explanation, "support").grounds] == ["油烟"]


def test_a_decision_of_rules_shows_what_the_rules_hit(pipeline: ExplainingPipeline) -> None:
    explanation = explained(pipeline, "家里煤气正在泄漏，快来人，有人晕倒了")
    acceptance = decided(explanation, "acceptance")
    assert acceptance.code == "EMERGENCY_HANDOFF"
    assert acceptance.grounds
    assert {item.source for item in acceptance.grounds} == {"rule"}
    assert {item.drop for item in acceptance.grounds} == {None}
    assert acceptance.without == 0.0
    assert {item.source for item in decided(explanation, "urgency").grounds} == {"rule"}


def test_a_removal_says_what_decided(pipeline: ExplainingPipeline) -> None:
    # without 油烟 no word is left, all topics are alike, and the first in order is GA03
    found = explained(pipeline, "楼下油烟很大").counterfactuals
    removal = next(item for item in found if item.kind == "remove")
    assert removal.sentence.startswith("若没有说到“油烟”，主题由「餐饮油烟」变为「诈骗与经济案件」")
    assert [span.text for span in removal.removed] == ["油烟"]


@pytest.mark.parametrize("text", ["楼下油烟很大", "隔壁施工", "停水好几天了", "工资一直欠着"])
def test_a_counterfactual_is_what_a_second_run_says(
    pipeline: ExplainingPipeline, text: str
) -> None:
    before = pipeline.triage([CitizenRequest("1", text)])[0]
    found = explained(pipeline, text).counterfactuals
    assert found
    for item in found:
        if item.kind == "insert":
            edited = f"{text}。{item.inserted}"
        else:
            span = item.removed[0]
            edited = f"{text[: span.start]}{item.inserted}{text[span.end :]}"
        after = pipeline.triage([CitizenRequest("1", edited)])[0]
        topics = ((before.topics[0].code,), (after.topics[0].code,))
        said = {change.step: (change.before, change.after) for change in item.changes}
        assert said.get("topic", topics) == topics
        assert ("topic" in said) == (topics[0] != topics[1])


def test_no_counterfactual_where_nothing_decided(pipeline: ExplainingPipeline) -> None:
    removals = explained(pipeline, "甲乙丙丁戊己庚").counterfactuals
    assert [item for item in removals if item.kind == "remove"] == []


@pytest.mark.parametrize("text", ["油烟", "x", "。", "<手机号1>", "😀油烟😀", "\n油烟\t"])
def test_odd_texts_are_explained(pipeline: ExplainingPipeline, text: str) -> None:
    document = explained(pipeline, text).to_json()
    assert list(document) == [
        "id",
        "decisions",
        "counterfactuals",
        "questions",
        "duty",
        "precedents",
        "versions",
    ]


def test_the_text_comes_only_when_asked_for(pipeline: ExplainingPipeline) -> None:
    explanation = explained(pipeline, SMOKE)
    assert "13800138000" not in str(explanation.to_json(with_text=True))
    assert explanation.to_json(with_text=True)["text"] == "我电话<手机号1>，楼下油烟很大"
    assert "text" not in explanation.to_json()


def test_threads_explain_alike(pipeline: ExplainingPipeline) -> None:
    once = explained(pipeline, SMOKE)
    with ThreadPoolExecutor(4) as pool:
        assert set(map(repr, pool.map(lambda _: explained(pipeline, SMOKE), range(8)))) == {
            repr(once)
        }


@pytest.mark.parametrize(("length", "most"), [(100, MOST), (100_000, FEWEST)])
def test_a_long_text_is_run_again_less_often(
    pipeline: ExplainingPipeline, length: int, most: int
) -> None:
    rerun = Rerun(pipeline, CitizenRequest("1", "水" * length))
    for count in range(most):
        assert not rerun.is_spent
        rerun.draft(pipeline.drafts([CitizenRequest("1", f"{count}")])[0].document)
    assert rerun.is_spent


def test_triage_itself_is_as_it_was(pipeline: ExplainingPipeline, tiny_model: Path) -> None:
    request = CitizenRequest("1", SMOKE)
    plain = Pipeline.from_model(tiny_model).triage([request])
    assert pipeline.triage([request]) == plain


def test_evidence_of_triage_gives_both_offsets(pipeline: ExplainingPipeline) -> None:
    evidence = pipeline.triage([CitizenRequest("1", SMOKE)])[0].to_json()["evidence"]
    assert isinstance(evidence, list)
    assert isinstance(evidence[0], dict)
    start, end = evidence[0]["original_start"], evidence[0]["original_end"]
    assert isinstance(start, int)
    assert isinstance(end, int)
    assert SMOKE[start:end] == evidence[0]["text"]
