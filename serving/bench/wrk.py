"""Driving wrk: requests are formatted before the clock starts, the figures come back as JSON."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.errors import TriageError

_SCRIPT = """
local requests, turn = {}, 0
init = function(args)
  for line in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, {["Content-Type"]="application/json"}, line)
  end
end
request = function()
  turn = turn % #requests + 1
  return requests[turn]
end
"""
_DONE = """
done = function(summary, latency)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read
    + summary.errors.write + summary.errors.timeout
  io.write(string.format('\\n{"requests": %d, "us": %d, "failed": %d, "p50": %d, "p99": %d}\\n',
    summary.requests, summary.duration, failed, latency:percentile(50), latency:percentile(99)))
end
"""


class LoadError(TriageError):
    """A load that could not be driven."""

    code = "load_failed"


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of wrk saw; times in milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float
    requests: int
    failed: int


def require_wrk() -> None:
    """See that wrk is there.

    Raises
    ------
    LoadError
        Where it is not installed.
    """
    if shutil.which("wrk") is None:
        raise LoadError("没有找到压测工具 wrk；请先安装：apt-get install wrk")


def drive(url: str, *, connections: int, seconds: float, bodies: Sequence[bytes] = ()) -> Load:
    """Load one address for some seconds; without bodies by GET, else by POST in turn.

    Raises
    ------
    LoadError
        Where wrk fails, or answers were not 2xx.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = folder / "load.lua"
        script.write_text((_SCRIPT if bodies else "") + _DONE, "utf-8")
        lines = folder / "bodies.jsonl"
        lines.write_bytes(b"\n".join(bodies))
        command = ["wrk", "--threads", "1", "--connections", str(connections)]
        command += ["--duration", f"{seconds:.0f}s", "--latency", "--script", str(script), url]
        done = subprocess.run([*command, "--", str(lines)], capture_output=True, text=True)
    if done.returncode != 0:
        raise LoadError(f"wrk 未能完成：{done.stderr.strip()[-300:]}")
    return _load(json.loads(done.stdout.strip().splitlines()[-1]))


def _load(figures: dict[str, int]) -> Load:
    if figures["failed"]:
        raise LoadError(f"{figures['failed']} 个请求失败，测得的数字没有意义；请查看服务日志")
    return Load(
        per_second=figures["requests"] / (figures["us"] / 1e6),
        p50_ms=figures["p50"] / 1000,
        p99_ms=figures["p99"] / 1000,
        requests=figures["requests"],
        failed=figures["failed"],
    )
