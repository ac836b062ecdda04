"""Who calls: the bearer of a key, the bearer of a token, anybody, or this machine's own user.

Says who, with which rights; whether that is enough is the gate's question.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from serving.asgi import Headers
from serving.caller import LOCAL
from serving.keys import PREFIX
from serving.problems import Problem
from serving.regions import Spread
from serving.rights import PUBLIC, Rights
from triage.desk.actor import Actor

CHALLENGE: Headers = ((b"www-authenticate", b'Bearer realm="citizen-triage"'),)

_SCHEME = b"bearer"
_KEY = PREFIX.encode()


@dataclass(frozen=True, slots=True)
class Caller:
    """An actor, and the requests a second that it may send where its key says so."""

    actor: Actor
    rate: float | None = None


ANYBODY = Caller(Actor(PUBLIC, frozenset({PUBLIC})))
THIS_MACHINE = Caller(LOCAL)


class Credentials(Protocol):
    """Keys, or tokens."""

    def caller_of(self, secret: bytes) -> Caller:
        """Return whose secret it is.

        Raises
        ------
        Problem
            With status 401.
        """


def actor_with(name: str, rights: Rights, spread: Spread) -> Actor:
    """Return an actor whose regions cover what lies below them."""
    return Actor(name, rights.roles, rights.units, spread(rights.regions))


@dataclass(frozen=True, slots=True)
class Identity:
    """What the service knows callers by; without keys and tokens everybody is this machine."""

    keys: Credentials | None = None
    tokens: Credentials | None = None

    def caller(self, headers: Headers, *, is_public: bool) -> Caller:
        """Return who sent a request.

        Parameters
        ----------
        is_public
            Nobody needs to say who they are; what is said must be true all the same.

        Raises
        ------
        Problem
            key_missing, and what keys and tokens raise.
        """
        if self.keys is None and self.tokens is None:
            return THIS_MACHINE
        secret = bearer(headers)
        if secret is None:
            if is_public:
                return ANYBODY
            raise Problem(
                "key_missing",
                "请在请求头中加上 Authorization: Bearer 密钥；密钥由管理员生成",
                headers=CHALLENGE,
            )
        if self.tokens is not None and (self.keys is None or not secret.startswith(_KEY)):
            return self.tokens.caller_of(secret)
        assert self.keys is not None
        return self.keys.caller_of(secret)


def bearer(headers: Headers) -> bytes | None:
    """Return what stands behind `Authorization: Bearer`, or None."""
    for name, value in headers:
        if name == b"authorization":
            scheme, _, secret = value.strip().partition(b" ")
            return secret.strip() if scheme.lower() == _SCHEME else None
    return None
