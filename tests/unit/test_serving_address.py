from __future__ import annotations

import socket

import pytest

from serving.address import AddressError, is_loopback, listen, reserved


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_only_this_machine_is_loopback(host: str, local: bool) -> None:
    assert is_loopback(host) is local


def test_workers_share_a_reserved_address_and_nobody_else_does() -> None:
    with (
        reserved("127.0.0.1", 0) as address,
        listen(address),
        listen(address),
        pytest.raises(AddressError, match="已被占用"),
        reserved("127.0.0.1", address.port),
    ):
        pass


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(AddressError, match="不是本机的地址"), reserved("192.0.2.1", 0):
        pass


def test_a_name_that_means_nothing_is_refused() -> None:
    with pytest.raises(AddressError, match="无法解析"), reserved("no such host", 0):
        pass


def test_the_url_is_what_people_write() -> None:
    with reserved("127.0.0.1", 0) as address:
        assert address.url == f"http://127.0.0.1:{address.port}"
        with pytest.raises(ConnectionRefusedError):  # reserved, and nobody listens yet
            socket.create_connection(("127.0.0.1", address.port))
