"""The page before the real service with the shipped model, as `make run` starts it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from selenium import webdriver

if TYPE_CHECKING:
    from conftest import Page

MODELS = Path(__file__).parents[2] / "models"
TRIAGE = str(Path(sys.executable).with_name("triage"))

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (MODELS / "current.json").is_file(), reason="models/ 中没有已发布的模型"
    ),
]


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    command = [TRIAGE, "serve", "--models-dir", str(MODELS), "--port", "0", "--workers", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            match = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert match
            yield match[0] + "/"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


@pytest.fixture
def shipped(driver: webdriver.Chrome, page: Page, served: str) -> Page:
    page.url = served
    page.open()
    page.until("document.querySelector('.example') !== null")
    return page


def test_every_example_is_answered(shipped: Page) -> None:
    labels = shipped.js(
        "return [...document.querySelectorAll('.example')].map(b => b.firstChild.data)"
    )
    assert isinstance(labels, list)
    for index, label in enumerate(labels):
        shipped.js("document.querySelectorAll('.example')[arguments[0]].click()", index)
        shipped.until("document.getElementById('state').dataset.kind === 'done'")
        shipped.until("!document.getElementById('result').hidden")
        assert len(shipped.texts("#units .name")) == 5, label
        assert len(shipped.texts("#topics .name")) == 5, label
        shipped.js("document.getElementById('clear').click()")
        shipped.until("document.getElementById('state').dataset.kind === 'idle'")


def test_a_gas_leak_is_handed_over(shipped: Page) -> None:
    shipped.type("喂，我屋头厨房天然气漏了，味道好大，楼上还有老人没下来！")
    shipped.until("document.querySelector('#emergency .banner-title')")
    assert shipped.texts("#emergency .banner-title") == ["立即转 119 火警与救援"]


def test_the_evidence_is_what_the_text_says(shipped: Page) -> None:
    text = "南坪楼下烧烤店油烟直接往家里飘，电话13800138000"
    masked = text.replace("13800138000", "<手机号1>")
    shipped.type(text)
    shipped.settled(masked)
    marks = shipped.texts("#masked mark")
    assert marks
    assert all(mark in masked for mark in marks)


def test_the_clause_and_the_body_of_the_lead_are_shown(shipped: Page) -> None:
    shipped.js("document.querySelectorAll('.example')[0].click()")
    shipped.until("document.getElementById('state').dataset.kind === 'done'")
    shipped.until("!document.getElementById('duty').hidden")
    clause = shipped.js("return document.getElementById('duty').textContent")
    assert isinstance(clause, str)
    assert "派单依据" in clause
    assert "《" in clause
    assert "重庆市" in shipped.texts("#units .note")[0]
