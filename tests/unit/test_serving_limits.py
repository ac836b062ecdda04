from __future__ import annotations

import pytest

import serving.limits
from serving.limits import RateLimit
from serving.settings import Limits


class Hands:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_of_one_second_passes_then_the_rate_holds() -> None:
    clock = Hands()
    limit = RateLimit(4.0, clock=clock)
    assert [limit.wait_seconds("a") for _ in range(4)] == [0.0] * 4
    # Four requests owe 4 x 0.25 s = 1 s; 0.75 s of debt is tolerated, so 0.25 s are to be waited.
    assert limit.wait_seconds("a") == pytest.approx(0.25)
    clock.now += 0.25
    assert limit.wait_seconds("a") == 0.0
    assert limit.wait_seconds("a") > 0


def test_callers_do_not_share_their_allowance() -> None:
    limit = RateLimit(1.0, clock=Hands())
    assert limit.wait_seconds("a") == 0.0
    assert limit.wait_seconds("a") == pytest.approx(1.0)
    assert limit.wait_seconds("b") == 0.0


def test_a_refused_request_costs_nothing() -> None:
    clock = Hands()
    limit = RateLimit(1.0, clock=clock)
    limit.wait_seconds("a")
    for _ in range(5):
        limit.wait_seconds("a")
    clock.now += 1.0
    assert limit.wait_seconds("a") == 0.0


def test_a_rate_below_one_a_second_makes_callers_wait_longer() -> None:
    limit = RateLimit(0.5, clock=Hands())
    assert limit.wait_seconds("a") == 0.0
    assert limit.wait_seconds("a") == pytest.approx(2.0)


def test_callers_who_owe_nothing_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving.limits, "MAX_CALLERS", 3)
    clock = Hands()
    limit = RateLimit(1.0, clock=clock)
    for caller in "abc":
        limit.wait_seconds(caller)
    clock.now += 10.0
    limit.wait_seconds("d")
    assert list(limit._due) == ["d"]


def test_limits_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        Limits(in_flight=0)
    with pytest.raises(ValueError, match="positive"):
        RateLimit(0.0)
