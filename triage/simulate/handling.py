"""What an order's life is made of: how long types take, and what events say.

Values only. The bodies are shared by all lives, so nobody may change them.
"""

from __future__ import annotations

from math import exp
from statistics import NormalDist
from typing import NamedTuple

from triage.request import Json
from triage.simulate.tables import HANDLING

NOTHING: dict[str, Json] = {}
BY_AGENT: dict[str, Json] = {"by": "agent", "note": "已向诉求人说明"}
BY_UNIT: dict[str, Json] = {"by": "handler", "note": "已核实处理并告知诉求人"}
EXTENDED: dict[str, Json] = {"working_days": 5, "reason": "情况复杂"}
AGAIN: dict[str, Json] = {"reason": "回访不满意"}
ENDING = frozenset({"DUPLICATE", "NOT_ACCEPTABLE"})
BASIS = {
    "WRONG_AREA": "事发地不在本辖区",
    "WRONG_DUTY": "不在本单位职责清单内",
    "UNCLEAR_OWNERSHIP": "设施或责任归属未定",
    "DUPLICATE": "与在办工单是同一件事",
    "INCOMPLETE": "缺少具体地点",
    "NOT_ACCEPTABLE": "应走法定途径",
}


class Times(NamedTuple):
    """How long a type of request takes: median and due in days, share answered at once."""

    median: float
    due: float
    at_once: float


HANDLING_TIMES = {
    row["request_type"]: Times(
        float(row["median_days"]), float(row["due_days"]), float(row["answered_at_once"])
    )
    for row in HANDLING()
}
_SPREAD = 0.6
"""Of handling times, on the log scale."""
SLOWNESS = tuple(exp(_SPREAD * NormalDist().inv_cdf((i + 0.5) / 1024)) for i in range(1024))
"""Factors of a handling time, each as likely: a log-normal distribution as a table."""
PAUSES = ("WAIT_REQUESTER", "NO_ACCESS", "WAIT_TEST")
