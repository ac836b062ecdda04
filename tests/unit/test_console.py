from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import httpx
import pytest

from serving.app import create_app
from serving.console import PAGES, STATIC
from serving.engine import Fixed
from serving.schemas_orders import QueueReason
from triage.desk.mode import EMERGENCY, NORMAL
from triage.desk.view import PUBLIC_STATES
from triage.store.vault import Field
from triage.workorder.events import Kind
from triage.workorder.moves import move_table
from triage.workorder.reply_check import SHORT, TEMPLATE, UNTOUCHED
from triage.workorder.states import State

NOT_OF_AN_ORDER = {Kind.MODE, Kind.PURGE, Kind.RULE, Kind.MODEL, Kind.KEY}
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
KEYS = re.compile(r'\b(?:t|say)\(\s*(?:"\w+",\s*)?"([a-z_]+\.[\w.]+)"')


def send(method: str, path: str, **headers: str) -> httpx.Response:
    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(Fixed(None)))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(once())


def words(language: str) -> dict[str, str]:
    loaded: dict[str, str] = {}
    for part in ("", ".desk"):
        path = STATIC / "i18n" / f"{language}{part}.json"
        more: dict[str, str] = json.loads(path.read_text("utf-8"))
        assert loaded.keys() & more.keys() == set()
        loaded |= more
    return loaded


def html(path: str) -> str:
    return (STATIC / PAGES[path]).read_text("utf-8")


@pytest.mark.parametrize("path", [*PAGES, "/static/js/main.js", "/static/console.css"])
def test_nothing_from_elsewhere_may_run(path: str) -> None:
    policy = send("GET", path).headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; ")
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/static/js/main.js", "text/javascript; charset=utf-8"),
        ("/static/console.css", "text/css; charset=utf-8"),
        ("/static/i18n/zh.json", "application/json"),
        ("/static/favicon.svg", "image/svg+xml"),
    ],
)
def test_files_have_their_type_and_are_revalidated(path: str, media_type: str) -> None:
    first = send("GET", path)
    assert first.status_code == 200
    assert first.headers["content-type"] == media_type
    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["x-content-type-options"] == "nosniff"
    again = send("GET", path, **{"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/static/nothing.js", 404),
        ("GET", "/static/", 404),
        ("GET", "/static/%2e%2e/app.py", 404),
        ("GET", "/static/%00", 404),
        ("POST", "/", 405),
        ("POST", "/static/js/main.js", 405),
    ],
)
def test_other_addresses_are_problems(method: str, path: str, status: int) -> None:
    response = send(method, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_answers_without_a_model_and_without_a_key(path: str) -> None:
    response = send("GET", path)
    assert response.status_code == 200
    assert response.text == html(path)


def test_the_page_stays_out_of_the_interface_document() -> None:
    assert PAGES.keys() & create_app(Fixed(None)).openapi()["paths"].keys() == set()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_holds_no_inline_script_and_no_inline_style(path: str) -> None:
    page = html(path)
    assert re.findall(r"<script[^>]*>([^<]+)", page) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", page) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_never_parse_text_as_html(script: Path) -> None:
    found = re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(",
                       script.read_text("utf-8"))  # fmt: skip
    assert found == []
    assert len(script.read_text("utf-8").splitlines()) <= 300


def test_nothing_is_loaded_from_elsewhere() -> None:
    files = [path for path in STATIC.rglob("*") if path.is_file()]
    addresses = [
        address
        for path in files
        for address in re.findall(r"https?://[^\s\"']+", path.read_text("utf-8"))
    ]
    assert set(addresses) == {"http://www.w3.org/2000/svg"}


def test_both_languages_have_the_same_keys_and_values() -> None:
    chinese, english = words("zh"), words("en")
    assert chinese.keys() == english.keys()
    holes = re.compile(r"\{\w+\}")
    for key, text in chinese.items():
        assert set(holes.findall(text)) == set(holes.findall(english[key])), key


def test_every_word_that_the_page_asks_for_is_there() -> None:
    asked = {
        key
        for path in PAGES
        for key in re.findall(r'data-i18n(?:-placeholder|-title)?="([^"]+)"', html(path))
    }
    for script in SCRIPTS:
        asked |= set(KEYS.findall(script.read_text("utf-8")))
    assert len(asked) > 50
    assert asked - words("zh").keys() == set()


@pytest.mark.parametrize(
    ("prefix", "codes"),
    [
        ("states", [state.value for state in State]),
        ("public", [state.value for state in State]),
        ("moves", [move.kind.value for move in move_table().moves if move.by != {"system"}]),
        ("reasons", [reason for move in move_table().moves for reason in sorted(move.reasons)]),
        ("events", [kind.value for kind in Kind if kind not in NOT_OF_AN_ORDER]),
        ("score", get_args(QueueReason.model_fields["part"].annotation)),
        ("reveal", [field.value for field in Field]),
        ("reply_flags", [SHORT, UNTOUCHED, TEMPLATE]),
        ("mode", [NORMAL, EMERGENCY]),
    ],
)
def test_every_code_of_an_order_has_its_words(prefix: str, codes: Sequence[str]) -> None:
    assert [code for code in codes if f"{prefix}.{code}" not in words("zh")] == []


def test_the_public_words_are_those_of_the_service() -> None:
    said = {state.value: words("zh")[f"public.{state.value}"] for state in State}
    assert said == {state.value: text for state, text in PUBLIC_STATES.items()}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_reads_the_same_before_its_words_are_loaded(path: str) -> None:
    written = dict(re.findall(r'data-i18n="([^"]+)">([^<]+)<', html(path)))
    chinese = words("zh")
    assert written == {key: chinese[key] for key in written}
