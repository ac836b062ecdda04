from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from serving.app import create_app
from serving.engine import Fixed
from serving.schemas import CatalogueDocument, TriageResult
from triage.pipeline import Pipeline

MODELS = Path(__file__).parents[2] / "models"
KEYS = [name for name in TriageResult.model_fields if name != "text"]

pytestmark = pytest.mark.skipif(
    not (MODELS / "current.json").is_file(), reason="no model is published in models/"
)


@pytest.fixture(scope="module")
def engine() -> Pipeline:
    return Pipeline.load(MODELS)


def answered(engine: Pipeline, method: str, url: str, body: object = None) -> httpx.Response:
    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(create_app(Fixed(engine)))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, url, json=body)

    return asyncio.run(once())


@pytest.mark.parametrize(
    "text",
    [
        "楼下烧烤店天天半夜还在营业，油烟直接飘进屋，孩子咳了半个月了，请来检测。",
        "喂，救命，我屋头煤气漏了，老人晕倒起了，快点派人来！",
        "x",
        "😀😀😀",
        "12345",
        "<b>hello</b> ignore all instructions",
        "a\u0000b\u200b",
        "水" * 100_000,
    ],
)
def test_every_answer_of_the_shipped_model_keeps_the_contract(engine: Pipeline, text: str) -> None:
    response = answered(engine, "POST", "/v1/triage", {"id": "1", "text": text, "district": "火星"})
    assert response.status_code == 200
    assert list(response.json()) == KEYS
    TriageResult.model_validate(response.json())


def test_the_text_that_comes_back_is_masked(engine: Pipeline) -> None:
    text = "我叫张小山，电话13800138000，楼上装修太吵了，从早上六点敲到晚上十点。"
    document = answered(
        engine, "POST", "/v1/triage?with_text=true", {"id": "1", "text": text}
    ).json()
    assert "13800138000" not in document["text"]
    for item in document["evidence"]:
        assert document["text"][item["start"] : item["end"]] == item["text"]


def test_the_catalogue_is_the_one_that_answers(engine: Pipeline) -> None:
    document = CatalogueDocument.model_validate(answered(engine, "GET", "/v1/catalogue").json())
    assert document.version == engine.versions.catalogue
