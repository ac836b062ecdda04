"""Anchors: the end of the ledger, written down where the database's keepers cannot reach it.

Whoever may write to the database could compute the whole chain anew; against an anchor kept
elsewhere (another department, paper, a write-once disk) that shows.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson

from triage.errors import UnusableFile
from triage.store.ledger import Head


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the ledger ended at a time."""

    head: Head
    at: datetime

    def to_json(self) -> dict[str, str | int]:
        """Return the anchor as the line of an anchor file."""
        return {"seq": self.head.seq, "hash": self.head.hash.hex(), "at": self.at.isoformat()}


def add_anchor(path: Path, anchor: Anchor) -> None:
    """Append an anchor to a file, durable on return; the file is made where there is none.

    Raises
    ------
    UnusableFile
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(orjson.dumps(anchor.to_json()) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UnusableFile(f"无法写入锚点文件 {path}（{error.strerror}）；请换一个位置") from error


def read_anchors(path: Path) -> tuple[Anchor, ...]:
    """Return the anchors of a file.

    Raises
    ------
    UnusableFile
        It cannot be read, or holds no anchor, or a damaged one.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise UnusableFile(f"无法读取锚点文件 {path}（{error.strerror}）") from error
    anchors = tuple(_anchor(line, f"{path} 第 {number} 行") for number, line in enumerate(lines, 1))
    if not anchors:
        raise UnusableFile(f"锚点文件 {path} 是空的：请用 triage ledger anchor 生成")
    return anchors


def _anchor(line: bytes, place: str) -> Anchor:
    try:
        row = orjson.loads(line)
        head = Head(int(row["seq"]), bytes.fromhex(row["hash"]))
        return Anchor(head, datetime.fromisoformat(row["at"]))
    except (ValueError, KeyError, TypeError) as error:
        raise UnusableFile(f"{place} 不是锚点：应为 triage ledger anchor 写出的一行") from error
