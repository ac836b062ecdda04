"""The rights of a caller: roles, and the units and regions that they hold for.

Keys and tokens both give rights; here is what is sound. What a role may do is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from triage.errors import TriageError

ROLES: Mapping[str, str] = {
    "agent": "坐席",
    "dispatcher": "派单员",
    "handler": "承办单位经办人",
    "supervisor": "督办员",
    "analyst": "分析员",
    "administrator": "管理员",
    "auditor": "审计员",
}
"""Every role that a key or a token may give."""

PUBLIC = "public"
"""Whoever shows neither key nor token."""


class UnfitRights(TriageError):
    """Rights that cannot be given; `field` is roles or units."""

    code = "rights_unfit"


@dataclass(frozen=True, slots=True)
class Rights:
    """No `units` or `regions` means all of them.

    Raises
    ------
    UnfitRights
        An unknown role, or a handler of no unit: it would see every order.
    """

    roles: frozenset[str] = frozenset({"agent"})
    units: frozenset[str] = field(default_factory=frozenset)
    regions: frozenset[str] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        unknown = sorted(self.roles - ROLES.keys())
        if unknown:
            known = "、".join(f"{code}（{name}）" for code, name in ROLES.items())
            raise UnfitRights(f"角色 {unknown[0]!r:.80} 不认识；可用：{known}", field="roles")
        if "handler" in self.roles and not self.units:
            raise UnfitRights("角色 handler 须写明承办单位的代码（units）", field="units")
