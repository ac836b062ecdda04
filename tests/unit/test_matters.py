"""The matters step on the tiny model with a scorer made by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from triage.model.clauses import Clauses
from triage.model.second_matter import FEATURES, SecondMatter
from triage.pipeline import Pipeline
from triage.request import CitizenRequest, Matter, Prediction, Topic, Urgency
from triage.settings import load_settings
from triage.steps.matters import most_urgent, no_more_urgent, place

TWO = "楼下餐馆油烟很大，天天呛人。另外小区门口停水三天了，没人管"
BY_SCORE = np.zeros(FEATURES, np.float32)
BY_SCORE[1] = 10.0  # the candidate's own score for the whole document


def scorer(threshold: float = 0.5, gate: float = 0.5) -> SecondMatter:
    return SecondMatter(BY_SCORE, 0.0, np.zeros((7, 7), np.float32), gate, gate, threshold)


def ask(folder: Path, text: str, second: SecondMatter | None, **settings: Path) -> Prediction:
    pipeline = Pipeline.from_model(folder, **settings)  # type: ignore[arg-type]
    pipeline.model.second = second
    [prediction] = pipeline.triage([CitizenRequest("1", text)])
    return prediction


def test_each_matter_has_its_topic_its_place_its_lead_and_its_urgency(tiny_model: Path) -> None:
    prediction = ask(tiny_model, TWO, scorer())
    assert {m.topic.code for m in prediction.matters} == {"SR03", "GY01"}
    by_topic = {m.topic.code: m for m in prediction.matters}
    smoke, water = by_topic["SR03"], by_topic["GY01"]
    assert [TWO[a:b] for a, b in water.spans] == ["另外小区门口停水三天了，没人管"]
    assert [TWO[a:b] for a, b in smoke.spans] == ["楼下餐馆油烟很大，天天呛人。"]
    assert water.lead is not None
    assert water.lead.code == "WATER_CO"
    assert (smoke.urgency.level, water.urgency.level) == (3, 2)


def test_the_model_alone_makes_no_matter_more_urgent_than_the_whole(tiny_model: Path) -> None:
    # 请问 speaks against level 2 as much as 停水 speaks for it, so the whole alone is less urgent
    text = "请问工资什么时候发。另外小区门口停水没人管"
    plain, prediction = ask(tiny_model, text, None), ask(tiny_model, text, scorer())
    assert plain.urgency.level is not None
    assert plain.urgency.level > 2
    assert prediction.urgency == plain.urgency
    assert len(prediction.matters) == 2
    assert min(m.urgency.level or 0 for m in prediction.matters) == plain.urgency.level


def test_a_rule_makes_a_matter_and_with_it_the_whole_more_urgent() -> None:
    topic = Topic("SR03", "餐饮油烟", None, None, 1.0)
    matter = Matter(topic, ((0, 1),), Urgency(1, 0.9, ("有人被困",)))
    kept = no_more_urgent(matter, Urgency(3, 0.5))
    assert kept == matter
    assert most_urgent(Urgency(3, 0.5), (kept,)).level == 1


@pytest.mark.parametrize(
    ("whole", "matters", "level"),
    [(3, [4, 1], 1), (1, [3, 2], 1), (2, [2, 2], 2), (None, [3], 3), (3, [None], 3)],
)
def test_matters_only_raise_the_urgency_of_the_whole(
    whole: int | None, matters: list[int | None], level: int
) -> None:
    topic = Topic("SR03", "餐饮油烟", None, None, 1.0)
    made = [Matter(topic, ((0, 1),), Urgency(one, 0.8)) for one in matters]
    assert most_urgent(Urgency(whole, 0.5), made).level == level


def test_the_whole_text_says_who_leads_and_the_other_matters_support(tiny_model: Path) -> None:
    prediction, plain = ask(tiny_model, TWO, scorer()), ask(tiny_model, TWO, None)
    assert [unit.code for unit in prediction.units] == [unit.code for unit in plain.units]
    assert prediction.units[0].code == "URBAN_MGMT"
    assert "WATER_CO" in [unit.code for unit in prediction.support]


def test_several_matters_go_to_a_person_with_the_reason(tiny_model: Path) -> None:
    prediction = ask(tiny_model, TWO, scorer())
    assert prediction.abstain
    assert any(r.startswith("一件诉求含两件事") for r in prediction.abstain_reasons)
    answer = prediction.to_json()
    assert answer["joint_matter"] is True


def test_one_matter_leaves_the_list_empty(tiny_model: Path) -> None:
    prediction = ask(tiny_model, "楼下餐馆油烟很大，另外噪声也大，没人管", scorer())
    assert prediction.matters == ()
    assert prediction.to_json()["joint_matter"] is False


def test_a_model_without_the_scorer_finds_no_second_matter(tiny_model: Path) -> None:
    assert ask(tiny_model, TWO, None).matters == ()


def test_a_request_below_the_gate_is_not_looked_at(tiny_model: Path) -> None:
    assert ask(tiny_model, TWO.replace("另外", ""), scorer()).matters == ()


def test_the_step_can_be_switched_off(tiny_model: Path, tmp_path: Path) -> None:
    settings = tmp_path / "city.toml"
    settings.write_text("[steps]\nmatters = false\n", "utf-8")
    assert "matters" in load_settings().steps
    assert ask(tiny_model, TWO, scorer(), settings_file=settings).matters == ()


def test_spans_are_placed_in_the_text_as_it_was_sent(tiny_model: Path) -> None:
    text = f"电话13812345678，{TWO}"
    prediction = ask(tiny_model, text, scorer())
    water = next(m for m in prediction.matters if m.topic.code == "GY01")
    assert water.originals is not None
    [(start, end)] = water.originals
    assert text[start:end] == "另外小区门口停水三天了，没人管"


def clauses(*added: list[float]) -> Clauses:
    starts = tuple(range(0, 4 * len(added), 4))
    return Clauses(starts, np.array(added, np.float32), np.eye(len(added), dtype=np.float32))


def test_clauses_change_topic_where_it_pays() -> None:
    # two clauses speak for the first topic, two for the second: one change, at 8
    found = place(clauses([1, 0], [0.5, 0.4], [0, 1], [0, 1]), "字" * 16, [0, 1])
    assert found == [((0, 8),), ((8, 16),)]


def test_a_matter_may_stand_in_two_places() -> None:
    found = place(clauses([1, 0], [0, 1], [1, 0]), "字" * 12, [0, 1])
    assert found == [((0, 4), (8, 12)), ((4, 8),)]


def test_each_topic_gets_at_least_one_clause() -> None:
    # the first topic wins everywhere; the second takes the clause where it loses least
    found = place(clauses([1, 0], [1, 0.8], [1, 0]), "字" * 12, [0, 1])
    assert found == [((0, 4), (8, 12)), ((4, 8),)]


def test_a_text_that_cannot_be_cut_is_all_of_each() -> None:
    assert place(clauses([1, 0]), "字字字", [0, 1]) == [((0, 3),), ((0, 3),)]


@pytest.mark.parametrize("text", ["", "另外", "。" * 40, "另外" * 3000])
def test_strange_texts_do_not_break_the_step(tiny_model: Path, text: str) -> None:
    always = SecondMatter(BY_SCORE * 0, 5.0, np.zeros((7, 7), np.float32), 0.0, 0.0, 0.5)
    assert ask(tiny_model, text or " ", always).id == "1"


def test_a_scorer_is_kept_as_tensors() -> None:
    kept = scorer(0.25).tensors()
    again = SecondMatter.of(kept, topics=7)  # type: ignore[arg-type]
    assert again is not None
    assert (again.threshold, again.gate) == (0.25, 0.5)
    with pytest.raises(ValueError, match="second"):
        SecondMatter.of(kept, topics=8)  # type: ignore[arg-type]
    assert SecondMatter.of({}, topics=7) is None
