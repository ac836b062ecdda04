"""Read the request lines of a file one by one: a line that cannot be read is refused by number.

What a line is read into is the caller's; ids must differ. Requesters are kept as digests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from hashlib import blake2b
from pathlib import Path
from secrets import token_bytes
from typing import Protocol, TypeVar

from triage.errors import InvalidRequest, UnusableFile
from triage.intake.jsonlines import decode_line
from triage.request import CitizenRequest

_DIGEST = 12
"""Bytes of a requester's digest: two of a billion requesters agree once in 10^11."""
Refused = list[tuple[int, str]]
"""Numbers of lines that were refused, each with the reason."""


class _Line(Protocol):
    @property
    def request(self) -> CitizenRequest:
        """The request of the line."""


Line = TypeVar("Line", bound=_Line)


def request_lines(path: Path, read: Callable[[object], Line], refused: Refused) -> Iterator[Line]:
    """Yield what `read` makes of each line, and write those that it refuses into `refused`.

    Raises
    ------
    UnusableFile
        The file cannot be read.
    """
    ids = set[str]()
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                if raw.isspace():
                    continue
                try:
                    line = read(decode_line(raw))
                except InvalidRequest as error:
                    refused.append((number, error.message))
                    continue
                if line.request.id in ids:
                    refused.append((number, f"id {line.request.id!r} 重复：每条应不同"))
                    continue
                ids.add(line.request.id)
                yield line
    except OSError as error:
        raise UnusableFile(f"无法读取 {path}：{error.strerror}；请检查路径") from error


def no_line_usable(path: Path, refused: Refused) -> UnusableFile:
    """Return the error of a file of which no line can be read; it shows the first reason."""
    first = f"；第 {refused[0][0]} 行：{refused[0][1]}" if refused else ""
    return UnusableFile(f"{path} 没有一行可用：每行应是一条 JSON 诉求{first}")


def digest_of(requester: object) -> str:
    """Return what is equal for the same requester in this run, "" for an unknown one.

    No name and no number, nor what all numbers could be tried against: the key is drawn at random
    and is gone with the process.
    """
    who = requester.get("phone") if isinstance(requester, Mapping) else requester
    if not isinstance(who, str) or not who.strip():
        return ""
    content = who.strip().encode("utf-8", "surrogatepass")
    return blake2b(content, digest_size=_DIGEST, key=_key()).hexdigest()


@cache
def _key() -> bytes:
    return token_bytes(32)
