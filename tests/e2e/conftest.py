"""A running service with an engine of fixed answers, and a real Chromium that looks at its page.

The masking, the code lists, the HTTP service and the browser are the real ones; only the judgements
are scripted, so that a test can say what must be on screen.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn

import pytest
import uvicorn
from fastapi import FastAPI
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from serving.app import create_app
from serving.engine import Fixed
from serving.keyring import KeyRing
from serving.keys import create_key
from serving.rights import ROLES, Rights
from serving.settings import Limits
from triage.desk.office import Office
from triage.desk.opening import OfficeFiles, load_city, open_office
from triage.store import key_file
from triage.store.cipher import CipherName
from triage.store.database import Database

if TYPE_CHECKING:
    from databases import Upgraded
    from hotline import Hotline
    from scripted_engine import ScriptedEngine

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1366,768",
)


def _load(name: str) -> ModuleType:
    """Load a file of `tests/fixtures`: tests are no package."""
    path = Path(__file__).parents[1] / "fixtures" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"fixtures_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


class Service:
    """An application on a port of its own, in a thread; it may stop and come back."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self, app: FastAPI) -> None:
        """Serve `app`, in place of what was served before."""
        self.stop()
        config = uvicorn.Config(app, port=self.port, log_level="critical", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        wait = threading.Event()
        while not self._server.started:
            assert self._thread.is_alive()
            wait.wait(0.01)

    def stop(self) -> None:
        """Stop serving; the port then refuses connections."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(10)
        self._server = self._thread = None


class Page:
    """The page as an agent has it: what is typed, what is seen."""

    def __init__(self, driver: webdriver.Chrome, url: str) -> None:
        self.driver = driver
        self.url = url

    def open(self) -> None:
        """Load the page afresh and wait until it listens."""
        self.driver.get(self.url)
        self.until("document.documentElement.dataset.ready === 'true'")

    def find(self, css: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def texts(self, css: str) -> list[str]:
        """Return the words of every visible element."""
        found = self.driver.find_elements(By.CSS_SELECTOR, css)
        return [element.text for element in found if element.is_displayed()]

    def type(self, text: str) -> None:
        """Type into the request."""
        self.find("#text").send_keys(text)

    def press(self, *keys: str) -> None:
        """Press keys together, wherever the focus is."""
        chain = webdriver.ActionChains(self.driver)
        for key in keys[:-1]:
            chain.key_down(key)
        chain.send_keys(keys[-1])
        for key in keys[:-1]:
            chain.key_up(key)
        chain.perform()

    def focus(self) -> str:
        """Return the id of the element that has the focus."""
        return str(self.js("return document.activeElement.id"))

    def screen(self, width: int, height: int) -> None:
        """Give the page a screen of this size."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def prefer(self, name: str, value: str) -> None:
        """Tell the page what its reader prefers, for example a dark colour scheme."""
        features = [{"name": f"prefers-{name}", "value": value}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def js(self, script: str, *arguments: object) -> object:
        return self.driver.execute_script(script, *arguments)

    def until(self, condition: str, *, seconds: float = 5.0) -> None:
        """Wait until a JavaScript expression holds."""
        WebDriverWait(self.driver, seconds, poll_frequency=0.02).until(
            lambda driver: driver.execute_script(f"return Boolean({condition})"), condition
        )

    def settled(self, text: str) -> None:
        """Wait until the answer on screen is the one for this masked text."""
        self.until(f"document.getElementById('masked').textContent === {json.dumps(text)}")

    def requests(self) -> list[str]:
        """Return the addresses that the browser asked for since the last call."""
        events = [
            json.loads(row["message"])["message"]
            for row in self.driver.get_log("performance")  # type: ignore[no-untyped-call]
        ]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def script_errors(self) -> list[str]:
        """Return what the console reported, refused answers of the service left out."""
        rows = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [
            row["message"]
            for row in rows
            if row["level"] == "SEVERE" and row["source"] != "network"
        ]


def missing(what: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} 不在本机；CI 必须有浏览器：apt-get install chromium chromium-driver")
    pytest.skip(f"没有 {what}：apt-get install chromium chromium-driver")


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    browser, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if browser is None or chromedriver is None:
        missing("chromium 或 chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    profile: Path = tmp_path_factory.mktemp("profile")
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    chrome = webdriver.Chrome(options, webdriver.ChromeService(chromedriver))
    yield chrome
    chrome.quit()


@pytest.fixture(scope="session")
def running() -> Iterator[Service]:
    service = Service()
    yield service
    service.stop()


@pytest.fixture
def engine() -> ScriptedEngine:
    made: ScriptedEngine = _load("scripted_engine").ScriptedEngine()
    return made


@pytest.fixture
def service(running: Service, engine: ScriptedEngine) -> Iterator[Service]:
    running.start(create_app(Fixed(engine)))
    yield running
    engine.gate.set()


@pytest.fixture
def page(driver: webdriver.Chrome, service: Service) -> Iterator[Page]:
    driver.execute_cdp_cmd(
        "Storage.clearDataForOrigin", {"origin": service.url.rstrip("/"), "storageTypes": "all"}
    )
    page = Page(driver, service.url)
    page.requests()
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    page.open()
    page.js("sessionStorage.clear()")
    yield page
    assert page.script_errors() == []


@pytest.fixture
def office(tmp_path: Path, _upgraded: Upgraded, engine: ScriptedEngine) -> Iterator[Office]:
    with _upgraded.copy_url("sqlite", tmp_path) as url:
        database = Database(url)
        vault = tmp_path / "vault.json"
        key_file.create_key(vault, CipherName.AES, now=datetime.now(UTC))
        city = load_city(OfficeFiles())
        yield open_office(database, key_file.read_keys(vault), [engine.triage], city)
        database.close()


@pytest.fixture
def hotline(
    page: Page, running: Service, engine: ScriptedEngine, office: Office, tmp_path: Path
) -> Hotline:
    path, made = tmp_path / "keys.json", {}
    for role in ROLES:
        units = frozenset({"URBAN_MGMT"}) if role == "handler" else frozenset[str]()
        rights = Rights(frozenset({role}), units)
        made[role] = create_key(path, role, now=datetime.now(UTC), rights=rights)
    hotline: Hotline = _load("hotline").Hotline(page, made)
    limits = Limits(query_failures=hotline.wrong_codes)
    running.start(create_app(Fixed(engine), keys=KeyRing(path), office=office, limits=limits))
    return hotline
