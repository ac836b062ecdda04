from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from serving.documented import documented_app
from serving.openapi import printed
from serving.problems import PROBLEMS, Problem
from triage.intake.reasons import REASONS

REGENERATE = (
    "serving/openapi.json is stale; write it anew with: python -c 'from serving.documented import "
    "documented_app; from serving.openapi import printed; "
    'print(printed(documented_app().openapi()), end="")\' > serving/openapi.json'
)
DOCS = Path(__file__).parents[2] / "docs" / "api.md"


@cache
def document() -> dict[str, Any]:
    return documented_app().openapi()


def test_the_checked_in_document_is_the_service_s_own() -> None:
    checked_in = files("serving").joinpath("openapi.json").read_text("utf-8")
    assert checked_in == printed(document()), REGENERATE


def test_every_route_is_described_and_the_yardstick_is_not() -> None:
    paths = set(document()["paths"])
    assert {"/v1/triage", "/v1/requests", "/v1/queue", "/v1/public/{query_code}"} <= paths
    assert "/noop" not in paths
    assert document()["openapi"].startswith("3.1")


def test_every_reference_has_its_schema() -> None:
    text = json.dumps(document())
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(document()["components"]["schemas"])


def test_every_code_is_in_the_documentation() -> None:
    text = DOCS.read_text("utf-8")
    codes = [*PROBLEMS, *REASONS]
    assert [code for code in codes if f"`{code}`" not in text] == []


def test_a_problem_has_every_member() -> None:
    problem = Problem("json_invalid", "请发送 JSON")
    assert json.loads(problem.body()) == {
        "type": "urn:citizen-triage:problem:json_invalid",
        "title": "请求体不是有效的 JSON",
        "status": 400,
        "code": "json_invalid",
        "detail": "请发送 JSON",
        "errors": [],
    }
