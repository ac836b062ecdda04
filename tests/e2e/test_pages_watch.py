"""The pages of forecasts, alarms and hot topics: what they show, deeds, keys, looks, empty states.

Set TRIAGE_SCREENSHOTS to a folder to look at them.
"""

from __future__ import annotations

import base64
import importlib.util
import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from serving.app import create_app
from serving.engine import Fixed
from serving.keyring import KeyRing
from serving.keys import create_key
from serving.rights import ROLES, Rights
from triage.catalogue import Catalogue
from triage.desk.clocks import PolicyClocks
from triage.desk.event_groups import EventDesk, follow, open_events
from triage.desk.office import Office
from triage.desk.reports import open_reports
from triage.hot.heat import load_heat
from triage.hot.storm import Storm
from triage.same_event.static_encoder import StaticEncoder
from triage.text.elements import ElementExtractor
from triage.trends.shelf import Shelf
from triage.workorder.working_calendar import shanghai_day

if TYPE_CHECKING:
    from conftest import Page, Service
    from hotline import Hotline
    from overlap_judge import OverlapJudge
    from scripted_engine import ScriptedEngine

pytestmark = pytest.mark.browser

CATALOGUE = Catalogue.load()
SMOKE = "澄川小区楼下烧烤店油烟太大，请处理"
LATER = 20.0


def _fixture(name: str) -> ModuleType:
    path = Path(__file__).parents[1] / "fixtures" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"fixtures_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def watched(
    page: Page, running: Service, engine: ScriptedEngine, office: Office, tmp_path: Path
) -> Hotline:
    """Serve the office with reports and forecasts; a key for each role, one for a district."""
    path, made = tmp_path / "keys.json", {}
    for role in ROLES:
        units = frozenset({"URBAN_MGMT"}) if role == "handler" else frozenset[str]()
        made[role] = create_key(
            path, role, now=office.now(), rights=Rights(frozenset({role}), units)
        )
    regions = Rights(frozenset({"supervisor"}), regions=frozenset({"500103"}))
    made["district"] = create_key(path, "district", now=office.now(), rights=regions)
    hotline: Hotline = _fixture("hotline").Hotline(page, made)
    clocks = office.clocks
    assert isinstance(clocks, PolicyClocks)
    reports = open_reports(office.database, CATALOGUE, clocks)
    trends = Shelf(tmp_path / "trends", CATALOGUE)
    running.start(
        create_app(Fixed(engine), keys=KeyRing(path), office=office, reports=reports, trends=trends)
    )
    return hotline


@pytest.fixture
def alarmed(watched: Hotline, office: Office) -> Hotline:
    """One alarm of each kind, the outbreak opened last."""
    city = _fixture("watched")
    city.raise_alarms(city.room_of(office))
    return watched


@pytest.fixture
def forecast(watched: Hotline, office: Office, tmp_path: Path) -> Hotline:
    """A stored forecast up to yesterday, with back-tests."""
    city, yesterday = _fixture("watched"), shanghai_day(office.now()) - timedelta(days=1)
    city.store_counts(tmp_path / "trends", yesterday)
    city.store_forecast(tmp_path / "trends", yesterday)
    return watched


@pytest.fixture
def hot(watched: Hotline, office: Office, overlap_judge: OverlapJudge) -> Hotline:
    """Three requests of one event and a fourth of nothing, taken in and kept in groups."""
    headers = {"authorization": f"Bearer {watched.keys['agent']}"}
    for number in range(3):
        text = f"{SMOKE}{'！' * number}"
        body = {"text": text, "requester": {"phone": f"1390000{number:04d}"}}
        answer = httpx.post(
            f"{watched.page.url}v1/requests", json=body, headers=headers, timeout=LATER
        )
        assert answer.status_code == 201, answer.text
    storm = Storm(StaticEncoder.untrained(), overlap_judge, threshold=0.5, live=64)
    extractor = ElementExtractor(CATALOGUE.place_names())
    events = EventDesk(
        office.database, storm, extractor, load_heat(), "test-1", office.now, office.books.ranks
    )
    after = open_events(events)
    while (reached := follow(events, after)) != after:
        after = reached
    return watched


@pytest.fixture(autouse=True)
def _looked_at(request: pytest.FixtureRequest, driver: webdriver.Chrome) -> Iterator[None]:
    yield
    folder = os.environ.get("TRIAGE_SCREENSHOTS")
    if folder:
        shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        name = request.node.name.removeprefix("test_").replace("/", "_")
        Path(folder, f"{name}.png").write_bytes(base64.b64decode(shot["data"]))


def pick_alarm(hotline: Hotline, index: int = 0) -> str:
    page = hotline.page
    page.until(f"document.querySelectorAll('.row').length > {index}", seconds=LATER)
    alarm = str(page.js(f"return document.querySelectorAll('.row')[{index}].dataset.id"))
    page.js(f"document.querySelectorAll('.row')[{index}].click()")
    page.until(
        f"document.getElementById('alarm-title')?.textContent.includes('{alarm}')", seconds=LATER
    )
    return alarm


def test_alarms_are_listed_on_a_timeline_with_their_evidence(alarmed: Hotline) -> None:
    page = alarmed.page
    alarmed.enter("supervisor", "alarms")
    alarm = pick_alarm(alarmed)
    assert page.texts(".row .kind") == ["突发", "来话超量", "苗头", "静默"]  # the newest first
    assert page.js("return document.querySelectorAll('.alarm-mark').length") == 4
    assert page.js("return document.querySelector('.alarm-mark.chosen').dataset.alarm") == alarm
    assert "渝中区“餐饮油烟”当天 45 件，预期 14.8 件" in page.find(".alarm-summary").text
    assert page.js("return document.querySelectorAll('#order rect.bar-of').length") == 21
    assert page.texts("#order .chip") == ["油烟", "夜市"]
    assert page.texts("#order .codes code") == ["260301-1", "260301-2"]
    assert page.texts("#order .advice p")[0] == "建议转入应急状态。"
    page.js("document.querySelector('.alarm-mark.silence').dispatchEvent(new Event('click'))")
    page.until("document.querySelector('#order .kind.silence')", seconds=LATER)


def test_an_alarm_is_acknowledged_and_closed_with_keys_alone(alarmed: Hotline) -> None:
    page = alarmed.page
    alarmed.enter("supervisor", "alarms")
    page.until("document.querySelectorAll('.row').length === 4", seconds=LATER)
    page.js("document.querySelector('.row').focus()")
    page.press(Keys.ARROW_DOWN)
    page.press(Keys.ARROW_UP)
    page.press(Keys.ENTER)
    page.until("document.activeElement.id === 'alarm-title'", seconds=LATER)
    page.press(Keys.ALT, "1")
    page.until("document.querySelector('dialog[open]')")
    page.find("dialog [name=note]").send_keys("已派人去看，电话13900001234")
    alarmed.send()
    page.until("document.querySelector('#order .timeline [data-step=acknowledged]')", seconds=LATER)
    assert "13900001234" not in page.find("#order").text  # masked before it is kept
    page.until("document.activeElement.id === 'alarm-title'")
    page.press(Keys.ALT, "2")  # close: merge stands first now
    page.until("document.querySelector('dialog[open]')")
    assert page.js("return document.activeElement.name") == "outcome"
    Select(page.find("dialog [name=outcome]")).select_by_value("FALSE")
    alarmed.send()
    page.until("document.querySelector('#order .timeline [data-step=closed]')", seconds=LATER)
    assert page.texts("#order .moves") == []
    page.until("document.querySelector('#precision td')?.textContent === '0%'", seconds=LATER)
    page.until("document.activeElement.id === 'alarm-title'")
    page.press(Keys.ESCAPE)
    assert page.js("return document.activeElement.className") == "row"


def test_an_alarm_is_merged_into_another(alarmed: Hotline) -> None:
    page = alarmed.page
    alarmed.enter("supervisor", "alarms")
    pick_alarm(alarmed)
    other = str(page.js("return document.querySelectorAll('.row')[2].dataset.id"))
    page.find("[data-deed=merge]").click()
    Select(page.find("dialog [name=into]")).select_by_value(other)
    alarmed.send()
    page.until("document.querySelector('#order .timeline [data-step=merged]')", seconds=LATER)
    assert other in page.texts("#order .timeline [data-step=merged]")[0] or page.texts(
        "#order .head .tag"
    ) == ["突发", "已并入"]


def test_who_comes_second_sees_what_was_done(alarmed: Hotline) -> None:
    page = alarmed.page
    alarmed.enter("supervisor", "alarms")
    alarm = pick_alarm(alarmed)
    page.find("[data-deed=close]").click()
    Select(page.find("dialog [name=outcome]")).select_by_value("TRUE")
    headers = {"authorization": f"Bearer {alarmed.keys['dispatcher']}"}
    address = f"{page.url}v1/alarms/{alarm}/acknowledge"
    assert httpx.post(address, json={}, headers=headers, timeout=LATER).status_code == 200
    alarmed.send()
    page.until("document.querySelector('#order .conflict')", seconds=LATER)
    assert "dispatcher 刚刚已确认" in page.find("#order .conflict").text
    assert page.texts("#order .timeline b") == ["确认", "开立"]


@pytest.mark.parametrize(
    ("role", "deeds", "orders"),
    [
        ("analyst", [], False),
        ("auditor", [], True),
        ("dispatcher", ["确认", "并入另一条", "办结"], True),
    ],
)
def test_only_what_the_role_may_do_and_see_is_there(
    alarmed: Hotline, role: str, deeds: list[str], orders: bool
) -> None:
    page = alarmed.page
    alarmed.enter(role, "alarms")
    pick_alarm(alarmed)
    assert [text.split(" Alt")[0] for text in page.texts("#order .moves button")] == deeds
    assert bool(page.texts("#order .codes code")) is orders


def test_filters_and_an_empty_time_say_what_to_run(alarmed: Hotline) -> None:
    page = alarmed.page
    alarmed.enter("supervisor", "alarms")
    page.until("document.querySelectorAll('.row').length === 4", seconds=LATER)
    Select(page.find("#by-kind")).select_by_value("silence")
    page.until("document.querySelectorAll('.row').length === 1", seconds=LATER)
    Select(page.find("#by-state")).select_by_value("CLOSED")
    page.until("document.querySelector('#rows-none code')", seconds=LATER)
    assert page.texts("#rows-none code") == ["triage alarms run --build"]


def test_a_forecast_is_drawn_with_intervals_and_its_numbers(forecast: Hotline) -> None:
    page = forecast.page
    forecast.enter("analyst", "forecast")
    page.until("document.querySelector('#chart polygon.band-1')", seconds=LATER)
    assert page.texts(".chart-legend li") == ["实际", "预测（中位数）", "95% 区间", "80% 区间"]
    assert page.texts("#chart .facts dd")[0].endswith("400 件（95% 区间 260–600）")
    assert page.texts("#chart .facts dd")[4] == "日历回归 + ETS"
    page.find("#chart details summary").click()
    assert len(page.texts("#chart tbody tr")) == 14
    assert page.texts("#backtest .marked .part") == ["日历回归", "ETS"]
    assert "0.61 倍" in page.texts("#backtest p")[0]  # the latest of two back-tests
    assert len(page.texts(".multiple")) == 4
    points = page.find("#chart polyline.counted").get_attribute("points") or ""
    assert len(points.split()) == 56  # days of history


def test_a_district_is_chosen_from_the_small_ones(forecast: Hotline) -> None:
    page = forecast.page
    forecast.enter("analyst", "forecast")
    page.until("document.querySelectorAll('.multiple').length === 4", seconds=LATER)
    page.js("document.querySelector('.multiple[data-area=\"500106\"]').focus()")
    page.press(Keys.ENTER)
    page.until("document.querySelector('#by-area').value === '500106'", seconds=LATER)
    page.until(
        "document.querySelector('#chart svg').ariaLabel.startsWith('沙坪坝区')", seconds=LATER
    )
    page.until("document.activeElement.id === 'chart'", seconds=LATER)
    assert page.texts("#chart .facts dd")[0].endswith("100 件（95% 区间 65–150）")
    assert page.texts("#backtest code") == ["triage forecast select --from-store"]  # none of it
    Select(page.find("#by-topic")).select_by_value("SR03")
    page.until("document.querySelector('#chart svg').ariaLabel.includes('餐饮油烟')", seconds=LATER)


def test_a_district_s_people_see_their_own_district(forecast: Hotline) -> None:
    page = forecast.page
    forecast.enter("district", "forecast")
    page.until("document.querySelectorAll('.multiple').length === 1", seconds=LATER)
    assert page.texts("#by-area option") == ["渝中区"]
    assert page.texts(".notice.problem") == []


def test_without_a_forecast_the_commands_are_named(watched: Hotline) -> None:
    page = watched.page
    watched.enter("analyst", "forecast")
    page.until("document.querySelector('#chart code')", seconds=LATER)
    wanted = "triage forecast --from-store --horizon 14 --stored"
    assert page.texts("#chart code") == page.texts("#areas-none code") == [wanted]
    Select(page.find("#by-grain")).select_by_value("hourly")
    page.until(
        "document.querySelector('#chart code').textContent.includes('--hourly')", seconds=LATER
    )


def test_a_service_without_forecasts_says_how_to_switch_them_on(hotline: Hotline) -> None:
    page = hotline.page
    hotline.enter("analyst", "forecast")
    page.until("document.querySelector('#chart code')", seconds=LATER)
    assert page.texts("#chart code") == ["triage serve --trends-dir var/trends"]


def test_a_hot_topic_says_why_it_is_hot(hot: Hotline) -> None:
    page = hot.page
    hot.enter("dispatcher", "hot")
    page.until("document.querySelectorAll('.row').length === 1", seconds=LATER)
    page.find(".row").click()
    page.until("document.activeElement.id === 'topic-title'", seconds=LATER)
    assert "油烟太大" in page.find("#topic-title").text
    assert page.texts("#order .score-parts .part")[:6] == [
        "件数", "增长", "诉求人", "区县", "紧急", "附议",
    ]  # fmt: skip
    assert len(page.texts("#order .plain code")) >= 1
    page.press(Keys.ESCAPE)
    assert page.js("return document.activeElement.className") == "row"
    Select(page.find("#by-level")).select_by_value("problems")
    page.until("document.querySelector('#rows-none code')", seconds=LATER)
    assert page.texts("#rows-none code") == ["triage hot --keep"]


# Text that a reader sees in Chinese outside of an element that says so was not translated.
UNTOLD = """
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const found = [];
while (walker.nextNode()) {
  const { data, parentElement: element } = walker.currentNode;
  if (!/[\\u4e00-\\u9fff]/.test(data) || !element.checkVisibility()) continue;
  if (element.closest("svg, [lang=zh-CN]:not(html), option, noscript")) continue;
  found.push(data);
}
return found;
"""


@pytest.mark.parametrize("path", ["alarms", "forecast", "hot"])
def test_every_word_is_there_in_english(
    alarmed: Hotline, forecast: Hotline, hot: Hotline, path: str
) -> None:
    page = alarmed.page
    alarmed.enter("administrator", path)
    page.find("#language").click()
    page.until("document.documentElement.lang === 'en'", seconds=LATER)
    if path != "forecast":
        page.until("document.querySelector('.row')", seconds=LATER)
        page.find(".row").click()
        page.until("document.querySelector('#order h2')", seconds=LATER)
    assert page.js(UNTOLD) == []
    untranslated = page.js(
        "return document.body.innerText.match("
        "/\\\\b(?:alarms|forecast|hot|heat|evidence|outcomes|methods|roles|steps_of|backtest|areas"
        "|precision|chart)\\\\.[a-z_]+/g)"
    )
    assert untranslated is None
    page.find("#language").click()


@pytest.mark.parametrize("path", ["alarms", "forecast", "hot"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_a_telephone_and_can_be_read(
    alarmed: Hotline, forecast: Hotline, hot: Hotline, path: str, scheme: str
) -> None:
    page = alarmed.page
    page.prefer("color-scheme", scheme)
    page.screen(360, 740)
    alarmed.enter("supervisor", path)
    if path != "forecast":
        page.until("document.querySelector('.row')", seconds=LATER)
        page.js("document.querySelector('.row').click()")
        page.until("document.querySelector('#order h2')", seconds=LATER)
    else:
        page.until("document.querySelector('.multiple')", seconds=LATER)
    assert page.js(
        "const page = document.documentElement;"
        "return page.clientWidth > 340 && page.scrollWidth <= page.clientWidth"
    )


@pytest.mark.parametrize("path", ["alarms", "forecast", "hot"])
def test_a_desk_screen_holds_them(
    alarmed: Hotline, forecast: Hotline, hot: Hotline, path: str
) -> None:
    page = alarmed.page
    page.screen(1366, 768)
    alarmed.enter("supervisor", path)
    if path != "forecast":
        page.until("document.querySelector('.row')", seconds=LATER)
        page.js("document.querySelector('.row').click()")
        page.until("document.querySelector('#order h2')", seconds=LATER)
    else:
        page.until("document.querySelector('.multiple')", seconds=LATER)
    assert page.js("return document.documentElement.scrollWidth <= 1366")
