"""A private PostgreSQL cluster in a temporary folder, on a port of its own, to be killed at will.

Started directly, not by pg_ctl, so that its process is ours. Root runs it as user `postgres`.
Ends with everything that it started; a shared server is never touched.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "postgres"
_SECONDS = 60.0


class Cluster:
    """One cluster; `url` is that of its only database."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder, self._port = folder, port
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql://{USER}@127.0.0.1:{port}/postgres"

    def make(self) -> None:
        """Make its files."""
        options = ["--auth=trust", f"--username={USER}", "--encoding=UTF8", "--locale=C.UTF-8"]
        command = [_program("initdb"), "-D", str(self._folder / "data"), "--no-sync", *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **_as_user())

    def start(self) -> None:
        """Start, and wait until it takes connections.

        Raises
        ------
        RuntimeError
        """
        command = [_program("postgres"), "-D", str(self._folder / "data"), "-p", str(self._port)]
        command += ["-k", str(self._folder), "-c", "listen_addresses=127.0.0.1"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, **_as_user())
        deadline = time.monotonic() + _SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self._folder / "log").read_text()[-2000:])
            time.sleep(0.05)

    def backends(self) -> list[int]:
        """Return the processes that serve connections and write, without the first."""
        assert self._process is not None
        pid = self._process.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill(self) -> None:
        """SIGKILL to all of its processes, as when the power goes; return when all ended."""
        if self._process is None or self._process.poll() is not None:
            return
        pids = [self._process.pid, *self.backends()]
        for pid in pids:
            _signal(pid, signal.SIGKILL)
        self._process.wait(_SECONDS)
        while any(_is_running(pid) for pid in pids[1:]):
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop in order (SIGINT: fast), or kill."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def _answers(self) -> bool:
        command = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self._port)]
        return subprocess.run(command).returncode == 0


@contextmanager
def private_cluster() -> Iterator[Cluster]:
    """Give a running cluster with an empty database; nothing of it is left afterwards."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `finally` runs
    folder = Path(tempfile.mkdtemp(prefix="triage-cluster-"))
    cluster = Cluster(folder, free_port())
    try:
        if os.geteuid() == 0:
            entry = pwd.getpwnam(USER)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        cluster.make()
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _program(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    path = str(found[0]) if found else shutil.which(name)
    if path is None:
        raise FileNotFoundError(f"{name}: install PostgreSQL's server")
    return path


def _as_user() -> dict[str, str]:
    return {"user": USER, "group": USER} if os.geteuid() == 0 else {}


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _is_running(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
