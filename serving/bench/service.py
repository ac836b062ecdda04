"""The service under test: started as users start it, asked for its own figures, stopped."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from triage.errors import TriageError

_READY = re.compile(r"http://[\w.:\[\]]+:(\d+)")
_STOP_SECONDS = 30
_SECONDS = "triage_http_request_seconds"


class ServiceError(TriageError):
    """A service that did not start."""

    code = "serve_failed"


@dataclass(frozen=True, slots=True)
class Service:
    """A running service on 127.0.0.1."""

    pid: int
    port: int
    ready_seconds: float

    @property
    def url(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self.port}"

    def resident_mib(self) -> list[float]:
        """Return the resident memory of the parent and of each worker, in MiB."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        workers = [pid for pid in children if _is_worker(pid)]
        return [_resident_mib(pid) for pid in (str(self.pid), *workers)]

    def post(self, path: str, bodies: Sequence[bytes]) -> None:
        """Send bodies one after another on one connection."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port)) as connection:
            for body in bodies:
                connection.request("POST", path, body, {"content-type": "application/json"})
                response = connection.getresponse()
                response.read()
                if response.status != 200:
                    raise ServiceError(f"服务对压测请求答复 {response.status}；请查看服务日志")

    def served(self, route: str) -> tuple[float, float]:
        """Return how many requests a route has answered, and in how many seconds in all."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port)) as connection:
            connection.request("GET", "/metrics")
            page = connection.getresponse().read().decode()
        figures = {
            sample.name: sample.value
            for family in text_string_to_metric_families(page)
            for sample in family.samples
            if sample.labels == {"route": route}
        }
        return figures.get(f"{_SECONDS}_count", 0.0), figures.get(f"{_SECONDS}_sum", 0.0)


@contextmanager
def running(options: Sequence[str]) -> Iterator[Service]:
    """Start `triage serve` on a free port, and stop it in the end.

    Raises
    ------
    ServiceError
        Where it does not become ready; its own words are on stderr.
    """
    command = [str(Path(sys.executable).with_name("triage")), "serve", "--port", "0", *options]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            match = _READY.search(line)
            if match is None:
                raise ServiceError("服务没有启动，原因见上")
            yield Service(process.pid, int(match[1]), time.perf_counter() - started)
        finally:
            process.terminate()
            process.wait(_STOP_SECONDS)


def _is_worker(pid: str) -> bool:
    """Tell a worker from multiprocessing's resource tracker."""
    return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()


def _resident_mib(pid: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    [kib] = [line.split()[1] for line in lines if line.startswith("VmRSS:")]
    return int(kib) / 1024
