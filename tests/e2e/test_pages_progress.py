"""The citizen's page and the door of the others: no login here, a key there, nothing kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from hotline import Hotline

pytestmark = pytest.mark.browser


def look(hotline: Hotline, code: str, digits: str) -> None:
    page = hotline.page
    for field, words in (("#code", code), ("#phone", digits)):
        page.find(field).clear()
        page.find(field).send_keys(words)
    page.js("document.getElementById('progress').replaceChildren()")
    page.find("#look").click()
    page.until("document.getElementById('progress').childElementCount > 0", seconds=20)


def test_a_citizen_sees_steps_and_no_text(hotline: Hotline) -> None:
    page = hotline.page
    _, code = hotline.register("南坪烧烤摊的油烟天天飘")
    hotline.enter(None, "progress")
    look(hotline, code.lower(), "1234")
    assert page.texts("#progress h2") == ["正在分派"]
    assert len(page.texts(".steps li")) == 5
    assert page.texts(".steps [aria-current=step] b") == ["正在分派"]
    assert "油烟" not in page.find("body").text
    assert page.driver.current_url == page.url + "progress"
    kept = str(page.js("return JSON.stringify([{...localStorage}, {...sessionStorage}])"))
    assert code not in kept
    page.find("#language").click()
    page.until("document.documentElement.lang === 'en'")
    assert page.texts("#progress h2") == ["Being assigned"]


def test_guessing_locks_with_a_friendly_word(hotline: Hotline) -> None:
    page = hotline.page
    _, code = hotline.register("南坪烧烤摊的油烟天天飘")
    hotline.enter(None, "progress")
    for _ in range(hotline.wrong_codes):
        look(hotline, code, "0000")
        assert page.texts("#progress h2") == ["没有找到"]
    look(hotline, code, "1234")
    assert page.texts("#progress h2") == ["试得太多次了，请歇一会儿"]
    assert "分钟" in page.find("#progress p").text


@pytest.mark.parametrize("path", ["queue", "worklist", "disputes"])
def test_without_a_key_the_page_asks_for_one_and_goes_on(hotline: Hotline, path: str) -> None:
    page = hotline.page
    hotline.enter(None, path)
    page.until("document.getElementById('key')", seconds=20)
    assert page.texts("#nav a") == []
    page.find("#key").send_keys(hotline.keys["dispatcher"])
    page.find(".key [type=submit]").click()
    page.until("document.querySelector('#nav [aria-current=page]')", seconds=20)
    page.until("document.getElementById('state').dataset.kind === 'done'", seconds=20)
    assert page.texts("#rows-none") == ["没有符合条件的"]
    assert hotline.keys["dispatcher"] not in str(page.js("return JSON.stringify(localStorage)"))


@pytest.mark.parametrize("path", ["queue", "worklist", "disputes", "progress"])
def test_a_page_fits_a_telephone(hotline: Hotline, path: str) -> None:
    page = hotline.page
    hotline.register("南坪烧烤摊的油烟天天飘")
    page.screen(360, 740)
    hotline.enter("administrator", path)
    assert page.js(
        "const page = document.documentElement; return page.scrollWidth <= page.clientWidth"
    )
