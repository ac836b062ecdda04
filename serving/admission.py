"""Admission: who calls, may they, from where, how often. Decided from the head, before the body.

Stands on the fast path: for a path without parameters the decision is two look-ups.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from serving.access import AccessTable, Rule, access_table
from serving.asgi import Scope
from serving.caller import SCOPE_KEY
from serving.denial import Denial, OnDenied, log_denial
from serving.identity import ANYBODY, THIS_MACHINE, Caller, Identity
from serving.limits import RateLimit
from serving.origin import check_origin, check_own_host
from serving.problems import Problem
from triage.desk.actor import Actor

PATTERN_KEY = "triage.pattern"
"""Where the scope holds the pattern of the row that let the request in, or refused it."""
UNLISTED = "other"


@dataclass(frozen=True, slots=True)
class Admission:
    """The rules of one worker.

    `is_own_host_only` holds callers without a key to the loopback names of this machine.
    """

    identity: Identity = field(default_factory=Identity)
    rate: RateLimit = field(default_factory=RateLimit)
    access: AccessTable = field(default_factory=access_table)
    is_own_host_only: bool = False
    on_denied: OnDenied = log_denial

    def admit(self, scope: Scope) -> None:
        """Put the actor on a request that may pass.

        Raises
        ------
        Problem
            key_…, token_…, not_found, method_not_allowed, forbidden, cross_origin, rate_limited.
        """
        method, path = scope["method"], scope["path"]
        rule = self.access.find(method, path)
        try:
            caller = self.identity.caller(
                scope["headers"], is_public=rule is not None and rule.is_public
            )
        except Problem as problem:
            if problem.code != "key_missing":  # which everybody meets who opens the page
                pattern = rule.path if rule else UNLISTED
                self.on_denied(Denial(None, method, pattern, problem.code))
            raise
        scope[SCOPE_KEY] = caller.actor
        if rule is None:
            raise _unlisted(self.access, path)
        scope[PATTERN_KEY] = rule.path
        try:
            self._authorise(scope, rule, caller)
        except Problem as problem:
            self.on_denied(Denial(caller.actor, method, rule.path, problem.code))
            raise
        if self.rate.is_limiting or caller.rate is not None:
            self._check_rate(scope, caller)

    def _authorise(self, scope: Scope, rule: Rule, caller: Caller) -> None:
        if not rule.is_public and rule.roles.isdisjoint(caller.actor.roles):
            raise _forbidden(rule, caller.actor)
        headers = dict(scope["headers"])
        is_ambient = caller is THIS_MACHINE
        if is_ambient and self.is_own_host_only:
            check_own_host(headers)
        check_origin(scope["method"], headers, is_ambient=is_ambient)

    def _check_rate(self, scope: Scope, caller: Caller) -> None:
        nameless = caller is ANYBODY or caller is THIS_MACHINE
        name = address_of(scope) if nameless else caller.actor.id
        wait = self.rate.wait_seconds(name, caller.rate)
        if wait > 0:
            raise _too_many(wait)


def address_of(scope: Scope) -> str:
    """Return the client's address."""
    client = scope.get("client")
    return client[0] if client else "unknown"


def _forbidden(rule: Rule, actor: Actor) -> Problem:
    """Return the refusal that names the roles it takes."""
    needed, has = ("、".join(sorted(roles)) for roles in (rule.roles, actor.roles))
    return Problem(
        "forbidden",
        f"{rule.method} {rule.path} 需要这些角色之一：{needed}；您的角色：{has or '无'}；"
        "请向管理员申请",
    )


def _unlisted(access: AccessTable, path: str) -> Problem:
    """Return the refusal of what the table does not list, in the router's own words."""
    methods = ", ".join(access.methods(path))
    if methods:
        allow = ((b"allow", methods.encode()),)
        return Problem("method_not_allowed", f"这个地址只接受 {methods}", headers=allow)
    return Problem("not_found", "请核对地址；全部接口见 /openapi.json")


def _too_many(wait: float) -> Problem:
    seconds = str(max(math.ceil(wait), 1))
    return Problem(
        "rate_limited",
        f"超过了每秒允许的请求数；请在 {seconds} 秒后重试",
        headers=((b"retry-after", seconds.encode()),),
    )
