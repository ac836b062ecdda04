# ruff: noqa: D400  (docstrings are the document's descriptions: Chinese, with a Chinese full stop)
"""The wire format of reports in pydantic, for the OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field


class EstimateDocument(BaseModel):
    """一个数与它的 95 % 区间。"""

    value: float
    low: float
    high: float


class RateDocument(BaseModel):
    """一个率；样本不足时只有 n。"""

    n: int
    note: str | None
    rate: EstimateDocument | None
    shrunken: float | None
    prior_strength: float | None
    adjusted: EstimateDocument | None


class SpanDocument(BaseModel):
    """一个时长或次数；样本不足时只有 n，平均数只有派单次数才有。"""

    n: int
    note: str | None
    median: EstimateDocument | None
    p90: EstimateDocument | None
    mean: EstimateDocument | None


class ScorecardDocument(BaseModel):
    """一个单位、层级、区域或月份。"""

    code: str
    name: str
    level: str
    orders: int
    excluded: dict[str, int]
    rates: dict[str, RateDocument]
    spans: dict[str, SpanDocument]


class ScorecardsDocument(BaseModel):
    """各组的办理情况，按代码排列，不排名。"""

    from_: Annotated[str, Field(alias="from")]
    to: str
    by: Literal["unit", "level", "region", "month"]
    least: int
    cards: list[ScorecardDocument]


class OpenMonthsDocument(BaseModel):
    """已公布的月份。"""

    months: list[str]
