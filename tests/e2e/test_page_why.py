"""The block that says why, in a real Chromium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Page
    from scripted_engine import ScriptedEngine

pytestmark = pytest.mark.browser

SMOKE = "南坪烧烤摊的油烟天天飘到我屋头"


def opened(page: Page) -> None:
    page.type(SMOKE)
    page.settled(SMOKE)
    page.find("#why-ask").click()
    page.until("document.querySelectorAll('.why-chip').length === 3")


def test_nothing_is_asked_until_the_agent_wants_to_know(page: Page, engine: ScriptedEngine) -> None:
    assert not page.find("#why-ask").is_displayed()
    page.type(SMOKE)
    page.settled(SMOKE)
    assert page.find("#why-ask").is_displayed()
    assert engine.explained == []


def test_the_evidence_of_each_decision_is_marked_in_the_text(page: Page) -> None:
    opened(page)
    assert page.texts(".why-chip") == [
        "主题 餐饮油烟",
        "主办 城市管理（含综合执法）",
        "标记 特殊群体",
    ]
    assert page.texts(".why-text mark") == ["油烟"]
    assert "把握 83%；去掉标出的文字后 21%" in page.texts(".why-text p")
    page.js("document.querySelectorAll('.why-chip')[1].click()")
    assert page.texts(".why-text mark") == ["烧烤"]
    assert page.js("return document.querySelectorAll('.why-chip')[2].disabled") is True


def test_another_wording_and_the_question_are_said(page: Page) -> None:
    opened(page)
    assert page.texts(".why-otherwise li") == [
        "若油烟来自住改商而非商用房，主办不变，协办改为「住房城乡建设」。"
    ]
    assert page.texts(".why-questions li") == ["油烟是饭店排的，还是住户排的？"]


def test_a_new_answer_closes_what_was_explained(page: Page, engine: ScriptedEngine) -> None:
    opened(page)
    page.type("，很")
    page.settled(SMOKE + "，很")
    assert page.texts(".why-chip") == []
    assert page.find("#why-ask").get_attribute("aria-expanded") == "false"
    assert len(engine.explained) == 1


def test_the_button_closes_again(page: Page) -> None:
    opened(page)
    page.find("#why-ask").click()
    assert page.texts(".why-chip") == []
