"""What a job's process writes, as it comes: lines of progress, and the tail of all other lines.

A line of progress is `{"done": 3, "total": 10}`; commands write them with `--progress-lines`. Every
other line is masked before anybody sees it.
"""

from __future__ import annotations

from collections import deque
from threading import Lock, Thread
from typing import BinaryIO

import orjson

from triage.intake.clean import clean
from triage.store.jobs import Pulse
from triage.text.mask import mask

LINES, CHARACTERS = 200, 500
"""How many of the last lines are kept, and how much of each."""
_MARK = b'{"done":'
_MOST = 65_536


class Output:
    """Reads a process's output in a thread until it ends."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = Lock()
        self._lines: deque[str] = deque(maxlen=LINES)
        self._done = self._total = 0
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def pulse(self) -> Pulse:
        """Return how far the job is, its last line, and the tail."""
        with self._lock:
            last = self._lines[-1] if self._lines else ""
            return Pulse(self._done, self._total, last, "\n".join(self._lines))

    def close(self, seconds: float) -> None:
        """Wait for the last line, no longer than this: a grandchild may hold the pipe open."""
        self._thread.join(seconds)
        if not self._thread.is_alive():
            self._stream.close()

    def _read(self) -> None:
        while line := self._stream.readline(_MOST):
            if line.startswith(_MARK) and self._take_progress(line):
                continue
            text = mask(clean(line.decode("utf-8", "replace")).strip()).text[:CHARACTERS]
            if text:
                with self._lock:
                    self._lines.append(text)

    def _take_progress(self, line: bytes) -> bool:
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError:
            return False
        done, total = value.get("done"), value.get("total")
        if not isinstance(done, int) or not isinstance(total, int):
            return False
        with self._lock:
            self._done, self._total = done, total
        return True
