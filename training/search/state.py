"""What a search has done so far: one JSON line a finished trial, so that a killed one goes on.

The first line says which data and folds the trials are of. Guesses are kept, not scores: the report
is made from them. They are numbers of labels; no text is in the file.
"""

from __future__ import annotations

import json
import os
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.trial import Guess
from triage.errors import UnusableFile

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Done:
    """A finished trial: the recipe's key, the part's name, seconds, guesses by head."""

    candidate: str
    part: str
    seconds: float
    guesses: dict[str, Guess]


class State:
    """The finished trials of one search; every new one is on disk before the next begins."""

    def __init__(self, path: Path, identity: Mapping[str, str | int]) -> None:
        """Read what is there; start the file where there is none.

        Raises
        ------
        UnusableFile
            The file is of other data or folds, is no state, or cannot be written.
        """
        self._path = path
        self.done: dict[tuple[str, str], Done] = {}
        head = {"schema": SCHEMA, **identity}
        try:
            whole = _whole_lines(path)
            if whole:
                self._read(whole, head)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._append(head)
        except OSError as error:
            raise UnusableFile(f"无法读写搜索进度 {path}：{error.strerror}") from error

    def add(self, done: Done) -> None:
        """Keep a finished trial."""
        guesses = {
            name: {"shape": list(guess.shape), "values": _packed(guess)}
            for name, guess in done.guesses.items()
        }
        self._append(
            {
                "candidate": done.candidate,
                "part": done.part,
                "seconds": round(done.seconds, 2),
                "guesses": guesses,
            }
        )
        self.done[done.candidate, done.part] = done

    def _read(self, lines: list[bytes], head: Mapping[str, object]) -> None:
        try:
            if json.loads(lines[0]) != head:
                raise UnusableFile(
                    f"{self._path} 是另一次搜索的进度（数据或划分不同）：请删去它，或换 --out"
                )
            for line in lines[1:]:
                row = json.loads(line)
                guesses = {name: _unpacked(one) for name, one in row["guesses"].items()}
                done = Done(row["candidate"], row["part"], row["seconds"], guesses)
                self.done[done.candidate, done.part] = done
        except (ValueError, KeyError, TypeError, zlib.error) as error:
            raise UnusableFile(f"{self._path} 不是搜索进度：请删去它，或换一个 --out") from error

    def _append(self, row: Mapping[str, object]) -> None:
        with self._path.open("ab") as file:
            file.write(json.dumps(row).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _whole_lines(path: Path) -> list[bytes]:
    """Return the lines that were written whole; a torn last one is cut off the file."""
    if not path.exists():
        return []
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        os.truncate(path, len(whole))
    return whole.splitlines()


def _packed(guess: Guess) -> str:
    return b64encode(zlib.compress(guess.astype("<i2").tobytes())).decode()


def _unpacked(row: Mapping[str, object]) -> Guess:
    values = np.frombuffer(zlib.decompress(b64decode(str(row["values"]))), "<i2")
    shape = row["shape"]
    assert isinstance(shape, list)
    return values.reshape(shape).astype(np.int16)
