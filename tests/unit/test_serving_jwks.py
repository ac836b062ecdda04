"""Keys from the issuer's address: asked for when due, kept through a failure, never redirected."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from jwt.algorithms import OKPAlgorithm

from serving.jwks import REFRESH_SECONDS, RETRY_SECONDS, RemoteKeys

PUBLIC = json.loads(OKPAlgorithm.to_jwk(ed25519.Ed25519PrivateKey.generate().public_key()))


class Hands:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Issuer:
    """What the address answers, and how often it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.kid = "one"
        self.asked = 0
        self.address = ""


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    told = Issuer()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked += 1
            self.send_response(told.status)
            self.send_header("location", "/elsewhere")
            self.end_headers()
            self.wfile.write(json.dumps({"keys": [PUBLIC | {"kid": told.kid}]}).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        told.address = f"http://127.0.0.1:{server.server_port}/jwks"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield told
        server.shutdown()
        thread.join()


def known(keys: RemoteKeys) -> list[str]:
    asyncio.run(keys.poll())
    return list(keys.keys or ())


def test_keys_are_asked_for_at_the_first_look_and_then_when_due(issuer: Issuer) -> None:
    clock = Hands()
    keys = RemoteKeys(issuer.address, clock=clock)
    assert keys.keys is None
    assert issuer.asked == 0
    assert known(keys) == ["one"]
    issuer.kid = "two"
    clock.now += REFRESH_SECONDS - 1
    assert known(keys) == ["one"]
    clock.now += 1
    assert known(keys) == ["two"]
    assert issuer.asked == 2


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_failure_leaves_the_known_keys_and_is_tried_again_soon(
    issuer: Issuer, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Hands()
    keys = RemoteKeys(issuer.address, clock=clock)
    assert known(keys) == ["one"]
    issuer.status = status
    clock.now += REFRESH_SECONDS
    assert known(keys) == ["one"]
    assert "keys of the token issuer not had" in caplog.text
    asked = issuer.asked
    clock.now += RETRY_SECONDS - 1
    known(keys)
    assert issuer.asked == asked
    issuer.status, issuer.kid = 200, "two"
    clock.now += 1
    assert known(keys) == ["two"]


def test_an_address_that_nobody_answers_gives_no_keys() -> None:
    keys = RemoteKeys("http://127.0.0.1:9/jwks", clock=Hands())
    assert known(keys) == []
    assert keys.keys is None
