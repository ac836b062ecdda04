# ruff: noqa: D400  (docstrings are the document's descriptions: Chinese, with a Chinese full stop)
"""The wire format of trends in pydantic, for the OpenAPI document."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


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


class TestedModelDocument(BaseModel):
    """一个候选模型在回测里的绝对误差，相对季节朴素法。"""

    name: str
    relative: float
    is_chosen: bool


class BacktestDocument(BaseModel):
    """一个日序列的回测：每周一个起点，候选各差多少，选了谁。"""

    series: dict[str, str]
    model: str
    origins: int
    relative: float | None = Field(description="选定者的误差，相对季节朴素法；没有起点时为空")
    chosen_at: str
    candidates: list[TestedModelDocument]


class AreaForecastDocument(BaseModel):
    """一个区县的预测。"""

    area: str
    model: str
    steps: list[StepDocument]
    history: list[CountDocument]


class AreasDocument(BaseModel):
    """一个主题在各区县的预测，预计多的在前。"""

    topic: str
    known_until: str
    levels: list[float]
    items: list[AreaForecastDocument]
