"""The real service as a process that can be killed and started again on the same port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cluster import free_port

TRIAGE = str(Path(sys.executable).with_name("triage"))
START_SECONDS = 90.0


class Service:
    """`triage serve` with these options; what it says goes to a file."""

    def __init__(self, options: Sequence[str], log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self._command = [TRIAGE, "serve", "--port", str(self.port), *options]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start, and wait until all workers answer.

        Raises
        ------
        RuntimeError
            With the end of its log.
        """
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,  # its share of the processor is its own, not ours
            )
        assert self._process.stdout is not None
        if self.url not in self._process.stdout.readline():
            raise RuntimeError(self.log.read_text()[-2000:])

    def workers(self) -> list[int]:
        """Return the workers' process ids."""
        assert self._process is not None
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(one) for one in children if _is_worker(one)]

    def kill_worker(self) -> float:
        """SIGKILL to one worker; return the seconds until another stood in its place."""
        before = self.workers()
        started = time.monotonic()
        os.kill(before[0], signal.SIGKILL)
        while not (len(now := self.workers()) == len(before) and before[0] not in now):
            if time.monotonic() - started > START_SECONDS:
                raise RuntimeError("the worker was not replaced")
            time.sleep(0.05)
        return time.monotonic() - started

    def kill(self) -> None:
        """SIGKILL to the parent and all workers."""
        assert self._process is not None
        workers = self.workers()
        for pid in (self._process.pid, *workers):
            os.kill(pid, signal.SIGKILL)
        self._process.wait(10)
        while any(_is_worker(str(pid)) for pid in workers):
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop in order, or kill."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(40)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def running(options: Sequence[str], log: Path) -> Iterator[Service]:
    """Give a service that answers; it is stopped in the end."""
    service = Service(options, log)
    service.start()
    try:
        yield service
    finally:
        service.stop()


def _is_worker(pid: str) -> bool:
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
