"""Who calls: the actor that the gate put on the request."""

from __future__ import annotations

from starlette.requests import Request

from triage.desk.actor import Actor

SCOPE_KEY = "triage.actor"
LOCAL = Actor("local", frozenset({"administrator"}))
"""The caller of a service on 127.0.0.1 that asks for no key: trying out."""


def actor_of(request: Request) -> Actor:
    """Return the caller.

    Raises
    ------
    KeyError
        Nobody asked who calls: the application was put together without its gate.
    """
    actor: Actor = request.scope[SCOPE_KEY]
    return actor
