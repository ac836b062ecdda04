"""The desk's pages: two at one order, what is not offered, originals, keys alone, English."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

if TYPE_CHECKING:
    from hotline import Hotline

pytestmark = pytest.mark.browser

SMOKE = "南坪烧烤摊的油烟天天飘到我屋头，我电话13900001234"


# A Chinese word outside of an element that says so is a word that nobody translated.
UNTOLD = """
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const found = [];
while (walker.nextNode()) {
  const { data, parentElement: element } = walker.currentNode;
  if (!/[\u4e00-\u9fff]/.test(data) || !element.checkVisibility()) continue;
  if (!element.closest("[lang=zh-CN]:not(html), option, noscript")) found.push(data);
}
return found;
"""


def elsewhere(hotline: Hotline, role: str, order: str, **wish: str) -> None:
    """Make a move as somebody at another screen."""
    headers = {"authorization": f"Bearer {hotline.keys[role]}"}
    address = f"{hotline.page.url}v1/requests/{order}/transitions"
    assert httpx.post(address, json=wish, headers=headers, timeout=20).status_code == 200


def test_the_second_of_two_dispatchers_sees_what_changed_and_keeps_the_text(
    hotline: Hotline,
) -> None:
    page = hotline.page
    order, _ = hotline.register(SMOKE)
    hotline.enter("dispatcher", "queue")
    hotline.pick(order)
    page.find("[data-move=dispatch]").click()
    page.find("dialog [name=note]").send_keys("请今晚去看")
    elsewhere(hotline, "administrator", order, to="DISPATCHED", unit="ECOLOGY")
    hotline.send()
    page.until("document.querySelector('.conflict')", seconds=20)
    assert page.texts(".conflict h3") == ["这件工单刚被别人改动"]
    assert page.texts(".conflict li") == [
        "状态 待派单 → 已派单",
        "主办 城市管理（含综合执法） → 生态环境",
    ]
    assert "administrator 派单" in page.texts(".conflict .muted")[0]
    page.find("[data-move=reassign]").click()
    assert page.find("dialog [name=note]").get_attribute("value") == "请今晚去看"


@pytest.mark.parametrize(
    ("role", "links", "moves", "deeds"),
    [
        ("dispatcher", ["登记", "派单台", "承办", "异议", "预警", "预测", "热点", "查进度"],
         ["派单", "坐席直接答复", "并单"], ["改判", "拆分", "延期", "催办"]),
        ("auditor", ["派单台", "承办", "异议", "预警", "预测", "热点", "查进度"], [], []),
    ],
)  # fmt: skip
def test_only_what_the_role_may_do_is_offered(
    hotline: Hotline, role: str, links: list[str], moves: list[str], deeds: list[str]
) -> None:
    page = hotline.page
    order, _ = hotline.register(SMOKE)
    hotline.enter(role, "queue")
    hotline.pick(order)
    assert page.texts("#nav a") == links
    assert [text.split(" Alt")[0] for text in page.texts("[data-move]")] == moves
    assert page.texts("[data-deed]") == deeds
    assert page.texts("#declare") == []
    assert (page.texts(".reveal") == []) is (role == "auditor")


def test_originals_are_shown_for_a_purpose_and_gone_after_leaving(hotline: Hotline) -> None:
    page = hotline.page
    order, _ = hotline.register(SMOKE)
    hotline.enter("dispatcher", "queue")
    hotline.pick(order)
    source = "return document.body.textContent.includes('13900001234')"
    assert page.js(source) is False
    page.find(".reveal summary").click()
    page.find("#purpose").send_keys("回访核实地址")
    page.find("#reveal [value=phone]").click()
    page.find("#reveal [type=submit]").click()
    page.until("document.querySelector('#originals dl')", seconds=20)
    assert page.texts("#originals dd") == [SMOKE, "13900001234"]
    page.js("dispatchEvent(new Event('pagehide'))")
    assert page.js(source) is False
    hotline.pick(order)
    page.until("document.querySelector('.timeline [data-kind=read]')")
    assert "回访核实地址" in page.texts(".timeline [data-kind=read]")[0]
    kept = page.js("return JSON.stringify([{...localStorage}, location.href])")
    assert "13900001234" not in str(kept)


def test_an_order_is_dispatched_with_keys_alone(hotline: Hotline) -> None:
    page = hotline.page
    first, _ = hotline.register(SMOKE)
    hotline.register("楼道漏气了，快点来")
    hotline.enter("dispatcher", "queue")
    page.until("document.querySelectorAll('.row').length === 2", seconds=20)
    page.js("document.querySelector('.row').focus()")
    page.press(Keys.ARROW_DOWN)  # the leak stands first
    page.press(Keys.ENTER)
    page.until("document.activeElement.id === 'order-title'", seconds=20)
    assert first in page.find("#order-title").text
    page.press(Keys.ALT, "1")
    page.until("document.querySelector('dialog[open]')")
    assert page.js("return document.activeElement.name") == "unit"
    page.press(Keys.ESCAPE)
    page.until("!document.querySelector('dialog')")
    page.press(Keys.ALT, "1")
    page.until("document.querySelector('dialog[open]')")
    page.find("dialog [name=note]").send_keys(Keys.TAB, Keys.ENTER)
    hotline.until_state("已派单")
    page.until("document.activeElement.id === 'order-title'")
    page.press(Keys.ESCAPE)
    assert page.js("return document.activeElement.dataset.id") == first


def test_an_emergency_is_declared_and_ended_with_its_reason(hotline: Hotline) -> None:
    page = hotline.page
    hotline.enter("supervisor", "queue")
    page.find("#declare").click()
    page.find("dialog [name=reason]").send_keys("暴雨红色预警")
    hotline.send()
    page.until("document.getElementById('mode').dataset.mode === 'EMERGENCY'")
    assert "暴雨红色预警" in page.find("#mode").text
    page.find("#declare").click()
    page.find("dialog [name=reason]").send_keys("预警解除")
    hotline.send()
    page.until("document.getElementById('mode').dataset.mode === 'NORMAL'")


def test_an_override_sends_only_what_was_changed(hotline: Hotline) -> None:
    page = hotline.page
    order, _ = hotline.register(SMOKE)
    hotline.enter("dispatcher", "queue")
    hotline.pick(order)
    page.find("[data-deed=overrides]").click()
    Select(page.find("dialog [name=urgency]")).select_by_value("2")
    page.find("dialog [name=reason]").send_keys("家中有病人")
    hotline.send()
    page.until("document.querySelector('.timeline [data-kind=override]')", seconds=20)
    told = page.texts(".timeline [data-kind=override] p")
    assert "改动 紧急程度：一般 → 紧急" in told


def test_what_a_citizen_wrote_is_never_taken_as_html(hotline: Hotline) -> None:
    page = hotline.page
    attack = "<img src=x onerror=\"document.title='x'\">油烟<script>document.title='x'</script>"
    order, _ = hotline.register(attack)
    hotline.enter("dispatcher", "queue")
    hotline.pick(order)
    assert page.driver.title == "派单台"
    assert page.js("return document.querySelectorAll('img, #order script').length") == 0
    assert page.find(".order-text").text.startswith("<img src=x")


def test_every_word_of_the_desk_is_there_in_english(hotline: Hotline) -> None:
    page = hotline.page
    order, _ = hotline.register(SMOKE)
    hotline.enter("administrator", "queue")
    hotline.pick(order)
    page.find("#language").click()
    page.until("document.documentElement.lang === 'en'")
    assert page.texts("h1") == ["Dispatch desk"]
    assert page.find("[data-move=dispatch]").text.startswith("Dispatch")
    assert page.js(UNTOLD) == []
    missing = page.js(
        "return document.body.textContent.match("
        "/\\b(?:order|events|states|moves|deeds|score|reveal|case|queue|risk)\\.[a-z_]+/g)"
    )
    assert missing is None
