"""The parent process: starts the workers, says when all are ready, replaces one that dies.

uvicorn's supervisor does the work (fresh processes, health checks, signals, draining). Added are a
listening socket for each worker (on a shared one, one of two workers was seen to take 14 of 16
connections), the moment of readiness, and the metrics of the dead.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from prometheus_client.multiprocess import mark_process_dead
from uvicorn import Config
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from serving.address import Address, listen

START_SECONDS = 60.0
HANG_SECONDS = 20.0
"""A worker that does not answer its parent for so long is replaced."""

RETRY_SECONDS = 10.0
"""Between attempts to start a worker that could not start."""

logger = logging.getLogger(__name__)


class Worker(Process):
    """A worker that listens for itself; the kernel spreads the connections (SO_REUSEPORT)."""

    def __init__(self, config: Config, address: Address) -> None:
        self._address = address
        super().__init__(config, [])

    def target(self, sockets: list[socket.socket] | None = None) -> None:
        """Run in the new process."""
        threading.Thread(target=_stop_with_parent, daemon=True).start()
        super().target([listen(self._address)])


class Supervisor(Multiprocess):
    """Runs the workers of one address until told to stop."""

    def __init__(
        self,
        config: Config,
        address: Address,
        *,
        metrics_dir: Path,
        when_ready: Callable[[], None],
    ) -> None:
        super().__init__(config, [])
        self._address = address
        self._metrics_dir = metrics_dir
        self._when_ready = when_ready
        self._retry_at = 0.0
        self._buried: set[int] = set()
        self.has_failed = False

    def init_processes(self) -> None:
        """Start the workers and wait for all of them."""
        self.processes = [self._new_worker() for _ in range(self.processes_num)]
        for process in self.processes:
            if not process.wait_until_ready(START_SECONDS, self.should_exit):
                self.has_failed = True
                self.should_exit.set()
                return
        self._when_ready()

    def keep_subprocess_alive(self) -> None:
        """Replace dead or hung workers.

        uvicorn stops everything when a replacement cannot start. Here the others go on, because a
        published model may be broken while they still answer with the one before.
        """
        for index, process in enumerate(self.processes):
            if self.should_exit.is_set() or process.is_alive(HANG_SECONDS):
                continue
            process.kill()
            process.join()
            if process.pid is not None and process.pid not in self._buried:
                self._bury(process.pid, process.exitcode)
            if process.exitcode != STARTUP_FAILURE or time.monotonic() >= self._retry_at:
                self._retry_at = time.monotonic() + RETRY_SECONDS
                self.processes[index] = self._new_worker()

    def handle_hup(self) -> None:
        """Do nothing: models and keys are reloaded by themselves."""

    def handle_ttin(self) -> None:
        """Do nothing: the number of workers is fixed."""

    def handle_ttou(self) -> None:
        """Do nothing: the number of workers is fixed."""

    def _new_worker(self) -> Worker:
        worker = Worker(self.config, self._address)
        worker.start()
        return worker

    def _bury(self, pid: int, exitcode: int | None) -> None:
        self._buried.add(pid)
        mark_process_dead(pid, str(self._metrics_dir))  # type: ignore[no-untyped-call]
        logger.warning("worker %d ended with %s, replacing it", pid, exitcode)


def _stop_with_parent() -> None:
    """Drain and stop when the parent is gone, even killed: nobody else would stop this worker."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
