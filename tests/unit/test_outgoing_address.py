"""Where a message may go."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address

import pytest

from triage.outgoing.address import UnfitAddress, check_url, is_public, target_of


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/", "file:///etc/passwd", "//example.com", "http://", "http://[::1",
        "http://user:word@example.com/", "http://example.com/#part", "http://example.com:99999/",
        "http://example.com/\n", "https://example.com/" + "a" * 2_000,
    ],
)  # fmt: skip
def test_only_plain_http_urls_are_taken(url: str) -> None:
    with pytest.raises(UnfitAddress):
        check_url(url, allow_private=True)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "a.localhost", "10.0.0.5", "172.16.3.4", "192.168.1.1",
        "169.254.169.254", "0.0.0.0", "[::1]", "[::]", "[fd00::1]", "[fe80::1]",
        "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1", "100.64.0.1",
    ],
)  # fmt: skip
def test_private_addresses_are_refused_however_they_are_written(host: str) -> None:
    with pytest.raises(UnfitAddress, match="--webhooks-allow-private"):
        check_url(f"http://{host}/hook", allow_private=False)
    assert check_url(f"http://{host}/hook", allow_private=True)[2] == 80


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(ip_address(address))


def test_a_name_that_leads_to_a_private_address_is_refused_when_it_is_looked_up() -> None:
    async def look_up(host: str, port: int) -> list[str]:
        return ["1.1.1.1", "127.0.0.1"]

    with pytest.raises(UnfitAddress):
        asyncio.run(target_of("https://rebind.example/", allow_private=False, look_up=look_up))


def test_what_was_checked_is_what_is_connected_to() -> None:
    async def look_up(host: str, port: int) -> list[str]:
        assert (host, port) == ("hooks.example", 8443)
        return ["2606:4700::1111"]

    target = asyncio.run(
        target_of("https://hooks.example:8443/x", allow_private=False, look_up=look_up)
    )
    assert (target.netloc, target.host) == ("[2606:4700::1111]:8443", "hooks.example")
