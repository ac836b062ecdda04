"""Where a message may go: http or https, and no address of this machine or network unless allowed.

A name is looked up before each sending and the address that was checked is the one connected to,
so that a name that changes its address (DNS rebinding) leads nowhere.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from triage.errors import TriageError

MOST_URL = 2_000
_PORTS = {"http": 80, "https": 443}
_NAT64 = IPv6Network("64:ff9b::/96")
Address = IPv4Address | IPv6Address
LookUp = Callable[[str, int], Awaitable[list[str]]]
"""Host and port to addresses; OSError where there is none."""


class UnfitAddress(TriageError):
    """A URL that nothing is sent to."""

    code = "webhook_url"


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect: the address that was checked, and the name it goes by."""

    scheme: str
    host: str
    port: int
    address: str

    @property
    def netloc(self) -> str:
        """Return the address and port as a URL writes them."""
        shown = f"[{self.address}]" if ":" in self.address else self.address
        return f"{shown}:{self.port}"


def check_url(url: str, *, allow_private: bool) -> tuple[str, str, int]:
    """Return scheme, host and port of a URL that may be registered; names are not looked up.

    Raises
    ------
    UnfitAddress
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise _unfit(f"网址 {url[:80]!r} 无法识别") from error
    if parts.scheme not in _PORTS or not host or len(url) > MOST_URL or not url.isprintable():
        raise _unfit(f"网址应为 http:// 或 https:// 开头，至多 {MOST_URL} 个字符")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _unfit("网址里不能带用户名、密码或 # 片段：接收方用签名核对来源")
    literal = _literal(host)
    if not allow_private and (
        host == "localhost" or host.endswith(".localhost") or (literal and not is_public(literal))
    ):
        raise _private(host)
    return parts.scheme, host, port or _PORTS[parts.scheme]


async def target_of(url: str, *, allow_private: bool, look_up: LookUp) -> Target:
    """Look the host of a URL up and return where to connect.

    Raises
    ------
    UnfitAddress
        One of its addresses is of this machine or network, and that is not allowed.
    OSError
        The name has no address.
    """
    scheme, host, port = check_url(url, allow_private=allow_private)
    found = await look_up(host, port)
    if not allow_private and not all(is_public(ip_address(one)) for one in found):
        raise _private(host)
    return Target(scheme, host, port, found[0])


def is_public(address: Address) -> bool:
    """Say whether an address is one of the open Internet, whatever it is wrapped in."""
    inner = _unwrapped(address)
    if inner is not None:
        return is_public(inner)
    return address.is_global and not address.is_multicast


async def look_up(host: str, port: int) -> list[str]:
    """Ask the system's resolver."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(row[4][0]).partition("%")[0] for row in found]


def _unwrapped(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _unfit(message: str) -> UnfitAddress:
    return UnfitAddress(message, field="url")


def _private(host: str) -> UnfitAddress:
    return _unfit(
        f"{host} 是本机或内网地址：默认不外发到内网；确有需要请以 --webhooks-allow-private 启动服务"
    )
