# ruff: noqa: D400  (docstrings are the document's descriptions: Chinese, with a Chinese full stop)
"""The wire format of an explanation in pydantic, for the OpenAPI document and its tests.

`Explanation.to_json` writes it; nothing is validated with these on the way.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from serving.schemas import Confidence, VersionsDocument
from serving.schemas_similar import NearestClosedDocument

Offset = Annotated[int, Field(ge=0, description="按字符计")]


class ExcerptDocument(BaseModel):
    """一段文字。start、end 按脱敏后的文本，original_start、original_end 按来文原文。"""

    field: Literal["title", "text"]
    start: Offset
    end: Offset
    original_start: Offset
    original_end: Offset
    text: str


class GroundsDocument(ExcerptDocument):
    """支撑判断的一段。drop 是单独去掉它之后把握下降多少；规则的依据没有这个数。"""

    source: Literal["model", "rule", "catalogue"]
    drop: float | None


class RuleDocument(BaseModel):
    """给出判断的规则：编号与它自己写明的理由。"""

    id: str
    reason: str


class DecidedDocument(BaseModel):
    """一个判断与它的依据。confidence_without 是去掉全部依据之后对同一结论的把握。"""

    step: Literal[
        "acceptance", "risk_flags", "topic", "units", "request_type", "urgency", "support", "flags"
    ]
    code: str
    name: str
    confidence: Confidence
    confidence_without: Confidence | None
    spans: list[GroundsDocument]
    rules: list[RuleDocument] = Field(description="给出这个判断的规则；不是规则给出的为空列表")
    matter: int | None = Field(
        ge=0, description="判断来自 matters 里的第几件（从 0 起）；来自整件诉求时为 null"
    )


class ChangeDocument(BaseModel):
    """改动前后的一个判断，以代码表示；空列表为“无”。"""

    step: Literal["acceptance", "topic", "units", "support", "request_type", "urgency"]
    before: list[str]
    after: list[str]


class CounterfactualDocument(BaseModel):
    """换一种说法会怎样：改动后的文本重新跑过一遍，changes 就是那一遍的结果。"""

    kind: Literal["insert", "replace", "remove"]
    sentence: str
    removed: list[ExcerptDocument]
    inserted: str
    changes: list[ChangeDocument]


class QuestionDocument(BaseModel):
    """值得问的一句。value 是得到回答后判断正确的概率预计提高多少。"""

    element: Literal["place", "time", "object", "demand", "fact"]
    text: str
    value: float = Field(ge=0)


class ExplanationResult(BaseModel):
    """一条诉求为什么这样判；每个键总是存在。"""

    id: str
    decisions: list[DecidedDocument]
    counterfactuals: list[CounterfactualDocument]
    questions: list[QuestionDocument] = Field(max_length=2)
    duty: Any = Field(description="所依据的权责条目；没有时为 null")
    precedents: list[NearestClosedDocument] = Field(
        max_length=5, description="文字最相近的已办结工单怎样办的；没有索引或无权看工单时为空"
    )
    versions: VersionsDocument
    title: str | None = Field(default=None, description="脱敏后的标题；仅当 with_text=true")
    text: str | None = Field(default=None, description="脱敏后的文本；仅当 with_text=true")
