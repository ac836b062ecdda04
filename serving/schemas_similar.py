# ruff: noqa: D400  (docstrings are the document's descriptions: Chinese, with a Chinese full stop)
"""Similar orders in pydantic, for the OpenAPI document and its tests."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

Span = Annotated[list[int], Field(min_length=2, max_length=2)]


class GroundDocument(BaseModel):
    """一条依据。位置是脱敏后“标题+换行+正文”里的字符 [起, 止)，无关文字的依据为 null。"""

    kind: str = Field(description="依据的种类，代码稳定")
    text: str = Field(description="给人看的一句话")
    query_span: Span | None
    candidate_span: Span | None


class SimilarDocument(BaseModel):
    """一件可能是同一事件的工单；只有调用者有权看的才会出现，办结的、已并单的也在内。"""

    id: str
    label: Literal["SAME_EVENT", "RELATED", "UNRELATED"]
    relation: Literal["REPEAT", "OTHERS", "SAME_EVENT", "ELSEWHERE", "RELATED", "UNRELATED"] = (
        Field(
            description="与所问的诉求是什么关系：同一诉求人又说、他人说同一件事、同一件事（不知是谁）、"
            "别处的同样问题、有关、无关"
        )
    )
    probability: float = Field(ge=0, le=1, description="是同一事件的概率，校准过")
    evidence: list[GroundDocument] = Field(description="为什么是")
    contradictions: list[GroundDocument] = Field(description="什么与之相反")
    title: str = Field(description="脱敏后的标题")
    text: str = Field(max_length=200, description="脱敏后的正文，前 200 个字")
    received_at: str
    state: str
    district: str
    township: str
    topic: str
    lead: str = Field(description="主办条线，未派为空")
    merged_into: str = Field(description="已并入的工单，没有为空")


class SimilarResult(BaseModel):
    """与一条诉求相似的工单，最可能是同一事件的在前。"""

    id: str
    similar: list[SimilarDocument] = Field(max_length=10)


class LastRulingDocument(BaseModel):
    """最后一次裁定。"""

    unit: str
    basis: str
    at: str


class NearestClosedDocument(BaseModel):
    """一件已办结的工单最后怎样办的；举报件、答复待核的和调用者无权看的不在内。"""

    order_id: str
    cosine: float = Field(ge=-1, le=1.01, description="文字的余弦相似度；只凭罕见字词找到的为 0")
    title: str = Field(description="脱敏后的标题")
    text: str = Field(max_length=200, description="脱敏后的正文，前 200 个字")
    topic: str
    district: str
    lead: str = Field(description="最后主办的条线")
    support: list[str]
    ruling: LastRulingDocument | None
    reply: str = Field(description="脱敏后的答复")
    outcome: str = Field(description="回访结果")
    closed_at: str | None
