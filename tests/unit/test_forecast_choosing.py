"""Choosing by back-tests: what is averaged, what is refused, and that nothing sees the future."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("statsforecast", reason="fitting needs the forecast extra")
from training.forecast.backtest import replay
from training.forecast.candidates import CANDIDATES, NAIVE, SETS, class_of
from training.forecast.choosing import ENDED, SHORT, ZERO, choose, chosen, still_fits
from training.forecast.rolling import Rolled, origins_of, rolled
from training.forecast.spread import GRID, at_level, spread_of
from triage.trends.panel import Floats

pytestmark = pytest.mark.train
H = 14


def weekly(n: int, *, level: float = 20.0, seed: int = 1) -> Floats:
    shape = np.array([1.2, 1.1, 1.1, 1.0, 1.0, 0.5, 0.4])
    rng = np.random.default_rng(seed)
    return rng.poisson(level * shape[np.arange(n) % 7]).astype(np.float32)


def plain(n: int) -> Floats:
    return np.eye(7, dtype=np.float32)[np.arange(n) % 7][:, 1:]


def past(errors: dict[str, float], origins: int = 10) -> Rolled:
    truth = np.full((origins, H), 100.0, np.float32)
    means = {name: np.full((origins, H), 100 + e, np.float32) for name, e in errors.items()}
    return Rolled(np.arange(origins), means, truth)


def test_origins_are_a_week_apart_and_know_their_whole_horizon() -> None:
    assert origins_of(100, horizon=H, step=7, count=3, least=28).tolist() == [72, 79, 86]
    assert origins_of(43, horizon=H, step=7, count=9, least=28).tolist() == [29]
    assert origins_of(30, horizon=H, step=7, count=9, least=28).tolist() == []


def test_seasonal_naive_is_always_among_the_candidates() -> None:
    assert all(NAIVE in names for names in SETS.values())


def test_what_is_nearly_as_good_is_averaged_and_what_is_worse_is_not() -> None:
    found = chosen(past({NAIVE: 20.0, "smoothing": 10.0, "calendar": -10.5, "level_56": 15.0}))
    assert found.members == ("smoothing", "calendar")


def test_nothing_better_than_naive_is_naive() -> None:
    found = chosen(past({NAIVE: 1.0, "smoothing": 10.0}))
    assert (found.members, found.scores["smoothing"]) == ((NAIVE,), 10.0)


def test_a_series_without_enough_of_it_has_a_rule_of_its_own() -> None:
    X = plain(400)
    assert choose(weekly(5), X, horizon=H).members == (SHORT,)
    assert choose(np.zeros(300, np.float32), X, horizon=H).members == (ZERO,)
    ended = np.concatenate([weekly(100), np.zeros(200, np.float32)])
    assert choose(ended, X, horizon=H).members == (ENDED,)
    assert choose(weekly(34), X, horizon=H).members == (SHORT,)  # no week after the first 28 days


def test_six_weeks_are_judged_by_the_days_there_are() -> None:
    found = choose(weekly(40), plain(60), horizon=H)  # one origin, 12 days after the first 28
    assert found.origins == 1
    assert set(found.members) <= set(CANDIDATES)
    assert choose(weekly(35), plain(60), horizon=H).origins == 1


def test_the_spread_of_few_errors_is_theirs_where_they_are_wide() -> None:
    truth = np.array([[1200.0, 800.0]], np.float32)
    wide = spread_of(truth, np.full_like(truth, 1000))  # both 200 away: 200 / sqrt(1001) = 6.32
    assert wide[GRID == 0.9][0] == pytest.approx(1.2816 * 200 / np.sqrt(1001), rel=1e-3)
    near = spread_of(np.full_like(truth, 1000), np.full_like(truth, 1000))
    assert near[GRID == 0.9][0] == pytest.approx(1.2816, rel=1e-3)  # Poisson's at least


def test_a_weekly_pattern_beats_naive() -> None:
    y = weekly(200)
    found = choose(y, plain(220), horizon=H, count=12)
    assert found.score < 0.85
    assert found.origins == 12
    assert set(found.members) <= set(CANDIDATES)


def test_forecasts_do_not_see_what_comes_after_their_origin() -> None:
    y, X = weekly(150), plain(170)
    changed = y.copy()
    changed[120:] = 999
    names = SETS["heavy"]
    before, after = (rolled(one, X, [113, 120], names, horizon=H) for one in (y, changed))
    for name in names:
        assert np.array_equal(before.means[name], after.means[name]), name


def test_classes_go_by_volume_and_zeros() -> None:
    assert class_of(weekly(400)) == "heavy"
    assert class_of(weekly(400, level=3)) == "light"
    assert class_of(weekly(400, level=0.1)) == "sparse"


@pytest.mark.parametrize("name", list(CANDIDATES))
def test_every_candidate_answers_counts_of_all_kinds(name: str) -> None:
    from training.forecast.candidates import ahead

    X = plain(150)
    for y in (weekly(120), np.zeros(120, np.float32), np.ones(120, np.float32)):
        found = ahead(name, y, X, H)
        assert found.shape == (H,)
        assert (found >= 0).all()
        assert np.isfinite(found).all()


def test_quantiles_cover_as_they_say_and_never_cross() -> None:
    rng = np.random.default_rng(3)
    mean = np.full((60, H), 25.0, np.float32)
    grid = spread_of(rng.poisson(mean).astype(np.float32), mean)
    low, high = (at_level(mean[0], grid, level) for level in (0.1, 0.9))
    new = rng.poisson(25.0, 20_000)
    assert 0.77 <= ((new >= low[0]) & (new <= high[0])).mean() <= 0.87  # whole counts: some more
    assert (np.diff(grid) >= 0).all()
    assert len(grid) == len(GRID)


def test_quantiles_are_never_below_zero() -> None:
    grid = spread_of(np.zeros((8, H), np.float32), np.full((8, H), 0.2, np.float32))
    assert (at_level(np.zeros(3, np.float32), grid, 0.005) == 0).all()


def test_a_replay_reports_only_after_the_choice_could_be_made() -> None:
    found = replay(weekly(200), plain(220), horizon=H, reported=5, levels=(0.5,), frozen=True)
    assert found is not None
    assert found.truth.shape == (5, H)
    assert len(set(found.members)) == 1
    assert len(found.history) == 200 - H - 4 * 7
    assert replay(weekly(60), plain(80), horizon=H, reported=5, levels=(0.5,)) is None


def test_a_stored_choice_is_used_only_while_it_fits() -> None:
    y, X = weekly(200), plain(220)
    own = choose(y, X, horizon=H, count=6)
    assert still_fits(own, y)
    assert not still_fits(own, weekly(20))  # short now
    zero = choose(np.zeros(100, np.float32), X, horizon=H)
    assert still_fits(zero, np.zeros(120, np.float32))
    assert not still_fits(zero, y)  # it has begun since
