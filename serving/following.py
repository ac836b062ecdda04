"""The index of a worker in the background: followed without pause, and rebuilt by another process.

Rebuilding is a process of its own (`triage index build`), so that no request waits for it; of all
workers one builds at a time, by the lock of the folder.
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from serving.watch import Mark, mark_of
from triage.desk.neighbours import Neighbours
from triage.desk.sight import Sight
from triage.errors import TriageError
from triage.store.location import VARIABLE

FOLLOW_SECONDS = 0.2
"""Between two looks at the ledger: a new order is found by every worker well within a second."""
RETRY_SECONDS = 60.0
"""Between two attempts to build: one that fails at once would else be started for ever."""

logger = logging.getLogger(__name__)


class Following:
    """A work of the background that never ends by itself.

    Parameters
    ----------
    pointer
        Names the published same-event model: a newly published one is loaded and handed on, and
        one that cannot be loaded is logged and the old one stays. None follows no model.
    load
        Loads the published model.
    mark
        Of the pointer, taken before the model now in use was loaded, so that one published
        meanwhile is not missed; None loads what is published once more.
    """

    def __init__(
        self,
        neighbours: Neighbours,
        pointer: Path | None = None,
        load: Callable[[], Sight] | None = None,
        mark: Mark = None,
    ) -> None:
        self._neighbours, self._pointer, self._load = neighbours, pointer, load
        self._mark = mark

    async def poll(self) -> None:
        """Follow ledger and model until something fails; whoever called begins again then."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(FOLLOW_SECONDS)

    def look(self) -> None:
        """Look once at the model, then at the ledger."""
        mark = mark_of(self._pointer) if self._pointer else None
        if self._load is not None and mark != self._mark:
            self._mark = mark
            try:
                self._neighbours.take(self._load())
            except TriageError as error:
                logger.error("same-event model refused, the old one stays: %s", error.message)
        self._neighbours.follow()


class Builder:
    """Starts `triage index build` when asked, one process of this worker at a time."""

    def __init__(self, url: str, index_dir: Path, models_dir: Path) -> None:
        self._command = (
            sys.executable,
            *("-c", "from triage.cli import main; raise SystemExit(main())"),
            *("index", "build", "--index-dir", str(index_dir), "--models-dir", str(models_dir)),
        )
        self._url = url
        self._process: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0

    def ask(self) -> None:
        """Start a build, unless one runs or ran just now."""
        if self._process is not None and self._process.poll() is None:
            return
        if time.monotonic() < self._not_before:
            return
        self._not_before = time.monotonic() + RETRY_SECONDS
        logger.info("a new snapshot of the index is being built")
        # One thread: requests need the others more. The URL may hold a password, which a command
        # line would show.
        more = {VARIABLE: self._url, "OMP_NUM_THREADS": "1"}
        self._process = _started(self._command, {**os.environ, **more})


def _started(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
