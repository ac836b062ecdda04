"""Every endpoint of the access table × every role: let in or refused, before any body is read."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from serving.access import Rule, access_table
from serving.app import create_app
from serving.debug import DebugLists, DebugPipeline
from serving.denial import Denial
from serving.engine import Fixed
from serving.identity import Credentials
from serving.keyring import KeyRing
from serving.keys import create_key
from serving.rights import PUBLIC, ROLES, Rights
from serving.settings import Limits
from triage.desk.actor import Actor
from triage.request import Versions

ENGINE = DebugPipeline(Versions("m", "c", "r"), DebugLists())
GOOD = {"id": "a-1", "text": "楼下烧烤店油烟直接往家里飘，打了好几次电话没人管。"}
BODIES: Mapping[str, object] = {
    "/v1/triage": GOOD,
    "/v1/explain": GOOD,
    "/v1/triage:batch": {"requests": [GOOD]},
    "/noop": GOOD,
}
"""What is answered with 200 where the role may; the other endpoints need a desk."""
PATHS = {"/static/{path:path}": "/static/js/main.js", "/open311/v2/{path:path}": "/open311/v2/x"}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    path = tmp_path_factory.mktemp("keys") / "keys.json"
    made = {}
    for role in ROLES:
        units = frozenset({"URBAN_MGMT"}) if role == "handler" else frozenset[str]()
        rights = Rights(frozenset({role}), units)
        made[role] = create_key(path, role, now=datetime.now(UTC), rights=rights)
    return path, made


def application(keys: Credentials | None = None, *, limits: Limits | None = None) -> FastAPI:
    return create_app(Fixed(ENGINE), keys=keys, limits=limits, noop_route=True)


async def ask(app: FastAPI, rule: Rule, secret: str | None) -> httpx.Response:
    path = PATHS.get(rule.path, rule.path.replace("{", "").replace("}", ""))
    headers = {"authorization": f"Bearer {secret}"} if secret else {}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        body = BODIES.get(rule.path) if rule.method == "POST" else None
        return await client.request(rule.method, path, json=body, headers=headers)


@pytest.mark.parametrize("role", [*ROLES, PUBLIC])
def test_a_role_is_let_in_where_the_table_says_so(
    role: str, secrets: tuple[Path, dict[str, str]]
) -> None:
    path, made = secrets

    async def all_rules() -> list[str]:
        app = application(KeyRing(path), limits=Limits(query_failures=1000))
        wrong = []
        for rule in access_table().rules:
            response = await ask(app, rule, made.get(role))
            code = response.json()["code"] if is_problem(response) else ""
            refusal = (401, "key_missing") if role == PUBLIC else (403, "forbidden")
            is_refused = (response.status_code, code) == refusal
            if is_refused is (role in rule.roles) or response.status_code in (405, 500):
                wrong.append(f"{rule.method} {rule.path}: {response.status_code} {code}")
        return wrong

    assert asyncio.run(all_rules()) == []


def is_problem(response: httpx.Response) -> bool:
    return bool(response.headers.get("content-type") == "application/problem+json")


@pytest.mark.parametrize(
    "path", [*BODIES, "/v1/catalogue", "/metrics", "/openapi.json", "/", "/healthz"]
)
def test_what_exists_answers_those_who_may(path: str, secrets: tuple[Path, dict[str, str]]) -> None:
    keys, made = secrets
    rules = [rule for rule in access_table().rules if rule.path == path]

    async def all_roles() -> list[tuple[str, int]]:
        app = application(KeyRing(keys))
        return [
            (role, (await ask(app, rule, made.get(role))).status_code)
            for rule in rules
            for role in sorted(rule.roles)
        ]

    answers = asyncio.run(all_roles())
    assert answers
    assert {status for _, status in answers} == {200}, answers


def test_a_refusal_reads_no_body(secrets: tuple[Path, dict[str, str]]) -> None:
    path, made = secrets
    app = application(KeyRing(path))
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        raise AssertionError("the body was read")

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/triage", "query_string": b"",
        "root_path": "", "client": ("10.0.0.9", 1),
        "headers": [(b"authorization", f"Bearer {made['auditor']}".encode())],
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 403


def test_answers_are_kept_by_nobody_and_framed_nowhere() -> None:
    rule = access_table().find("POST", "/v1/triage")
    assert rule is not None
    headers = asyncio.run(ask(application(), rule, None)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["referrer-policy"] == "no-referrer"


def test_a_route_s_own_headers_stay() -> None:
    for path, cache in (("/v1/catalogue", "no-cache"), ("/", "no-cache")):
        rule = access_table().find("GET", path)
        assert rule is not None
        response = asyncio.run(ask(application(), rule, None))
        assert response.headers.get_list("cache-control") == [cache]
        assert len(response.headers.get_list("content-security-policy")) == 1


def test_a_refusal_is_told_to_the_hook(secrets: tuple[Path, dict[str, str]]) -> None:
    path, made = secrets
    denials: list[Denial] = []
    app = create_app(Fixed(ENGINE), keys=KeyRing(path), on_denied=denials.append)
    rule = access_table().find("POST", "/v1/requests/a-1/reveal")
    assert rule is not None
    asyncio.run(ask(app, rule, made["analyst"]))
    [denial] = denials
    analyst = Actor("analyst", frozenset({"analyst"}))
    assert denial == Denial(analyst, "POST", "/v1/requests/{id}/reveal", "forbidden")


def test_wrong_query_codes_lock_the_address_out() -> None:
    async def guess() -> list[httpx.Response]:
        app = application(limits=Limits(query_failures=3, query_window_seconds=60))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return [await client.get(f"/v1/public/{number}") for number in range(5)]

    answers = asyncio.run(guess())
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429, 429]
    assert answers[-1].json()["code"] == "locked_out"
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60


def test_a_key_s_own_rate_comes_before_the_service_s(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    slow = create_key(path, "slow", now=datetime.now(UTC), rate=1.0)
    fast = create_key(path, "fast", now=datetime.now(UTC))
    rule = access_table().find("GET", "/v1/catalogue")
    assert rule is not None

    async def twice() -> list[list[int]]:
        app = application(KeyRing(path), limits=Limits(rate_per_second=100))
        return [
            [(await ask(app, rule, secret)).status_code for _ in range(2)]
            for secret in (slow, fast)
        ]

    assert asyncio.run(twice()) == [[200, 429], [200, 200]]


def test_the_access_log_says_who_and_holds_no_query_code(
    caplog: pytest.LogCaptureFixture, secrets: tuple[Path, dict[str, str]]
) -> None:
    path, made = secrets
    rule = access_table().find("GET", "/v1/public/x")
    assert rule is not None
    with caplog.at_level(logging.INFO, "serving.access"):
        asyncio.run(ask(application(KeyRing(path)), rule, made["agent"]))
    [line] = [one.getMessage() for one in caplog.records if one.name == "serving.access"]
    # ask() puts "query_code" for the code itself.
    assert re.fullmatch(r"127\.0\.0\.1 agent GET /v1/public/\{query_code\} 404 [\d.]+ ms", line)


DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"
BEGIN, END = "<!-- access -->\n", "<!-- /access -->"


def shown_table() -> str:
    """Return the access table as docs/api.md shows it."""
    names = [*(f"{zh} `{code}`" for code, zh in ROLES.items()), "公众"]
    lines = [f"| 接口 | {' | '.join(names)} | 说明 |", "|---" * (len(names) + 2) + "|"]
    for rule in access_table().rules:
        marks = ("✓" if role in rule.roles else "" for role in (*ROLES, PUBLIC))
        lines.append(f"| `{rule.method} {rule.path}` | {' | '.join(marks)} | {rule.note} |")
    return "\n".join(lines) + "\n"


def test_the_document_shows_the_table() -> None:
    text = DOCUMENT.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    shown, _, after = rest.partition(END)
    if os.environ.get("UPDATE_DOCUMENTS"):
        DOCUMENT.write_text(before + BEGIN + shown_table() + END + after, "utf-8")
        shown = shown_table()
    assert shown == shown_table(), (
        "run: UPDATE_DOCUMENTS=1 pytest tests/integration/test_serve_access.py"
    )
