"""Where a service listens: loopback or not, and the address that its workers share."""

from __future__ import annotations

import errno
import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from triage.errors import TriageError

BACKLOG = 1024
"""Connections that may wait to be accepted; beyond it the system refuses."""


class AddressError(TriageError):
    """An address that cannot be listened on."""

    code = "address_unusable"


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach the address; a name other than localhost may not."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True)
class Address:
    """A resolved address with its port chosen."""

    family: socket.AddressFamily
    host: str
    port: int

    @property
    def url(self) -> str:
        """The address as people write it."""
        host = f"[{self.host}]" if self.family == socket.AF_INET6 else self.host
        return f"http://{host}:{self.port}"


@contextmanager
def reserved(host: str, port: int) -> Iterator[Address]:
    """Hold an address for the workers: nobody else may listen there, they may.

    Port 0 means any free one.

    Raises
    ------
    AddressError
        Where the port is taken, or the address is not of this machine.
    """
    try:
        family, *_, resolved = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise AddressError(f"地址 {host} 无法解析；请用本机的 IP 地址") from error
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(resolved)  # without SO_REUSEPORT, so that a second service fails here
            chosen = Address(family, str(resolved[0]), probe.getsockname()[1])
        holder = _bound(chosen)
    except OSError as error:
        raise AddressError(_reason(error, host, port)) from error
    with holder:
        yield chosen


def listen(address: Address) -> socket.socket:
    """Return one worker's listening socket of a reserved address."""
    listener = _bound(address)
    listener.listen(BACKLOG)
    return listener


def _bound(address: Address) -> socket.socket:
    bound = socket.socket(address.family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind((address.host, address.port))
    return bound


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"端口 {port} 已被占用；请用 --port 换一个，或先停掉占用它的程序"
    if error.errno == errno.EACCES:
        return f"没有权限监听端口 {port}；1024 以下的端口需要管理员权限"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} 不是本机的地址；请用 --host 指定本机的 IP 地址"
    return f"无法监听 {host}:{port}（{error.strerror}）"
