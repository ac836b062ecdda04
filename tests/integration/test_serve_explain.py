"""POST /v1/explain over HTTP: the same request, gate and problems as /v1/triage."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from serving.app import create_app
from serving.debug import DebugLists, DebugPipeline
from serving.engine import Engine, Fixed
from serving.schemas_explain import ExplanationResult
from serving.settings import Limits
from triage.explain import ExplainingPipeline, Explanation
from triage.request import CitizenRequest, Versions

ENGINE = DebugPipeline(Versions("m", "c", "r"), DebugLists())
GOOD = {"id": "a-1", "text": "电话13800138000，楼下油烟很大，家里有老人"}


def answered(
    engine: Engine | None,
    body: object = None,
    *,
    url: str = "/v1/explain",
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> httpx.Response:
    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(Fixed(engine), limits=limits))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            return await http.post(url, json=body, content=content, headers=headers)

    return asyncio.run(once())


@pytest.fixture(scope="module")
def engine(tiny_model: Path) -> ExplainingPipeline:
    return ExplainingPipeline.from_model(tiny_model)


def test_the_answer_keeps_the_contract(engine: ExplainingPipeline) -> None:
    response = answered(engine, GOOD)
    assert response.status_code == 200
    wanted = [name for name in ExplanationResult.model_fields if name not in ("title", "text")]
    assert list(response.json()) == wanted
    ExplanationResult.model_validate(response.json())
    topic = next(item for item in response.json()["decisions"] if item["step"] == "topic")
    span = topic["spans"][0]
    assert GOOD["text"][span["original_start"] : span["original_end"]] == "油烟"


def test_the_masked_text_comes_only_when_asked_for(engine: ExplainingPipeline) -> None:
    assert "text" not in answered(engine, GOOD).json()
    document = answered(engine, GOOD, url="/v1/explain?with_text=1").json()
    assert document["text"] == "电话<手机号1>，楼下油烟很大，家里有老人"
    assert document["title"] == ""


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "json_invalid"),
        (b"[]", 422, "not_an_object"),
        (b'{"id": "1"}', 422, "field_missing"),
        (b'{"id": "1", "text": " "}', 422, "field_blank"),
    ],
)
def test_a_wrong_request_is_a_problem(content: bytes, status: int, code: str) -> None:
    headers = {"content-type": "application/json"}
    response = answered(ENGINE, content=content, headers=headers)
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_the_same_limits_hold() -> None:
    response = answered(ENGINE, GOOD, limits=Limits(body_bytes=10))
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
    assert answered(None, GOOD).json()["code"] == "not_ready"


def test_it_is_never_worked_on_in_the_event_loop() -> None:
    threads: list[str] = []

    class Noting(DebugPipeline):
        def explain(self, request: CitizenRequest) -> Explanation:
            threads.append(threading.current_thread().name)
            return super().explain(request)

    answered(Noting(ENGINE.versions, ENGINE.catalogue), GOOD)
    assert threads == ["triage_0"]
