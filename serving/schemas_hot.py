# ruff: noqa: D400  (docstrings are the document's descriptions: Chinese, with a Chinese full stop)
"""The wire format of hot topics in pydantic, for the OpenAPI document."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel


class HeatPartDocument(BaseModel):
    """热度的一部分：分值与理由。"""

    name: Literal["volume", "growth", "requesters", "districts", "urgency", "likes"]
    points: float
    reason: str


class DistrictCountDocument(BaseModel):
    """一个区县的件数。"""

    code: str
    count: int


class DayCountDocument(BaseModel):
    """一天（上海时间）的件数。"""

    day: str
    count: int


class RepresentativeDocument(BaseModel):
    """一件有代表性的诉求；举报不在其中。"""

    id: str
    title: str


class HotTopicDocument(BaseModel):
    """一个事件，或一类事；before 与 growth 在此前没有记录时为空。"""

    id: str
    level: Literal["event", "problem"]
    title: str
    heat: float
    parts: list[HeatPartDocument]
    count: int
    before: float | None
    growth: float | None
    requesters: int
    urgency: int
    likes: int
    topic: str | None
    first: str | None
    last: str | None
    places: list[str]
    objects: list[str]
    terms: list[str]
    districts: list[DistrictCountDocument]
    representatives: list[RepresentativeDocument]
    trend: list[DayCountDocument]


class HotTopicsDocument(BaseModel):
    """一段时间的热点，按热度排列。"""

    since: str
    until: str
    level: Literal["events", "problems"]
    region: str | None
    heat_version: str
    topics: list[HotTopicDocument]
