"""The service against its own OpenAPI document, and against bodies that no document describes."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance

from serving.app import create_app
from serving.debug import DebugLists, DebugPipeline
from serving.engine import Fixed
from serving.problems import PROBLEMS
from triage.intake.reasons import REASONS
from triage.request import Versions

pytestmark = pytest.mark.slow

# No schema says "not blank" or "not in the future" as the reader does, so a body that fits the
# schema may still be refused with 422; everything else that schemathesis checks is checked.
EXCLUDED: list[Any] = [positive_data_acceptance]
KNOWN_CODES = {*PROBLEMS, *REASONS}

app = create_app(Fixed(DebugPipeline(Versions("m", "c", "r"), DebugLists())))
schema = schemathesis.openapi.from_asgi("/openapi.json", app)
quick = settings(
    max_examples=10, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
deep = settings(quick, max_examples=400)


@schema.parametrize()
@quick
def test_the_service_keeps_to_its_document(case: Case[Any]) -> None:
    case.call_and_validate(excluded_checks=EXCLUDED)


@pytest.mark.slow
@schema.parametrize()
@deep
def test_the_service_keeps_to_its_document_for_long(case: Case[Any]) -> None:
    case.call_and_validate(excluded_checks=EXCLUDED)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
requests = st.fixed_dictionaries(
    {},
    optional={
        name: json_values
        for name in ("id", "text", "title", "received_at", "district", "township", "channel")
    },
)
bodies = st.binary(max_size=200) | (
    json_values | requests | st.fixed_dictionaries({"requests": json_values | st.lists(requests)})
).map(lambda value: json.dumps(value).encode())
paths = st.sampled_from(["/v1/triage", "/v1/triage:batch"])
queries = st.sampled_from(["", "?with_text=true", "?with_text=%00", "?with_text", "?%"])


@given(bodies, paths, queries)
@settings(quick, max_examples=30)
def test_any_body_gets_a_decision_or_a_documented_problem(
    body: bytes, path: str, query: str
) -> None:
    check_any_body(body, path, query)


@pytest.mark.slow
@given(bodies, paths, queries)
@settings(deep, max_examples=2000)
def test_any_body_gets_a_decision_or_a_documented_problem_for_long(
    body: bytes, path: str, query: str
) -> None:
    check_any_body(body, path, query)


def check_any_body(body: bytes, path: str, query: str) -> None:
    response = asyncio.run(post(path + query, body))
    if response.status_code == 200:
        assert response.json()
        return
    assert response.status_code in (400, 422)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] in KNOWN_CODES


async def post(url: str, body: bytes) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    headers = {"content-type": "application/json"}
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post(url, content=body, headers=headers)
