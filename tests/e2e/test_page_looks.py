"""The page on small and dark screens: everything fits, everything can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Page

pytestmark = pytest.mark.browser

TEXTS = {
    "empty": "",
    "normal": "南坪烧烤摊的油烟天天飘到我屋头，娃儿都咳了，我电话13800138000",
    "emergency": "南坪这边楼道漏气了，快点来",
    "statutory": "法院判都判了，一分钱没拿到",
    "risk": "站在大桥上",
    "doubt": "就是那个事情嘛",
}

# Contrast as WCAG 2.2 defines it (relative luminance, 1.4.3), of every visible text against the
# colours stacked behind it; returns the texts below the ratio with what was measured.
CONTRAST = """
const parse = (css) => {
  const [r, g, b, a = 1] = css.match(/[\\d.]+/g).map(Number);
  return { r, g, b, a };
};
const over = (top, below) => ({
  r: top.r * top.a + below.r * (1 - top.a),
  g: top.g * top.a + below.g * (1 - top.a),
  b: top.b * top.a + below.b * (1 - top.a),
  a: 1,
});
const behind = (element) => {
  if (element === null) return parse(getComputedStyle(document.documentElement).backgroundColor);
  return over(parse(getComputedStyle(element).backgroundColor), behind(element.parentElement));
};
const luminance = ({ r, g, b }) => {
  const [x, y, z] = [r, g, b].map((value) => {
    const c = value / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const LEFT_OUT = ".skip, .unseen, :disabled, option, noscript";
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const low = [];
let seen = 0;
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  const words = walker.currentNode.textContent.trim();
  if (!words || !element.checkVisibility() || element.closest(LEFT_OUT)) continue;
  seen += 1;
  const ground = behind(element);
  const pair = [over(parse(getComputedStyle(element).color), ground), ground].map(luminance);
  const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  if (ratio < 4.5) low.push([words.slice(0, 20), ratio.toFixed(2)]);
}
return [seen, low];
"""


def show(page: Page, text: str) -> None:
    page.js("document.getElementById('text').value = ''")
    if text:
        page.type(text)
        page.settled(text.replace("13800138000", "<手机号1>"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", TEXTS)
def test_every_word_can_be_read(page: Page, scheme: str, kind: str) -> None:
    page.prefer("color-scheme", scheme)
    show(page, TEXTS[kind])
    result = page.js(CONTRAST)
    assert isinstance(result, list)
    seen, low = result
    assert seen > 25
    assert low == []


@pytest.mark.parametrize("kind", TEXTS)
def test_nothing_is_cut_off_at_360_pixels(page: Page, kind: str) -> None:
    page.screen(360, 740)
    show(page, TEXTS[kind])
    assert page.js(
        "const page = document.documentElement;"
        "return page.clientWidth > 340 && page.scrollWidth <= page.clientWidth"
    )


@pytest.mark.parametrize("kind", ["normal", "statutory", "doubt"])
def test_an_ordinary_screen_shows_all_of_it_without_scrolling(page: Page, kind: str) -> None:
    page.screen(1366, 768)
    show(page, TEXTS[kind])
    assert page.js(
        "const page = document.documentElement;"
        "return page.scrollWidth <= 1366 && page.scrollHeight <= 768"
    )
    overflowing = (
        "return [...document.querySelectorAll('.panel')]"
        ".filter((panel) => panel.scrollHeight > panel.clientHeight).map((panel) => panel.id)"
    )
    assert page.js(overflowing) == []


def test_the_banner_stays_in_sight_while_a_small_screen_scrolls(page: Page) -> None:
    page.screen(360, 740)
    show(page, TEXTS["emergency"])
    page.js("window.scrollTo(0, 400)")
    assert (
        page.js("return document.querySelector('#emergency .banner').getBoundingClientRect().top")
        == 0
    )


def test_bars_stand_still_for_those_who_ask(page: Page) -> None:
    show(page, TEXTS["normal"])
    moving = "return getComputedStyle(document.querySelector('.bar-fill')).transitionDuration"
    assert page.js(moving) == "0.12s"
    page.prefer("reduced-motion", "reduce")
    assert page.js(moving) == "0s"
