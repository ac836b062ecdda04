# ruff: noqa: D400  (docstrings are the document's descriptions: Chinese, with a Chinese full stop)
"""The wire format of work orders in pydantic: what is sent is checked by these.

A request itself is read by `triage.desk.record.parse_intake`, as on the hot path.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from serving.schemas import TriageRequest, TriageResult

Text = Annotated[str, Field(max_length=10_000)]
Code = Annotated[str, Field(max_length=64)]
StateName = Literal[
    "RECEIVED", "SUGGESTED", "MANUAL", "DISPATCHED", "ACKNOWLEDGED", "HANDLING", "PAUSED",
    "REJECTED", "OBJECTED", "REPLIED", "FOLLOWED_UP", "MERGED", "CLOSED",
]  # fmt: skip


class RequesterDocument(BaseModel):
    """诉求人；只进加密库。"""

    name: Annotated[str, Field(max_length=64)] | None = None
    phone: Annotated[str, Field(max_length=32)] | None = Field(
        default=None, examples=["138 0000 0000"]
    )
    address: Annotated[str, Field(max_length=200)] | None = None


class IntakeRequest(TriageRequest):
    """一条登记的诉求：一行输入，加诉求人与来源。"""

    id: Annotated[str, Field(min_length=1, max_length=128)] | int | None = None  # type: ignore[assignment]  # wider than its parent's: a new request has none yet
    requester: RequesterDocument | None = None
    source_id: Annotated[str, Field(max_length=128)] | None = Field(
        default=None, description="来源系统中的编号；与 source 一起只登记一次"
    )
    origin: Literal["citizen", "transfer", "inspection", "sensor"] | None = None
    parent_id: Annotated[str, Field(max_length=24)] | None = None
    topic_hint: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="来源系统自己的分类代码；原样留存，不影响判断"
    )


_PROVISIONAL = "时限所在年份的放假安排尚未公布：公布之后由 triage clerk 重算"


class IntakeResult(BaseModel):
    """登记的结果；同一条再次登记，得到同样的内容。"""

    id: str
    query_code: str
    state: StateName
    version: int
    due_at: str
    due_is_provisional: bool = Field(description=_PROVISIONAL)
    triage: TriageResult | None = Field(description="模型与规则都不可用时为 null，转人工队列")


class Strict(BaseModel):
    """写错的字段名要报错，不能悄悄忽略。"""

    model_config = ConfigDict(extra="forbid")


class TransitionRequest(Strict):
    """要做的一步。"""

    to: StateName
    unit: Code | None = None
    support: list[Code] | None = Field(default=None, max_length=10)
    reason: Code | None = None
    basis: Text | None = Field(default=None, description="退单、裁定的依据")
    note: Text | None = Field(default=None, description="答复或说明")
    into: Annotated[str, Field(max_length=24)] | None = Field(
        default=None, description="并入的工单号"
    )
    version: int | None = Field(default=None, ge=1, description="看到的版本；已被改动则答 409")


class OverrideRequest(Strict):
    """人工改判；只写要改的字段。"""

    request_type: Code | None = None
    topic: Code | None = None
    urgency: Annotated[int, Field(ge=0, le=4)] | None = None
    lead: Code | None = None
    support: list[Code] | None = Field(default=None, max_length=10)
    flags: list[Code] | None = Field(default=None, max_length=20)
    is_complex: bool | None = None
    accused: list[Code] | None = Field(
        default=None, max_length=10, description="举报件点名的单位；不会派给它们"
    )
    reason: Text = ""
    version: int | None = Field(default=None, ge=1)


class ExtensionRequest(Strict):
    """延期。"""

    working_days: int = Field(ge=1, le=250)
    reason: Annotated[str, Field(min_length=1, max_length=10_000)]
    version: int | None = Field(default=None, ge=1)


class NoteRequest(Strict):
    """催办、督办的说明。"""

    note: Text = ""


class RevealRequest(Strict):
    """查看原文或联系方式；必须写明用途，逐次留痕。"""

    purpose: Annotated[str, Field(min_length=2, max_length=200)]
    fields: list[Literal["text", "title", "name", "phone", "address"]] = Field(
        min_length=1, max_length=5
    )


class PartRequest(Strict):
    """几件事中的一件。"""

    text: Annotated[str, Field(min_length=1, max_length=10_000)]
    topic: Code | None = None
    lead: Code | None = None
    support: list[Code] = Field(default=[], max_length=10)
    urgency: Annotated[int, Field(ge=0, le=4)] | None = None


class SplitRequest(Strict):
    """拆分。"""

    parts: list[PartRequest] = Field(min_length=2, max_length=10)
    version: int | None = Field(default=None, ge=1)


class ReopenRequest(Strict):
    """重新办理的原因。"""

    reason: Annotated[str, Field(min_length=2, max_length=10_000)]


class ReleaseRequest(Strict):
    """放行一条被标记的答复。"""

    version: int | None = Field(default=None, ge=1)


class OrderDocument(BaseModel):
    """一张工单的现状。"""

    model_config = ConfigDict(extra="allow")

    id: str
    state: StateName
    version: int
    allowed: list[StateName]
    due_at: str
    due_is_provisional: bool = Field(description=_PROVISIONAL)
    unit_role: Literal["", "LEAD", "INTERIM", "SUPPORT"] = Field(
        description="调用者的单位是主办、裁定前牵头，还是协办；不限单位的调用者为空"
    )
    reply_held: bool = Field(description="答复有疑点，放行之前不送达诉求人")


class OrdersDocument(BaseModel):
    """几张工单。"""

    orders: list[OrderDocument]


class OrderQuery(Strict):
    """查工单的条件；不写不限。"""

    state: Annotated[str, Field(max_length=16)] = ""
    unit: Annotated[str, Field(max_length=64)] = ""
    region: Annotated[str, Field(max_length=16)] = ""
    topic: Annotated[str, Field(max_length=64)] = ""
    source: Annotated[str, Field(max_length=64)] = ""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    cursor: Annotated[str, Field(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class OrderPage(BaseModel):
    """一页工单，新的在前。"""

    items: list[OrderDocument]
    next_cursor: str | None


class TimelineDocument(BaseModel):
    """一张工单的全部事件，先后有序。"""

    events: list[dict[str, Any]]


class RevealDocument(BaseModel):
    """原文；空字段没有。"""

    fields: dict[str, str]


class QueueReason(BaseModel):
    """得分的一部分及其理由。"""

    part: Literal["urgency", "deadline", "group_size", "vulnerability", "waiting", "repeat"]
    points: float
    reason: str


class QueueItem(BaseModel):
    """队列中的一张工单。"""

    request: OrderDocument
    score: float
    reasons: list[QueueReason]


class QueueDocument(BaseModel):
    """一页队列。"""

    mode: Literal["NORMAL", "EMERGENCY"]
    items: list[QueueItem]
    next_cursor: str | None


class ModeRequest(Strict):
    """切换平急模式；急态到时自动恢复。"""

    mode: Literal["NORMAL", "EMERGENCY"]
    reason: Annotated[str, Field(min_length=2, max_length=200)]


class ModeDocument(BaseModel):
    """现行模式。"""

    mode: Literal["NORMAL", "EMERGENCY"]
    until: str | None
    reason: str
    by: str


class ReasonDocument(BaseModel):
    """一步可选的原因。"""

    code: str
    name: str


class MoveDocument(BaseModel):
    """调用者可以做的一步。"""

    model_config = ConfigDict(populate_by_name=True)

    source: StateName = Field(alias="from")
    to: StateName
    kind: str
    name: str
    needs: list[str]
    reasons: list[ReasonDocument] = Field(description="只能从这里选；空的由人写")


class MeDocument(BaseModel):
    """调用者：角色、范围，以及能用的接口与能做的流转。"""

    id: str
    roles: list[str]
    units: list[str] = Field(description="空的是不限")
    regions: list[str] = Field(description="空的是不限")
    may: list[str] = Field(description="能用的接口，如 POST /v1/requests/{id}/split")
    moves: list[MoveDocument]


class ProgressDocument(BaseModel):
    """公众查询：没有内容，没有个人信息。"""

    model_config = ConfigDict(extra="allow")

    state: StateName
    progress: str
