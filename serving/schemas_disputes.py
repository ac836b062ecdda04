# ruff: noqa: D400  (docstrings are the document's descriptions: Chinese, with a Chinese full stop)
"""The wire format of disputes and routing rules in pydantic: what is sent is checked by these."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from serving.schemas_orders import Code, Strict
from serving.schemas_similar import NearestClosedDocument

Basis = Annotated[str, Field(min_length=2, max_length=10_000)]
Keyword = Annotated[str, Field(min_length=1, max_length=64)]


class ScopeDocument(Strict):
    """规则的适用范围；不写的部分不限，至少写一项。"""

    topic: Code | None = Field(default=None, description="主题代码，或前缀加 *，如 HJ*")
    region: Code | None = Field(default=None, description="区域代码")
    keywords: list[Keyword] | None = Field(
        default=None, max_length=10, description="正文或对象中都要出现；同义词用 | 隔开"
    )


class RulingRule(Strict):
    """裁定成为规则：适用范围与有效期。"""

    scope: ScopeDocument
    expires_on: date = Field(description="有效的最后一天")


class RulingRequest(Strict):
    """裁定：派给谁，依据什么。"""

    unit: Code
    basis: Basis
    support: list[Code] | None = Field(default=None, max_length=10)
    designate: bool = Field(default=False, description="满三次派单仍无承办单位时指定承办，不得再退")
    rule: RulingRule | None = None
    version: int | None = Field(default=None, ge=1)


class OpinionRequest(Strict):
    """会商意见：单位认为该不该由自己办，依据什么。"""

    unit: Code
    stand: Code = Field(description="OURS 应由本单位办，NOT_OURS 不应由本单位办，JOINT 应共同办")
    basis: Basis
    version: int | None = Field(default=None, ge=1)


class RuleRequest(Strict):
    """一条裁定规则。"""

    unit: Code
    support: list[Code] | None = Field(default=None, max_length=10)
    scope: ScopeDocument
    basis: Basis
    expires_on: date


class UnitDocument(BaseModel):
    """单位的代码与名称。"""

    code: str
    name: str


class RulingDocument(BaseModel):
    """已作出的裁定。"""

    kind: Literal["adjudicate", "designate"]
    unit: UnitDocument
    support: list[UnitDocument]
    basis: str
    by: str
    at: str
    becomes_rule: str | None


class CaseDocument(BaseModel):
    """一件派单异议；裁定之前由首接单位牵头，时钟不停。"""

    order_id: str
    number: int
    state: Literal["open", "expired", "ruled"] = Field(description="expired：逾期仍未裁定")
    opened_at: str
    opened_by: str
    ruling_due: str
    topic: str
    region: str
    object: str
    parties: list[UnitDocument]
    interim_lead: UnitDocument | None
    due_at: str
    order_state: str
    version: int
    ruling: RulingDocument | None


class RejectionDocument(BaseModel):
    """一次退单。"""

    unit: UnitDocument
    reason: str
    basis: str
    at: str


class CandidateDocument(UnitDocument):
    """可以裁定给它的单位；by_duty 是派单目录的说法：lead、support、excluded 或空。"""

    confidence: float | None
    by_duty: str
    rejections: list[RejectionDocument]


class OpinionDocument(BaseModel):
    """一个单位的会商意见。"""

    unit: UnitDocument
    stand: Literal["OURS", "NOT_OURS", "JOINT"]
    basis: str
    by: str
    at: str


class PrecedentDocument(BaseModel):
    """同一主题的先例，最相近的在前。"""

    order_id: str
    publisher: str
    unit: UnitDocument
    basis: str
    ruled_at: str
    region: str
    object: str
    points: float
    reasons: list[str]


class DisputeDocument(CaseDocument):
    """一件派单异议及裁定所需的依据。"""

    title: str
    text: str
    candidates: list[CandidateDocument]
    duty: dict[str, Any] | None
    rejections: list[RejectionDocument]
    opinions: list[OpinionDocument]
    precedents: list[PrecedentDocument]
    nearest_closed: list[NearestClosedDocument] = Field(
        max_length=5, description="文字最相近的已办结工单怎样办的，不限主题；没有索引时为空"
    )
    rule_conflicts: list[str]


class DisputesDocument(BaseModel):
    """一页异议，先到期的在前。"""

    items: list[CaseDocument]
    next_cursor: str | None


class RuleDocument(BaseModel):
    """一条裁定规则。"""

    id: str
    unit: str
    support: list[str]
    scope: dict[str, Any]
    basis: str
    expires_on: str
    made_at: str
    made_by: str
    order_id: str
    publisher: str
    pack_rule: str
    ended_at: str | None
    ended_by: str


class RulesDocument(BaseModel):
    """裁定规则，新的在前。"""

    rules: list[RuleDocument]


class MadeRuleDocument(BaseModel):
    """新规则，以及与它同样具体、结论不同的现行规则。"""

    rule: RuleDocument
    conflicts: list[str]
