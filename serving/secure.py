"""Headers that every answer carries unless its route says otherwise.

Nothing is kept by browsers or proxies (`no-store`: most answers hold personal data), guessed by
type, framed, or read by pages from elsewhere. The page's own policy is in `serving.console`.
"""

from __future__ import annotations

from serving.asgi import Headers

SECURE: Headers = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)

_PLAIN = (b"content-type", b"content-length")


def secured(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Return the headers with what is missing added; names are in lower case."""
    if len(headers) == 2 and (headers[0][0], headers[1][0]) == _PLAIN:
        return [*headers, *SECURE]  # the hot path: an answer of `send_bytes`
    present = {name for name, _ in headers}
    return [*headers, *(pair for pair in SECURE if pair[0] not in present)]
