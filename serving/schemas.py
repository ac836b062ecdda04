# ruff: noqa: D400  (docstrings are the document's descriptions: Chinese, with a Chinese full stop)
"""The wire format in pydantic, for the OpenAPI document and its tests.

Hot routes do not validate with these; the fuzz test holds what they read and write against them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.problems import MEDIA_TYPE, PROBLEMS
from serving.schemas_similar import SimilarDocument

Confidence = Annotated[float, Field(ge=0, le=1, description="校准后的概率")]


class TriageRequest(BaseModel):
    """一条诉求。合同以外的字段会被忽略。"""

    id: Annotated[str, Field(min_length=1, max_length=128)] | int = Field(
        description="来源系统的编号；整数按字符串返回", examples=["12345-2026-000001"]
    )
    text: str = Field(
        min_length=1,
        max_length=100_000,
        description="诉求内容，不能是空白",
        examples=["楼下烧烤店每天营业到凌晨三点，油烟直接往楼上飘，孩子咳了半个月了。"],
    )
    title: Annotated[str, Field(max_length=1000)] | None = None
    received_at: str | None = Field(
        default=None,
        description="ISO 8601；没有时区按北京时间；不得晚于现在一天以上",
        examples=["2026-03-01T09:30:00+08:00"],
    )
    district: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, examples=["渝中区"]
    )
    township: Annotated[str, Field(max_length=100)] | None = None
    channel: Annotated[str, Field(max_length=100)] | None = None
    source: Annotated[str, Field(max_length=100)] | None = None


class AcceptanceDocument(BaseModel):
    """受理判定。除 ACCEPT 与 EMERGENCY_HANDOFF 外都是建议，须由人确认。"""

    decision: Literal["ACCEPT", "EMERGENCY_HANDOFF", "STATUTORY_ROUTE", "OUT_OF_SCOPE", "MALICIOUS"]
    confidence: Confidence
    transfer_to: str | None
    route: str | None
    needs_confirmation: bool
    reasons: list[str]


class RankedDocument(BaseModel):
    """一个标签及其概率。"""

    code: str
    confidence: Confidence


class TopicDocument(BaseModel):
    """一个主题；模型用别的标签体系时，code 与 name 就是那个标签。"""

    code: str
    name: str
    l1: str | None
    board: str | None
    confidence: Confidence


class UrgencyDocument(BaseModel):
    """紧急程度：0 立即转警 … 4 低。"""

    level: Annotated[int, Field(ge=0, le=4)] | None
    confidence: Confidence
    reasons: list[str]


class BodyDocument(BaseModel):
    """某地、某日实际承办的机构。"""

    id: str
    name: str
    region: str
    as_of: str
    status: Literal["verified", "to_be_confirmed"]


class UnitDocument(BaseModel):
    """承办单位；code 是条线，body 是实际机构。"""

    code: str
    name: str
    role: str
    confidence: Confidence
    body: BodyDocument | None


class HolderDocument(BaseModel):
    """执法或许可权由哪个条线行使。"""

    code: str
    name: str | None


class DutyDocument(BaseModel):
    """派单目录里管这件事的条目：条款、依据、效力、权力在谁手里、谁不得主办。"""

    code: str
    clause: str
    basis: str
    status: Literal["verified", "to_be_confirmed"]
    effective_from: str | None
    effective_to: str | None
    level: Literal["STATE", "CITY", "DISTRICT", "TOWNSHIP"]
    power: Literal["ENFORCEMENT", "LICENSING"] | None
    holder: HolderDocument | None
    lead: str
    support: list[str]
    excluded: list[str]
    is_default: bool = Field(description="主题的默认条目，只是先验")
    decided: bool = Field(description="条目把主办从模型的首选移到了别处")
    note: str


class PlaceDocument(BaseModel):
    """区县或功能区。"""

    code: str
    name: str


class JurisdictionDocument(BaseModel):
    """属地：收到诉求那一天归哪里；在界线上时列出候选、先行承接的一方、是否联合踏勘。"""

    kind: Literal[
        "settled", "boundary", "ambiguous_township", "zone", "unknown_township", "unknown"
    ]
    as_of: str
    candidates: list[PlaceDocument]
    interim_lead: PlaceDocument | None
    joint_inspection: bool
    reasons: list[str]


class ElementsDocument(BaseModel):
    """要素，以及缺少的要素。"""

    place: str | None
    time: str | None
    object: str | None
    demand: str | None
    missing: list[str]


class SpanDocument(BaseModel):
    """文本中的一段，按字符计；start、end 按脱敏后的文本，original_ 按来文原文。"""

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    original_start: int = Field(ge=0)
    original_end: int = Field(ge=0)
    text: str


class EvidenceDocument(SpanDocument):
    """依据：文本中的一段，以及它有多重。"""

    step: str
    weight: float


class MatterDocument(BaseModel):
    """几件事中的一件，可独立派单；只有一件事的诉求没有这一项。"""

    topic: TopicDocument
    spans: list[SpanDocument]
    urgency: UrgencyDocument
    lead: UnitDocument | None
    support: list[RankedDocument]


class VersionsDocument(BaseModel):
    """作出判断的模型、代码表和规则。"""

    model: str
    catalogue: str
    rules: str


class TriageResult(BaseModel):
    """一条诉求的全部判断；每个键总是存在。"""

    id: str
    acceptance: AcceptanceDocument
    risk_flags: list[str]
    request_type: RankedDocument | None
    topics: list[TopicDocument] = Field(max_length=5)
    urgency: UrgencyDocument
    flags: list[RankedDocument]
    units: list[UnitDocument] = Field(max_length=5)
    support: list[RankedDocument]
    duty: DutyDocument | None
    accused: list[str] = Field(description="举报件点名的单位（条线代码）；已从建议里去掉")
    jurisdiction: JurisdictionDocument | None
    matters: list[MatterDocument] = Field(max_length=3, description="含几件事时的各件，否则为空")
    joint_matter: bool = Field(description="是否含几件事，须分别派单、合并答复")
    questions: list[Any]
    similar: list[SimilarDocument] = Field(max_length=10, description="可能是同一事件的工单")
    elements: ElementsDocument
    evidence: list[EvidenceDocument]
    assured: list[str]
    abstain: bool
    abstain_reasons: list[str]
    versions: VersionsDocument
    text: str | None = Field(default=None, description="脱敏后的文本；仅当 with_text=true")


class BatchRequest(BaseModel):
    """一批诉求。不合规的一条不影响其他各条，所以这里不规定每条的类型。"""

    requests: list[TriageRequest | Any] = Field(max_length=256)


class ErrorDocument(BaseModel):
    """为什么不能处理。"""

    code: str
    message: str


class RefusedResult(BaseModel):
    """一条不合规的诉求；line 是它在批中的位置，从 1 起。"""

    id: str | None
    line: int = Field(ge=1)
    error: ErrorDocument


class BatchResult(BaseModel):
    """与 requests 等长、同序。"""

    results: list[TriageResult | RefusedResult]


class CatalogueDocument(BaseModel):
    """代码表；各表的列见 docs/api.md。"""

    model_config = ConfigDict(extra="allow")

    id: str
    version: str
    title: str
    effective: str


class Health(BaseModel):
    """进程在应答。"""

    status: Literal["ok"]


class Readiness(BaseModel):
    """模型在应答。"""

    status: Literal["ready"]
    versions: VersionsDocument


class ProblemItem(BaseModel):
    """哪个字段，破了哪条规则。"""

    field: str | None
    code: str
    message: str


class ProblemDocument(BaseModel):
    """RFC 9457 的错误；code 固定不变，供程序判断。"""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[ProblemItem]


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entries of the statuses that a route may answer with a problem."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
    return {status: {"description": _codes(status), "content": content} for status in statuses}


def _codes(status: int) -> str:
    codes = [f"`{code}` {kind.title}" for code, kind in PROBLEMS.items() if kind.status == status]
    more = "；字段规则的代码见 docs/api.md" if status == 422 else ""
    return "；".join(codes) + more
