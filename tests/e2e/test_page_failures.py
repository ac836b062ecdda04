"""The page when the service refuses, is away, or asks for a key."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from serving.app import create_app
from serving.engine import Fixed
from serving.keyring import KeyRing
from serving.keys import create_key
from serving.settings import Limits

if TYPE_CHECKING:
    from conftest import Page, Service
    from scripted_engine import ScriptedEngine

pytestmark = pytest.mark.browser

TITLE = "#problem h3"
NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def test_a_refused_text_is_explained_in_chinese(page: Page) -> None:
    page.js("document.getElementById('text').value = '水'.repeat(100001)")
    page.type("了")
    page.until("document.querySelector('#problem h3')")
    assert page.texts(TITLE) == ["字段过长"]
    assert page.texts("#problem p") == ["字段 text 有 100002 个字符，上限是 100000；请缩短后重试"]
    assert page.find("#problem .notice").get_attribute("role") == "alert"
    assert page.find("#text").get_attribute("aria-invalid") == "true"
    assert page.texts("#problem button") == []
    page.js("document.getElementById('text').value = '油烟'")
    page.type("大")
    page.settled("油烟大")
    assert page.texts(TITLE) == []
    assert page.find("#text").get_attribute("aria-invalid") is None


def test_a_busy_service_is_asked_again_after_its_wait(
    page: Page, service: Service, engine: ScriptedEngine
) -> None:
    service.start(create_app(Fixed(None)))
    page.type("油烟")
    page.until("document.querySelector('#problem h3')")
    assert page.texts(TITLE) == ["服务尚未就绪"]
    assert page.texts("#problem .notice p") == ["模型还没有装载；请稍后重试"]
    assert page.texts("#problem .problem-actions .num")[0].endswith("秒后自动重试")
    service.start(create_app(Fixed(engine)))
    page.settled("油烟")
    assert page.texts(TITLE) == []


def test_too_many_requests_wait_as_well(
    page: Page, service: Service, engine: ScriptedEngine
) -> None:
    service.start(create_app(Fixed(engine), limits=Limits(rate_per_second=0.5)))
    page.type("油")
    page.settled("油")
    page.type("烟")
    page.until("document.querySelector('#problem h3')")
    assert page.texts(TITLE) == ["请求过于频繁"]
    page.settled("油烟")


def test_a_service_that_is_away_leaves_the_last_answer_marked_as_old(
    page: Page, service: Service, engine: ScriptedEngine
) -> None:
    page.type("油烟")
    page.settled("油烟")
    service.stop()
    page.type("大")
    page.until("document.querySelector('#problem h3')")
    assert page.texts(TITLE) == ["连不上分诊服务"]
    assert page.texts("#state") == ["未更新"]
    assert page.texts("#stale") == ["以下是上一次的建议，未随最新文字更新"]
    assert page.texts("#copy") == []
    assert page.find("#text").get_attribute("value") == "油烟大"
    service.start(create_app(Fixed(engine)))
    page.find("#problem button").click()
    page.settled("油烟大")
    assert page.texts(TITLE) == []
    assert page.texts("#stale") == []


def test_a_service_with_keys_is_given_one(
    page: Page, service: Service, engine: ScriptedEngine, tmp_path: Path
) -> None:
    path = tmp_path / "keys.json"
    key = create_key(path, "坐席", now=NOW)
    service.start(create_app(Fixed(engine), keys=KeyRing(path)))
    page.type("油烟")
    page.until("document.querySelector('#key')")
    assert page.texts(TITLE) == ["缺少访问密钥"]
    page.find("#key").send_keys("wrong\n")
    page.until("document.querySelector('#problem h3').textContent === '访问密钥无效'")
    page.find("#key").send_keys(f"{key}\n")
    page.settled("油烟")
    assert page.js("return localStorage.length + ':' + sessionStorage.length") == "1:1"


def test_failures_are_told_in_the_chosen_language(page: Page, service: Service) -> None:
    page.find("#language").click()
    page.until("document.documentElement.lang === 'en'")
    service.stop()
    page.type("油烟")
    page.until("document.querySelector('#problem h3')")
    assert page.texts(TITLE) == ["The triage service does not answer"]
    assert page.texts("#problem button") == ["Retry now"]
