from __future__ import annotations

import random

import pytest

from evaluation.hot import (
    KnownEvent,
    adjusted_rand,
    agreement,
    known_events,
    pairs_of,
    rank_of,
    v_measure,
)
from evaluation.hot_readings import Reading, load_readings, precision

REFERENCE = {"a": "1", "b": "1", "c": "1", "d": "2", "e": "2"}


def test_pairs_are_counted_by_hand() -> None:
    # together: ab ac bc de; joined: ab cd -> right 1, wrong 1, missed 3
    said = agreement(REFERENCE, {"a": "x", "b": "x", "c": "y", "d": "y", "e": "z", "out": "x"})
    assert (said["requests"], said["pair_precision"], said["pair_recall"]) == (5, 0.5, 0.25)
    assert said["pair_f1"] == pytest.approx(2 / 6, abs=1e-4)


def test_pairs_that_are_left_out_count_for_nothing() -> None:
    found = {"a": "x", "b": "x"}
    said = agreement(REFERENCE, found, but=frozenset({("a", "b"), ("d", "e")}))
    assert (said["pair_precision"], said["pair_recall"]) == (None, 0.0)


def test_the_same_clusters_agree_wholly_and_what_is_missing_stands_alone() -> None:
    same = agreement(REFERENCE, {id: f"other {name}" for id, name in REFERENCE.items()})
    assert (same["pair_f1"], same["adjusted_rand"], same["v_measure"]) == (1.0, 1.0, 1.0)
    assert agreement(REFERENCE, {})["pair_f1"] == 0.0


@pytest.mark.train
def test_both_measures_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import adjusted_rand_score, homogeneity_completeness_v_measure

    rng = random.Random(3)
    for _ in range(20):
        names = [str(number) for number in range(30)]
        one = {name: str(rng.randrange(4)) for name in names}
        other = {name: str(rng.randrange(6)) for name in names}
        labels = [one[name] for name in names], [other[name] for name in names]
        assert adjusted_rand(one, other) == pytest.approx(adjusted_rand_score(*labels))
        assert v_measure(one, other) == pytest.approx(homogeneity_completeness_v_measure(*labels))


def test_an_event_is_known_where_two_teams_put_its_requests_together() -> None:
    teams = {
        "x": {"a": "1", "b": "1", "c": "1", "k": "2", "l": "2"},
        "y": {"a": "7", "b": "7", "k": "8", "l": "8"},
        "z": {"b": "3", "c": "3", "m": "4", "n": "4"},
    }
    assert pairs_of(teams["y"]) == {("a", "b"), ("k", "l")}
    assert known_events(teams, {}) == [
        KnownEvent(frozenset("abc"), 3),
        KnownEvent(frozenset("kl"), 2),
    ]


def test_among_equals_what_more_told_or_liked_is_better_known() -> None:
    teams = {name: {"a": "1", "b": "1", "k": "2", "l": "2"} for name in ("x", "y")}
    assert [min(event.members) for event in known_events(teams, {})] == ["a", "k"]
    assert [min(event.members) for event in known_events(teams, {"l": 5})] == ["k", "a"]


def test_an_event_is_found_where_a_topic_holds_half_of_it() -> None:
    event = KnownEvent(frozenset("abcd"), 3)
    assert rank_of(event, ["ax", "abz", "abcd"]) == 2
    assert rank_of(event, ["ax"]) is None


def test_a_large_group_may_gain_a_member_and_stay_read() -> None:
    letters = "abcdefghijklmnopqrs"
    readings = [Reading("event", frozenset(letters), True, "同一小区的油烟")]
    grown, other = frozenset(letters + "t"), frozenset(letters + "tuvwx")
    assert precision(readings, "event", {"1": grown})["read"] == 1
    assert precision(readings, "event", {"1": other})["read"] == 0


def test_a_reading_counts_only_for_the_members_that_were_read() -> None:
    readings = [
        Reading("event", frozenset("ab"), True, "同一小区的油烟"),
        Reading("event", frozenset("cd"), False, "两个小区"),
        Reading("problem", frozenset("ef"), True, "路灯"),
    ]
    topics = {"1": frozenset("ab"), "2": frozenset("cd"), "3": frozenset("ef")}
    said = precision(readings, "event", topics)
    assert (said["topics"], said["read"], said["right"], said["precision"]) == (3, 2, 1, 0.5)
    assert said["unread"] == ["3"]


def test_the_readings_that_come_with_the_package_hold_reasons() -> None:
    assert all(reading.reason and reading.members for reading in load_readings())
