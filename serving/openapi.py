"""The OpenAPI 3.1 document: FastAPI's own, with problem documents and the key scheme added.

`serving/openapi.json` is its checked-in copy; `triage serve --openapi` prints it.
"""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from serving.schemas import ProblemDocument

DESCRIPTION = "12345 诉求分诊：一条诉求进，一份有依据、有把握程度的判断出。不保存任何内容。"


def document_of(app: FastAPI) -> dict[str, Any]:
    """Return the document of an application."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas.update(schema.pop("$defs", {}))
    schemas["ProblemDocument"] = schema
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{}, {"key": []}]
    return document


def printed(document: dict[str, Any]) -> str:
    """Return the document as it is checked in."""
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
