# ruff: noqa: D400  (docstrings are the document's descriptions: Chinese, with a Chinese full stop)
"""The wire format of jobs in pydantic: what is sent is checked by these."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from serving.schemas_orders import Strict

JobStateName = Literal["queued", "running", "done", "failed", "cancelled"]


class JobRequest(Strict):
    """要做的任务。文件写任务文件夹里的相对路径。"""

    kind: Annotated[str, Field(max_length=24, examples=["import"])]
    arguments: dict[Annotated[str, Field(max_length=64)], Any] = Field(
        default={}, examples=[{"files": ["2026-03.xlsx"], "out": "2026-03.jsonl"}]
    )


class JobProgress(BaseModel):
    """做了多少；total 为 0 表示不知道总数。"""

    done: int
    total: int


class JobDocument(BaseModel):
    """一个任务的现状。"""

    id: str
    kind: str
    state: JobStateName
    arguments: dict[str, Any]
    progress: JobProgress
    message: str = Field(description="最近一行输出，已脱敏")
    created_by: str
    created_at: str
    started_at: str | None
    finished_at: str | None
    attempts: int = Field(description="开始过几次；执行者中断后重做的会大于 1")
    cancel_wanted: bool
    exit_code: int | None = Field(description="0 全部完成；1 有拒收的行；负数是被信号终止")


class JobsDocument(BaseModel):
    """一页任务，新的在前。"""

    items: list[JobDocument]
    next_cursor: str | None
