from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from fastapi import FastAPI

from serving.app import create_app
from serving.debug import DebugLists, DebugPipeline
from serving.engine import Engine, Fixed
from serving.keyring import KeyRing
from serving.keys import create_key
from serving.settings import Limits
from triage.errors import InvalidRequest
from triage.request import CitizenRequest, Prediction, Versions

Result = TypeVar("Result")
ENGINE = DebugPipeline(Versions("m", "c", "r"), DebugLists())
GOOD = {"id": "a-1", "text": "楼下烧烤店油烟直接往家里飘，打了好几次电话没人管。"}


def application(
    engine: Engine | None = ENGINE,
    *,
    limits: Limits | None = None,
    keys: KeyRing | None = None,
    noop_route: bool = False,
) -> FastAPI:
    return create_app(Fixed(engine), limits=limits, keys=keys, noop_route=noop_route)


def run(work: Coroutine[None, None, Result]) -> Result:
    return asyncio.run(work)


def client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


def send(
    method: str,
    path: str,
    app: FastAPI | None = None,
    *,
    body: object = None,
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    async def once() -> httpx.Response:
        async with client(app or application()) as http:
            return await http.request(method, path, json=body, content=content, headers=headers)

    return run(once())


def problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert list(document) == ["type", "title", "status", "code", "detail", "errors"]
    assert document["status"] == response.status_code
    assert any("\u4e00" <= letter <= "\u9fff" for letter in document["detail"])
    return response.status_code, document["code"]


def test_without_a_model_nothing_is_ready() -> None:
    app = application(None)
    for method, path in (("GET", "/readyz"), ("GET", "/v1/catalogue"), ("POST", "/v1/triage")):
        response = send(method, path, app, body=GOOD)
        assert problem(response) == (503, "not_ready")
        assert response.headers["retry-after"] == "1"
    assert send("GET", "/healthz", app).status_code == 200


def test_beyond_the_requests_in_flight_the_rest_is_refused_at_once() -> None:
    async def together() -> list[httpx.Response]:
        async with client(application(limits=Limits(in_flight=3))) as http:
            return await asyncio.gather(*(http.post("/v1/triage", json=GOOD) for _ in range(8)))

    responses = run(together())
    assert sorted(response.status_code for response in responses) == [200] * 3 + [503] * 5
    refused = next(response for response in responses if response.status_code == 503)
    assert problem(refused) == (503, "overloaded")
    assert refused.headers["retry-after"] == "1"


def test_batches_beyond_the_room_for_them_are_refused() -> None:
    release = threading.Event()

    class Waiting(DebugPipeline):
        def triage(self, requests: Sequence[CitizenRequest]) -> list[Prediction]:
            release.wait(5)
            return super().triage(requests)

    async def together() -> list[int]:
        engine = Waiting(ENGINE.versions, ENGINE.catalogue)
        async with client(application(engine, limits=Limits(batches=2))) as http:
            document = {"requests": [GOOD]}
            posts = [
                asyncio.create_task(http.post("/v1/triage:batch", json=document)) for _ in range(5)
            ]
            while sum(task.done() for task in posts) < 3:
                await asyncio.sleep(0.001)
            release.set()
            return [response.status_code for response in await asyncio.gather(*posts)]

    assert sorted(run(together())) == [200, 200, 503, 503, 503]


def test_a_caller_beyond_the_rate_is_told_when_to_come_again() -> None:
    app = application(limits=Limits(rate_per_second=2))
    codes = [send("POST", "/v1/triage", app, body=GOOD).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    response = send("POST", "/v1/triage", app, body=GOOD)
    assert problem(response) == (429, "rate_limited")
    assert response.headers["retry-after"] == "1"
    assert send("GET", "/healthz", app).status_code == 200


def test_keys_guard_everything_but_health(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    secret = create_key(path, "a", now=datetime.now(UTC))
    app = application(keys=KeyRing(path))
    for method, where in (("POST", "/v1/triage"), ("GET", "/metrics"), ("GET", "/openapi.json")):
        response = send(method, where, app, body=GOOD)
        assert problem(response) == (401, "key_missing")
        assert response.headers["www-authenticate"].startswith("Bearer")
    headers = {"authorization": f"Bearer {secret}x"}
    assert problem(send("GET", "/metrics", app, headers=headers)) == (401, "key_invalid")
    headers = {"authorization": f"Bearer {secret}"}
    assert send("POST", "/v1/triage", app, body=GOOD, headers=headers).status_code == 200
    assert send("GET", "/healthz", app).status_code == 200
    assert send("GET", "/readyz", app).status_code == 200


def test_a_refusal_of_the_engine_is_the_caller_s_error() -> None:
    class Refusing(DebugPipeline):
        def triage(self, requests: Sequence[CitizenRequest]) -> list[Prediction]:
            raise InvalidRequest("unknown_code", "区县不认识；请核对", field="district")

    engine = Refusing(ENGINE.versions, ENGINE.catalogue)
    response = send("POST", "/v1/triage", application(engine), body=GOOD)
    assert problem(response) == (422, "unknown_code")


def test_a_failure_inside_is_a_problem_whose_log_quotes_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(DebugPipeline):
        def triage(self, requests: Sequence[CitizenRequest]) -> list[Prediction]:
            raise RuntimeError(requests[0].text)

    app = application(Broken(ENGINE.versions, ENGINE.catalogue))
    response = send("POST", "/v1/triage", app, body=GOOD)
    assert problem(response) == (500, "internal_error")
    assert "unexpected RuntimeError at" in caplog.text
    assert "油烟" not in caplog.text
