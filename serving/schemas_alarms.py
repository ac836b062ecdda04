# ruff: noqa: D400  (docstrings are the document's descriptions: Chinese, with a Chinese full stop)
"""The wire format of alarms in pydantic: what is sent is checked by these."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from serving.schemas_orders import Strict

AlarmStateName = Literal["OPEN", "ACKNOWLEDGED", "MERGED", "CLOSED"]
AlarmKindName = Literal["outbreak", "emerging", "silence", "load"]
Note = Annotated[str, Field(max_length=500, description="说明；存之前脱敏")]
Version = Annotated[int | None, Field(ge=1, description="看到的版本；别人改过即拒绝")]


class AcknowledgeRequest(Strict):
    """确认：有人在看了。"""

    note: Note = ""
    version: Version = None


class MergeAlarmRequest(Strict):
    """并入另一条没有办结的预警。"""

    into: Annotated[str, Field(min_length=1, max_length=24)]
    note: Note = ""
    version: Version = None


class CloseAlarmRequest(Strict):
    """办结，写明结论。"""

    outcome: Literal["TRUE", "KNOWN", "FALSE", "UNCLEAR"] = Field(
        description="TRUE 属实，KNOWN 属实但事先知道，FALSE 误报，UNCLEAR 说不清"
    )
    note: Note = ""
    version: Version = None


class AlarmStep(BaseModel):
    """一条预警的一步。"""

    step: Literal["opened", "seen", "calmed", "acknowledged", "merged", "closed"]
    at: str
    actor: str
    note: str


class AlarmDocument(BaseModel):
    """一条预警；分析员看不到工单编号。"""

    id: str
    kind: AlarmKindName
    series: str = Field(description="哪个序列，如 topic_area:GY02@500112")
    area: str = Field(description="区县代码；空为全市")
    state: AlarmStateName
    outcome: str | None
    is_calm: bool = Field(description="近几天没有再出现，可以办结")
    version: int
    opened_at: str
    seen_at: str
    closed_at: str | None
    merged_into: str | None
    recipients: list[str] = Field(description="告诉谁：角色")
    evidence: dict[str, Any] = Field(
        description="summary 一句话；"
        "day count expected threshold times chance rate dispersion method；"
        "statistics 名称与值（exceedance、C1、C2、C3、CUSUM，或来话超量的缺口）；"
        "curve 每天（或小时）的件数与预期；requests 工单；terms 常见说法；proposes 建议"
    )
    steps: list[AlarmStep]


class AlarmsDocument(BaseModel):
    """一页预警，新的在前。"""

    items: list[AlarmDocument]
    next_cursor: str | None


class PrecisionRow(BaseModel):
    """一种预警：属实（含事先知道）、误报、说不清、没有办结、并入别条的各多少。"""

    kind: AlarmKindName
    true: int
    false: int
    unclear: int
    live: int
    merged: int
    precision: float | None = Field(description="属实 ÷（属实 + 误报）；还没有结论时为空")


class PrecisionDocument(BaseModel):
    """各种预警的准确率。"""

    items: list[PrecisionRow]
