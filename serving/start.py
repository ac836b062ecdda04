"""What `triage serve` decides about its callers before it starts: keys, tokens, or this machine.

An address that others can reach is never open. Where keys are asked for and there are none, the
first one is made and shown on the terminal, and only there: what goes to a log is no secret.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from serving.address import is_loopback
from serving.key_file import read_keys
from serving.keys import create_key
from serving.rights import Rights
from triage.errors import TriageError

AUTH = ("none", "keys", "oidc", "both")
FIRST_KEY = "administrator"
"""The name of the key that a first start makes."""


class StartRefusal(TriageError):
    """A service that must not or cannot start."""

    code = "serve_refused"


def asked_for(auth: str | None, host: str) -> str:
    """Return one of `AUTH`: what was said, else none on a loopback address and keys elsewhere.

    Raises
    ------
    StartRefusal
        Nothing is to be asked for on an address that others can reach.
    """
    local = is_loopback(host)
    if auth == "none" and not local:
        raise StartRefusal(f"--auth none 只能用于本机地址；监听 {host} 须用 --auth keys")
    return auth or ("none" if local else "keys")


def ready_keys(
    path: Path,
    host: str,
    *,
    terminal: TextIO,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Path:
    """Return the absolute path of a file of keys; make an administrator's where there are none.

    Raises
    ------
    StartRefusal
        There are no keys, and `terminal` is none: nobody would see a new one but a log.
    UnusableFile
        The file is damaged, or its folder cannot be written to.
    """
    if read_keys(path):
        return path.absolute()
    if not terminal.isatty():
        raise StartRefusal(
            f"监听 {host} 需要访问密钥，但 {path} 中没有；"
            f"请先运行 triage keys create 名称 --role administrator --keys {path}"
        )
    secret = create_key(path, FIRST_KEY, now=now(), rights=Rights(frozenset({"administrator"})))
    print(f"首次启动：已新建管理员密钥“{FIRST_KEY}”，下面一行只显示这一次：", file=terminal)
    print(secret, file=terminal, flush=True)
    return path.absolute()
