from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from triage.explain import ExplainingPipeline
from triage.explain.book import load_book
from triage.explain.questions import FACT, MOST, THRESHOLDS, Worth, chosen, gain
from triage.request import CitizenRequest


@pytest.fixture(scope="module")
def pipeline(tiny_model: Path) -> ExplainingPipeline:
    return ExplainingPipeline.from_model(tiny_model)


def asked(pipeline: ExplainingPipeline, text: str, **fields: str) -> dict[str, str]:
    found = pipeline.explain(CitizenRequest("1", text, **fields)).questions
    return {question.element: question.text for question in found}


def test_the_gain_of_an_answer_is_what_today_s_choice_then_lacks() -> None:
    # row 0 chooses label 1; answer one makes label 0 better by 0.9 - 0.1, answer two agrees
    rows = np.array([[0.4, 0.6], [0.9, 0.1], [0.2, 0.8]], np.float32)
    assert gain(rows, slice(1, 3)).tolist() == pytest.approx([0.8, 0.0])


def test_questions_below_their_threshold_are_not_asked() -> None:
    low, high = THRESHOLDS["time"] - 1e-6, THRESHOLDS["place"] + 1e-6
    assert chosen([Worth("time", "几时？", low), Worth("place", "哪里？", high)]) == (
        Worth("place", "哪里？", high),
    )


def test_at_most_two_questions_are_asked_the_most_valuable_first() -> None:
    worths = [Worth(name, name, 0.5 + 0.1 * n) for n, name in enumerate(THRESHOLDS)]
    found = chosen(worths)
    assert [worth.value for worth in found] == sorted((w.value for w in worths), reverse=True)[
        :MOST
    ]


def test_two_words_that_speak_for_two_topics_are_told_apart(pipeline: ExplainingPipeline) -> None:
    found = asked(pipeline, "渝中区解放碑，昨天起，油烟和施工，请处理", district="渝中区")
    assert found[FACT] == "主要是工地施工噪声，还是饭店烧烤的油烟？"


def test_nothing_is_asked_where_no_answer_would_change_anything(
    pipeline: ExplainingPipeline,
) -> None:
    assert asked(pipeline, "渝中区解放碑昨天起工地施工吵人，请处理", district="渝中区") == {}


def test_the_place_is_asked_for_where_the_organisation_depends_on_it(
    pipeline: ExplainingPipeline,
) -> None:
    assert asked(pipeline, "昨天起工地施工吵人，请处理")["place"].startswith("在哪个区县")
    assert "place" not in asked(pipeline, "昨天起工地施工吵人，请处理", district="渝中区")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("阳光花园小区三栋昨天起工地施工吵人，请处理", ""),
        ("昨天起工地施工吵人，请处理", "渝中区解放碑工地施工"),
    ],
)
def test_a_place_that_only_names_the_organisation_is_not_asked_for_where_one_is_named(
    pipeline: ExplainingPipeline, text: str, title: str
) -> None:
    assert "place" not in asked(pipeline, text, title=title)


def test_a_model_without_topic_unit_or_urgency_asks_nothing(
    tmp_path: Path, write_tiny_model: Callable[..., Path]
) -> None:
    heads = {"request_type": {"COMPLAINT": ["投诉"], "CONSULT": ["请问"]}}
    folder = write_tiny_model(tmp_path / "m", heads=heads)
    assert asked(ExplainingPipeline.from_model(folder), "我要投诉这件事") == {}


def test_the_data_name_only_codes_of_the_catalogue(pipeline: ExplainingPipeline) -> None:
    book, lists = load_book(), pipeline.catalogue
    assert set(book.typical) == set(lists.topics)
    assert set(book.contrasts) <= set(lists.topics) | set(lists.units)
    assert set(book.urgent) <= set(lists.topics)
    abouts = {code for many in book.contrasts.values() for one in many for code in one.about}
    assert abouts <= set(lists.topics)


def test_the_shares_of_an_element_s_values_sum_to_one() -> None:
    for element, values in load_book().values.items():
        for l1 in values[0].shares:
            assert sum(value.share(l1) for value in values) == pytest.approx(1, abs=2e-3), element


def test_every_question_can_be_read_out() -> None:
    book = load_book()
    texts = [c.question for many in book.contrasts.values() for c in many]
    texts += [fact.question for many in book.urgent.values() for fact in many]
    texts += [value.question for many in book.values.values() for value in many]
    assert [text for text in texts if not text.endswith("？") or len(text) > 40] == []
