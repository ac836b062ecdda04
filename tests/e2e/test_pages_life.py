"""The whole life of a work order in the browser, each step by the one whose step it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.support.ui import Select

if TYPE_CHECKING:
    from hotline import Hotline

pytestmark = pytest.mark.browser

SMOKE = "南坪烧烤摊的油烟天天飘到我屋头，我电话13900001234"
REPLY = "已到南坪烧烤摊现场检查油烟净化设施，责令三日内整改并加装净化器，整改后复查。"


def test_an_order_lives_from_intake_to_closed(hotline: Hotline) -> None:
    page = hotline.page
    order, code = hotline.register(SMOKE)
    hotline.enter("dispatcher", "queue")
    hotline.pick(order)
    page.find("[data-move=dispatch]").click()
    assert Select(page.find("dialog [name=unit]")).first_selected_option.text == (
        "城市管理（含综合执法） 80%"
    )
    hotline.send()
    hotline.until_state("已派单")

    hotline.enter("handler", "worklist")
    hotline.pick(order)
    page.find("[data-move=acknowledge]").click()
    hotline.until_state("已签收")
    page.find("[data-move=handle]").click()
    hotline.until_state("办理中")
    page.find("[data-move=reply]").click()
    page.find("dialog [name=note]").send_keys(REPLY)
    hotline.send()
    hotline.until_state("已答复")
    assert page.texts(".order-reply") == [REPLY]
    assert page.texts("#order .advice") == []

    hotline.enter("dispatcher", "queue")
    hotline.pick(order)
    page.find("[data-move=follow_up]").click()
    Select(page.find("dialog [name=reason]")).select_by_visible_text("满意")
    hotline.send()
    hotline.until_state("已回访")
    page.find("[data-move=close]").click()
    hotline.until_state("已办结")
    told = page.texts(".timeline b")
    assert told == [
        "办结",
        "回访",
        "答复",
        "开始办理",
        "签收",
        "派单",
        "给出建议",
        "模型分诊",
        "登记",
    ]

    hotline.enter(None, "progress")
    page.find("#code").send_keys(code)
    page.find("#phone").send_keys("1234")
    page.find("#look").click()
    page.until("document.querySelector('.steps')")
    assert page.texts("#progress h2") == ["已办结"]
    assert len(page.texts(".steps time")) == 3  # received, replied, closed


def test_a_double_click_makes_one_order(hotline: Hotline) -> None:
    page = hotline.page
    hotline.enter("agent")
    page.until("!document.getElementById('register').hidden", seconds=20)
    page.type(SMOKE)
    page.js("const go = document.getElementById('register-go'); go.click(); go.click();")
    page.until("document.getElementById('receipt-order')", seconds=20)
    order = page.find("#receipt-order").text
    hotline.enter("dispatcher", "queue")
    page.until("document.querySelector('.row')", seconds=20)
    assert page.texts(".row code") == [order]
    assert "<手机号1>" in page.texts(".row-text")[0]


def test_a_doubtful_reply_is_held_until_a_dispatcher_releases_it(hotline: Hotline) -> None:
    page = hotline.page
    order, _ = hotline.register(SMOKE)
    hotline.enter("dispatcher", "queue")
    hotline.pick(order)
    page.find("[data-move=dispatch]").click()
    hotline.send()
    hotline.until_state("已派单")
    hotline.enter("handler", "worklist")
    hotline.pick(order)
    page.find("[data-move=handle]").click()
    hotline.until_state("办理中")
    page.find("[data-move=reply]").click()
    page.find("dialog [name=note]").send_keys("已收到")
    hotline.send()
    hotline.until_state("已答复")
    assert page.texts("#order .advice h3") == ["答复待核对"]
    hotline.enter("dispatcher", "queue")
    hotline.pick(order)
    page.find("[data-deed=release]").click()
    page.until("document.querySelector('#order .advice') === null")
    assert page.texts(".timeline b")[0] == "答复放行"


def test_a_rejection_becomes_a_dispute_and_a_ruling(hotline: Hotline) -> None:
    page = hotline.page
    order, _ = hotline.register(SMOKE)
    hotline.enter("dispatcher", "queue")
    hotline.pick(order)
    page.find("[data-move=dispatch]").click()
    hotline.send()
    hotline.until_state("已派单")
    hotline.enter("handler", "worklist")
    hotline.pick(order)
    page.find("[data-move=reject]").click()
    Select(page.find("dialog [name=reason]")).select_by_visible_text("职能不符")
    page.find("dialog [name=basis]").send_keys("油烟超标由生态环境部门认定")
    hotline.send()
    hotline.until_state("已退单")
    hotline.enter("dispatcher", "queue")
    hotline.pick(order)
    page.find("[data-move=object]").click()
    hotline.until_state("会商中")
    hotline.enter("supervisor", "disputes")
    hotline.pick(order)
    assert "职能不符；油烟超标由生态环境部门认定" in page.texts("#order .plain li")[0]
    page.find("#rule-on").click()
    Select(page.find("dialog [name=unit]")).select_by_value("URBAN_MGMT")
    page.find("dialog [name=basis]").send_keys("大气污染防治法第八十一条")
    hotline.send()
    page.until("document.getElementById('ruled')")
    assert page.texts("#ruled h3") == ["已裁定给城市管理（含综合执法）"]
    assert page.texts("#rule-on") == []
