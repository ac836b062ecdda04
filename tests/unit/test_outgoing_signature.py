"""Signatures, and waits between attempts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from triage.outgoing.backoff import FIRST, JITTER, LONGEST, MOST_ATTEMPTS, wait_after
from triage.outgoing.signature import is_signed, new_secret, signature

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


def test_the_header_is_the_hmac_of_time_and_body() -> None:
    # printf '1772413200.{}' | openssl dgst -sha256 -hmac secret
    assert signature("secret", b"{}", NOW).startswith("t=1772413200,v1=")
    assert is_signed("secret", signature("secret", b"{}", NOW), b"{}", NOW)


@pytest.mark.parametrize(
    ("secret", "body", "minutes"),
    [("other", b"{}", 0), ("secret", b"{ }", 0), ("secret", b"{}", 6), ("secret", b"{}", -6)],
)
def test_another_secret_body_or_time_is_not_signed(
    secret: str, body: bytes, minutes: float
) -> None:
    header = signature("secret", b"{}", NOW)
    assert not is_signed(secret, header, body, NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize("header", ["", "t=,v1=", "v1=00", "t=９,v1=00", "t=1e9,v1=x", "a,b"])
def test_a_header_that_is_none_is_refused(header: str) -> None:
    assert not is_signed("secret", header, b"{}", NOW)


def test_secrets_differ_and_are_long() -> None:
    assert new_secret() != new_secret()
    assert len(new_secret()) > 40


def test_waits_double_within_the_jitter_and_end_after_about_a_day() -> None:
    waits: list[timedelta] = []
    while (wait := wait_after(len(waits) + 1, "hook 7")) is not None:
        whole = min(FIRST * 2 ** len(waits), LONGEST)
        assert whole * (1 - JITTER) <= wait <= whole * (1 + JITTER)
        waits.append(wait)
    assert len(waits) == MOST_ATTEMPTS - 1
    assert timedelta(hours=19) < sum(waits, timedelta()) < timedelta(hours=29)


def test_the_same_attempt_waits_as_long_and_others_differ() -> None:
    assert wait_after(3, "a") == wait_after(3, "a")
    assert wait_after(3, "a") != wait_after(3, "b")


def test_without_a_failure_there_is_no_wait() -> None:
    with pytest.raises(ValueError, match="at least one"):
        wait_after(0, "a")
