from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import httpx
import pytest

from serving.app import create_app
from serving.console import STATIC
from serving.engine import Fixed

SCRIPTS = sorted((STATIC / "js").glob("*.js"))
KEYS = re.compile(r'\b(?:t|say)\(\s*(?:"\w+",\s*)?"([a-z_]+\.[\w.]+)"')


def send(method: str, path: str, **headers: str) -> httpx.Response:
    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(Fixed(None)))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(once())


def words(language: str) -> dict[str, str]:
    loaded: dict[str, str] = json.loads((STATIC / "i18n" / f"{language}.json").read_text("utf-8"))
    return loaded


@pytest.mark.parametrize("path", ["/", "/static/js/main.js", "/static/console.css"])
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


def test_the_page_answers_without_a_model() -> None:
    assert "诉求分诊" in send("GET", "/").text


def test_the_page_stays_out_of_the_interface_document() -> None:
    assert "/" not in create_app(Fixed(None)).openapi()["paths"]


def test_the_page_holds_no_inline_script_and_no_inline_style() -> None:
    page = (STATIC / "index.html").read_text("utf-8")
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
    page = (STATIC / "index.html").read_text("utf-8")
    asked = set(re.findall(r'data-i18n(?:-placeholder)?="([^"]+)"', page))
    for script in SCRIPTS:
        asked |= set(KEYS.findall(script.read_text("utf-8")))
    assert len(asked) > 50
    assert asked - words("zh").keys() == set()


def test_the_page_reads_the_same_before_its_words_are_loaded() -> None:
    page = (STATIC / "index.html").read_text("utf-8")
    written = dict(re.findall(r'data-i18n="([^"]+)">([^<]+)<', page))
    chinese = words("zh")
    assert written == {key: chinese[key] for key in written}
