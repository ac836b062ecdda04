"""The OpenAPI 3.1 document: FastAPI's own, with problem documents and who may use what added.

`serving/openapi.json` is its checked-in copy; `triage serve --openapi` prints it.
"""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from serving.access import access_table
from serving.schemas import ProblemDocument, problem_responses
from serving.schemas_orders import IntakeRequest

DESCRIPTION = "12345 诉求分诊与工单：一条诉求进，一份有依据、有把握程度的判断出；登记的跟到办结。"


def document_of(app: FastAPI) -> dict[str, Any]:
    """Return the document of an application."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for model in (ProblemDocument, IntakeRequest):  # named by hand, so FastAPI does not know them
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{}, {"key": []}]
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            _say_who(operation, method.upper(), path)
    return document


def _say_who(operation: dict[str, Any], method: str, path: str) -> None:
    """Add the roles of the access table as `x-roles`, and the refusal of everybody else."""
    rule = access_table().find(method, path)
    if rule is None:
        return
    operation["x-roles"] = sorted(rule.roles)
    if not rule.is_public:
        refused = {str(status): said for status, said in problem_responses(403).items()}
        operation["responses"] = {**refused, **operation["responses"]}


def printed(document: dict[str, Any]) -> str:
    """Return the document as it is checked in."""
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
