"""What the routes share: the engine of this moment, and the one query parameter."""

from __future__ import annotations

from urllib.parse import parse_qsl

from serving.asgi import Scope
from serving.engine import Engine, Provider
from serving.problems import Problem

_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def current_engine(provider: Provider) -> Engine:
    """Return the engine that answers now.

    Raises
    ------
    Problem
        not_ready.
    """
    engine = provider.pipeline
    if engine is None:
        raise Problem("not_ready", "模型还没有装载；请稍后重试", headers=((b"retry-after", b"1"),))
    return engine


def wants_text(scope: Scope) -> bool:
    """Read `with_text` from the query; other parameters are ignored.

    Raises
    ------
    Problem
        query_invalid.
    """
    query: bytes = scope["query_string"]
    if not query:
        return False
    wanted = False
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name != "with_text":
            continue
        if value not in _FLAGS:
            message = "with_text 只接受 true、false、1、0"
            item = {"field": "with_text", "code": "query_invalid", "message": message}
            raise Problem("query_invalid", message, errors=(item,))
        wanted = _FLAGS[value]
    return wanted
