from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # each starts the real service in processes of its own

TRIAGE = str(Path(sys.executable).with_name("triage"))
BODY = json.dumps({"id": "1", "text": "楼下烧烤店油烟直接往家里飘。"}).encode()
JSON_HEADERS = {"content-type": "application/json"}


def publish(folder: Path, version: str) -> None:
    fresh = folder / "next.json"
    fresh.write_text(json.dumps({"version": version}), "utf-8")
    os.replace(fresh, folder / "current.json")


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run `triage serve` with the engine without weights; give its process and port."""
    command = [TRIAGE, "serve", "--debug-engine", "--models-dir", str(folder), "--port", "0"]
    with subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            match = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            assert match, line
            yield process, int(match[1])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models")
    publish(path, "m1")
    return path


@pytest.fixture(scope="module")
def port(folder: Path) -> Iterator[int]:
    with serving(folder, "--workers", "1", "--body-timeout", "0.3") as (_, port):
        yield port


def exchange(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Send raw bytes and read until the server closes or is silent."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
        connection.settimeout(0.5)
        answer = b""
        try:
            while block := connection.recv(65536):
                answer += block
        except TimeoutError:
            pass
        return answer


def head(length: int, *more: str) -> bytes:
    lines = ["POST /v1/triage HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
    return "\r\n".join([*lines, f"Content-Length: {length}", *more, "", ""]).encode()


def ask(connection: HTTPConnection) -> tuple[int, str]:
    connection.request("POST", "/v1/triage", BODY, JSON_HEADERS)
    response = connection.getresponse()
    content = response.read()
    if response.status != 200:
        return response.status, ""
    return response.status, json.loads(content)["versions"]["model"]


def test_a_body_shorter_than_declared_times_out(port: int) -> None:
    answer = exchange(port, head(len(BODY) + 1), BODY)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"body_timeout"' in answer


def test_a_body_longer_than_declared_ends_the_connection_with_a_problem(port: int) -> None:
    answer = exchange(port, head(len(BODY)), BODY + b"xx")
    assert answer.endswith(b'"errors":[]}')
    assert b'"code":"http_invalid"' in answer


def test_a_body_too_large_is_refused_and_the_connection_stays_usable(port: int) -> None:
    size = 2 * 1024 * 1024
    answer = exchange(port, head(size), b" " * size, head(len(BODY)), BODY)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"HTTP/1.1 200 " in answer


def test_a_chunked_body_is_counted_as_it_comes(port: int) -> None:
    start = (
        b"POST /v1/triage HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"80000\r\n" + b" " * 0x80000 + b"\r\n"
    assert exchange(port, start, chunk, chunk, chunk).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "noise", [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"POST / HTTP/9\r\n\r\n"]
)
def test_what_is_not_http_gets_a_problem(port: int, noise: bytes) -> None:
    answer = exchange(port, noise)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer
    assert b'"code":"http_invalid"' in answer


def test_an_endless_head_is_refused(port: int) -> None:
    answer = exchange(port, b"GET / HTTP/1.1\r\nX-Long: ", b"x" * 70_000)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b'"code":"head_too_large"' in answer


def test_pipelined_requests_are_answered_in_order(port: int) -> None:
    bodies = [json.dumps({"id": str(n), "text": "噪声"}).encode() for n in range(3)]
    answer = exchange(port, b"".join(head(len(body)) + body for body in bodies))
    assert re.findall(rb'\{"id":"(\d)"', answer) == [b"0", b"1", b"2"]


class Load:
    """Clients that ask without a pause and count what they get; a reset connection is reopened."""

    def __init__(self, port: int, clients: int) -> None:
        self.statuses: Counter[int] = Counter()
        self.models: Counter[str] = Counter()
        self.resets = 0
        self._port = port
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=20)
        while not self._stop.is_set():
            try:
                status, model = ask(connection)
            except (OSError, HTTPException):
                with self._lock:
                    self.resets += 1
                connection.close()
                continue
            with self._lock:
                self.statuses[status] += 1
                self.models[model] += 1
        connection.close()


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [
        int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def test_a_model_changes_under_load_without_a_failed_request(tmp_path: Path) -> None:
    publish(tmp_path, "m1")
    with serving(tmp_path, "--workers", "2") as (_, port), Load(port, 8) as load:
        time.sleep(0.5)
        for version in ("m2", "m3"):
            publish(tmp_path, version)
            time.sleep(1.6)
        (tmp_path / "current.json").write_text("{", "utf-8")  # refused; m3 stays
        time.sleep(1.6)
        with closing(HTTPConnection("127.0.0.1", port)) as connection:
            with_broken = ask(connection)
    assert set(load.statuses) == {200}
    assert load.resets == 0
    assert set(load.models) == {"m1", "m2", "m3"}
    assert with_broken == (200, "m3")


def test_a_killed_worker_is_replaced_while_the_other_answers(folder: Path) -> None:
    with serving(folder, "--workers", "2") as (process, port), Load(port, 8) as load:
        time.sleep(0.5)
        victim, survivor = workers_of(process)
        os.kill(victim, signal.SIGKILL)
        deadline = time.monotonic() + 15
        while len(set(workers_of(process)) - {victim}) < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(1.5)
        after = workers_of(process)
    assert set(load.statuses) == {200}
    assert load.resets <= 16  # each connection, and perhaps its first attempt to come back
    assert survivor in after
    assert len(after) == 2


def test_a_worker_that_dies_beside_a_broken_model_waits_for_a_sound_one(tmp_path: Path) -> None:
    publish(tmp_path, "m1")
    with serving(tmp_path, "--workers", "2") as (process, port):
        (tmp_path / "current.json").write_text("{", "utf-8")
        time.sleep(1.5)
        os.kill(workers_of(process)[0], signal.SIGKILL)
        time.sleep(3)
        with closing(HTTPConnection("127.0.0.1", port)) as connection:
            assert ask(connection) == (200, "m1")
        publish(tmp_path, "m2")
        deadline = time.monotonic() + 30
        while len(workers_of(process)) < 2 and time.monotonic() < deadline:
            time.sleep(0.2)
        time.sleep(2)
        with closing(HTTPConnection("127.0.0.1", port)) as connection:
            assert ask(connection) == (200, "m2")
        assert len(workers_of(process)) == 2


def test_workers_do_not_outlive_their_parent(folder: Path) -> None:
    with serving(folder, "--workers", "2") as (process, _):
        workers = workers_of(process)
        process.kill()
        process.wait(10)
        deadline = time.monotonic() + 10
        while any(Path(f"/proc/{pid}").exists() for pid in workers):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_stopping_finishes_what_is_under_way(folder: Path) -> None:
    with serving(folder, "--workers", "1") as (process, port):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(head(len(BODY)) + BODY[:5])
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))
        connection.sendall(BODY[5:])
        answer = connection.recv(65536)
        connection.close()
        assert process.wait(10) == 0
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_a_head_that_does_not_end_is_cut_off(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\n")
        connection.settimeout(15)
        started = time.monotonic()
        assert connection.recv(100) == b""
        assert 8 < time.monotonic() - started < 13
