# ruff: noqa: D400  (docstrings are the document's descriptions: Chinese, with a Chinese full stop)
"""The wire format of trends in pydantic, for the OpenAPI document."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class StepDocument(BaseModel):
    """一步的预测；区间的两端叫 lo-80、hi-80 等。"""

    model_config = ConfigDict(extra="allow")
    date: str
    mean: float
    median: float


class CountDocument(BaseModel):
    """一天实际的诉求量。"""

    date: str
    requests: int


class ForecastDocument(BaseModel):
    """一个序列的预测，和它之前的实际数。"""

    grain: Literal["daily", "hourly"]
    series: dict[str, str]
    known_until: str
    made_at: str
    levels: list[float]
    model: str
    notes: list[str]
    steps: list[StepDocument]
    history: list[CountDocument]
