"""Same origin: a browser must not be made to act for its user by a page from elsewhere.

Keys and tokens go in a header that no page from elsewhere can set, so there is nothing to forge.
Asked only where the browser itself would bring the right along: with cookies (those of a proxy that
signs users in), and on a service that asks this machine's user for nothing.

References
----------
W3C Fetch Metadata (`Sec-Fetch-Site`); the order of the questions is that of `CrossOriginProtection`
in Go's net/http: a request with neither header does not come from a browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from serving.address import is_loopback
from serving.problems import Problem

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = (b"same-origin", b"none")


def check_origin(method: str, headers: Mapping[bytes, bytes], *, is_ambient: bool) -> None:
    """Refuse what a page from elsewhere may have sent.

    Parameters
    ----------
    headers
        By lower-case name.
    is_ambient
        The caller has shown neither key nor token and may act all the same.

    Raises
    ------
    Problem
        cross_origin.
    """
    if method in SAFE_METHODS or not (is_ambient or b"cookie" in headers):
        return
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        if site not in _OWN_SITES:
            raise _refusal()
        return
    origin = headers.get(b"origin")
    if origin is not None and _authority(origin) != headers.get(b"host"):
        raise _refusal()


def check_own_host(headers: Mapping[bytes, bytes]) -> None:
    """Refuse another name for this machine: a page whose name was made to resolve to 127.0.0.1.

    Raises
    ------
    Problem
        cross_origin.
    """
    if not _is_own(headers.get(b"host", b"")):
        raise Problem(
            "cross_origin",
            "没有启用密钥的服务只在本机用 127.0.0.1 或 localhost 访问；"
            "经反向代理或别的名字访问，请用 --auth keys",
        )


def _authority(origin: bytes) -> bytes:
    """Return host and port of `scheme://host:port`; `null` has none."""
    return origin.partition(b"://")[2]


@lru_cache(maxsize=64)
def _is_own(host: bytes) -> bool:
    """Tell whether a host, with or without a port, is a loopback name."""
    try:
        return is_loopback(urlsplit(f"//{host.decode('latin-1')}").hostname or "")
    except ValueError:
        return False


def _refusal() -> Problem:
    return Problem("cross_origin", "请求来自别的网站的页面；请在本服务自己的页面上操作")
