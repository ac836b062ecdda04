"""The page without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.keys import Keys

if TYPE_CHECKING:
    from conftest import Page

pytestmark = pytest.mark.browser

SMOKE = "南坪烧烤摊的油烟天天飘到我屋头"


def chosen(page: Page) -> list[str]:
    return page.texts("#units .chosen .name")


def test_the_page_opens_in_the_text(page: Page) -> None:
    assert page.focus() == "text"


def test_a_call_is_taken_from_the_first_word_to_the_copied_suggestion(page: Page) -> None:
    page.driver.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
    )
    page.press("油烟大，" + SMOKE)
    page.press(Keys.CONTROL, Keys.ENTER)
    page.settled("油烟大，" + SMOKE)
    page.press(Keys.ALT, "2")
    assert chosen(page) == ["生态环境"]
    assert page.find("#announce").get_attribute("textContent") == "已选定主办：生态环境"
    page.press(Keys.ALT, "c")
    page.until("document.getElementById('state').textContent === '已复制'")
    copied = page.driver.execute_async_script(
        "navigator.clipboard.readText().then(arguments[0], (error) => arguments[0](String(error)))"
    )
    assert copied.splitlines() == [
        "【分诊建议，仅供坐席参考】",
        "受理判定：受理",
        "诉求类型：投诉",
        "紧急程度：3 一般",
        "主题：市容环卫 / 餐饮油烟 83%",
        "主办：生态环境 12%",
        "协办：生态环境",
        "要素：地点 南坪；对象 烧烤摊",
        "还缺：时间",
        "依据版本：" + page.texts("#versions")[0],
    ]
    page.press(Keys.ESCAPE)
    assert page.find("#text").get_attribute("value") == ""
    assert page.focus() == "text"


def test_a_choice_stays_while_typing_goes_on_and_ends_with_the_text(page: Page) -> None:
    page.type(SMOKE)
    page.settled(SMOKE)
    assert chosen(page) == ["城市管理（含综合执法）"]
    page.press(Keys.ALT, "3")
    page.type("嘛")
    page.settled(SMOKE + "嘛")
    assert chosen(page) == ["市场监督管理"]
    page.press(Keys.ALT, "5")  # no such candidate
    assert chosen(page) == ["市场监督管理"]
    page.press(Keys.ESCAPE)
    page.type(SMOKE)
    page.settled(SMOKE)
    assert chosen(page) == ["城市管理（含综合执法）"]


def test_what_was_cleared_can_be_restored(page: Page) -> None:
    page.type(SMOKE)
    page.settled(SMOKE)
    page.press(Keys.ESCAPE)
    assert page.texts("#result") == []
    assert page.find("#empty").is_displayed()
    page.press(Keys.SHIFT, Keys.TAB)  # the clear button is disabled, so: restore
    assert page.focus() == "restore"
    page.press(Keys.ENTER)
    page.settled(SMOKE)
    assert page.find("#text").get_attribute("value") == SMOKE


def test_every_control_is_reached_in_reading_order_and_shows_the_focus(page: Page) -> None:
    page.type(SMOKE)
    page.settled(SMOKE)
    page.js("document.body.tabIndex = -1; document.body.focus()")
    reached = []
    for _ in range(9):
        page.press(Keys.TAB)
        reached.append(
            page.js("const e = document.activeElement; return e.id || e.className || e.localName")
        )
        assert page.js(
            "const s = getComputedStyle(document.activeElement);"
            "return s.outlineStyle === 'solid' && parseFloat(s.outlineWidth) >= 2"
        ), reached[-1]
    assert reached == [
        "skip",
        "language",
        "clear",
        "text",
        "summary",
        "copy",
        "unit-0",
        "why-ask",
        "masked",
    ]


def test_arrow_keys_choose_among_the_units(page: Page) -> None:
    page.type(SMOKE)
    page.settled(SMOKE)
    page.js("document.getElementById('unit-0').focus()")
    page.press(Keys.ARROW_DOWN)
    assert page.focus() == "unit-1"
    assert chosen(page) == ["生态环境"]
    page.press(Keys.ALT, "i")
    assert page.focus() == "text"


def test_a_screen_reader_is_told_once_the_typing_rests(page: Page) -> None:
    page.type(SMOKE)
    page.settled(SMOKE)
    assert page.find("#announce").get_attribute("role") == "status"
    page.until("document.getElementById('announce').textContent !== ''")
    assert page.find("#announce").get_attribute("textContent") == (
        "建议：城市管理（含综合执法） 80%、生态环境 12%；主题 餐饮油烟；紧急程度 一般"
    )


def test_an_example_is_one_key_away(page: Page) -> None:
    page.until("document.querySelector('.example') !== null")  # written once the texts are there
    page.js("document.querySelector('.example').focus()")
    page.press(Keys.ENTER)
    page.until("document.querySelectorAll('#masked .pii').length === 1")
    assert page.focus() == "text"
