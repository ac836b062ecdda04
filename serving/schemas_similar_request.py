# ruff: noqa: D400  (docstrings are the document's descriptions: Chinese, with a Chinese full stop)
"""What POST /v1/similar takes, in pydantic, for the OpenAPI document."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from serving.schemas import TriageRequest


class SimilarRequester(BaseModel):
    """谁在反映：只用来认出同一诉求人，不保存。"""

    name: Annotated[str, Field(max_length=64)] | None = None
    phone: Annotated[str, Field(max_length=32)] | None = None
    address: Annotated[str, Field(max_length=200)] | None = None


class SimilarRequest(TriageRequest):
    """一条诉求，可以带上诉求人。合同以外的字段会被忽略。"""

    requester: SimilarRequester | None = None
