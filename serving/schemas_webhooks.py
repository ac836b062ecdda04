# ruff: noqa: D400  (docstrings are the document's descriptions: Chinese, with a Chinese full stop)
"""The wire format of webhooks in pydantic."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from serving.schemas_orders import Code, Strict

Url = Annotated[str, Field(min_length=8, max_length=2_000, description="http:// 或 https:// 开头")]
Kinds = Annotated[list[Code], Field(max_length=40, description="订阅的事件；空为全部")]
StateName = Literal["RETRYING", "DEAD", "QUEUED", "DELIVERED"]


class WebhookRequest(Strict):
    """登记一个接收方。"""

    url: Url
    events: Kinds = Field(default_factory=list)


class WebhookChange(Strict):
    """改一个接收方；写全。停用期间的事件在重新启用后补发。"""

    url: Url
    events: Kinds
    active: bool


class WebhookDocument(BaseModel):
    """一个接收方；签名密钥不再显示。"""

    id: str
    url: str
    events: list[str]
    active: bool
    created_by: str
    created_at: str


class NewWebhook(WebhookDocument):
    """刚登记的接收方；签名密钥只显示这一次。"""

    secret: str


class WebhooksDocument(BaseModel):
    """全部接收方。"""

    webhooks: list[WebhookDocument]


class DeliveryDocument(BaseModel):
    """没有一次送达的一个事件。"""

    id: str
    seq: int
    state: StateName
    attempts: int
    created_at: str
    next_at: str
    status: int | None = Field(description="最近一次答复的 HTTP 状态；没有答复为 null")
    error: str


class DeliveriesDocument(BaseModel):
    """没有一次送达的事件，先后有序。"""

    deliveries: list[DeliveryDocument]


class TestDocument(BaseModel):
    """一次试发的结果。"""

    delivered: bool
    status: int | None
    error: str
