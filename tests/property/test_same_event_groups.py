from __future__ import annotations

import random
import time
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.same_event.groups import Group, Pair, Rulings, groups
from triage.same_event.judgement import Label

IDS = [f"r{number:02d}" for number in range(12)]
THRESHOLD = 0.5


def pair(one: str, other: str, probability: float) -> Pair:
    if probability >= THRESHOLD:
        return one, other, probability, Label.SAME_EVENT
    return one, other, probability, Label.UNRELATED if probability < 0.2 else Label.RELATED


def event(*names: str, probability: float = 0.9) -> list[Pair]:
    return [pair(one, other, probability) for one, other in combinations(names, 2)]


def members(found: list[Group]) -> list[tuple[str, ...]]:
    return [group.members for group in found]


@st.composite
def judged(draw: st.DrawFn) -> list[Pair]:
    chosen = draw(st.lists(st.sampled_from(list(combinations(IDS, 2))), unique=True, max_size=40))
    shares = st.integers(0, 20).map(lambda twentieths: twentieths / 20)
    return [pair(one, other, draw(shares)) for one, other in chosen]


@settings(max_examples=80, deadline=None)
@given(judged(), st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_direction_of_pairs_changes_the_groups(
    pairs: list[Pair], rng: random.Random
) -> None:
    turned = [
        (b, a, p, label) if rng.random() < 0.5 else (a, b, p, label) for a, b, p, label in pairs
    ]
    rng.shuffle(turned)
    shuffled = rng.sample(IDS, len(IDS))
    assert groups(shuffled, turned, THRESHOLD) == groups(IDS, pairs, THRESHOLD)


@settings(max_examples=80, deadline=None)
@given(judged())
def test_every_request_is_in_exactly_one_group_named_after_its_least_member(
    pairs: list[Pair],
) -> None:
    found = groups(IDS, pairs, THRESHOLD)
    assert sorted(name for group in found for name in group.members) == IDS
    assert all(group.id == min(group.members) for group in found)
    assert all(group.cohesion >= THRESHOLD for group in found)


@settings(max_examples=80, deadline=None)
@given(judged(), st.sampled_from(list(combinations(IDS, 2))))
def test_whom_a_person_split_is_never_together_even_if_merged_too(
    pairs: list[Pair], apart: tuple[str, str]
) -> None:
    turned = (apart[1], apart[0])
    third = next(name for name in IDS if name not in apart)
    merged = frozenset({turned, (apart[0], third), (third, apart[1])})
    found = groups(IDS, pairs, THRESHOLD, rulings=Rulings(merged, frozenset({apart})))
    assert not any(set(apart) <= set(group.members) for group in found)


@settings(max_examples=40, deadline=None)
@given(judged(), st.sampled_from(list(combinations(IDS, 2))))
def test_whom_a_person_merged_is_together_whatever_the_probabilities(
    pairs: list[Pair], joined: tuple[str, str]
) -> None:
    found = groups(IDS, pairs, THRESHOLD, rulings=Rulings(merged=frozenset({joined})))
    assert any(set(joined) <= set(group.members) for group in found)


def test_one_strong_link_does_not_join_two_events() -> None:
    first, second = IDS[:4], IDS[4:8]
    bridge = pair(first[0], second[0], 0.99)
    found = groups(IDS[:8], [*event(*first), *event(*second), bridge], THRESHOLD)
    assert members(found) == [tuple(first), tuple(second)]


def test_a_vague_request_linked_to_two_events_does_not_join_them() -> None:
    first, second, vague = IDS[:4], IDS[4:8], IDS[8]
    links = [pair(vague, one, 0.8) for one in first] + [pair(vague, one, 0.7) for one in second]
    found = groups(IDS[:9], [*event(*first), *event(*second), *links], THRESHOLD)
    assert members(found) == [(*first, vague), tuple(second)]


def test_a_chain_in_which_each_is_like_the_one_before_only_does_not_grow() -> None:
    chain = [pair(one, other, 0.9) for one, other in pairwise(IDS)]
    assert max(len(group.members) for group in groups(IDS, chain, THRESHOLD)) == 2


def test_two_events_that_most_members_support_are_joined() -> None:
    first, second = IDS[:3], IDS[3:6]
    across = [pair(one, other, 0.8) for one in first for other in second]
    found = groups(IDS[:6], [*event(*first), *event(*second), *across], THRESHOLD)
    assert members(found) == [tuple(IDS[:6])]


def test_a_confident_contradiction_outweighs_two_good_links() -> None:
    # (0.8 + 0.8 + 0.01) / 3 = 0.54 would do, but a third of the known pairs contradicts.
    links = [pair("r02", "r03", 0.8), pair("r01", "r03", 0.8), pair("r00", "r03", 0.01)]
    found = groups(IDS[:4], [*event("r00", "r01", "r02"), *links], THRESHOLD)
    assert members(found) == [("r00", "r01", "r02"), ("r03",)]


def test_a_pair_said_twice_counts_with_its_mean() -> None:
    assert len(groups(["a", "b"], [pair("a", "b", 0.7), pair("b", "a", 0.2)], THRESHOLD)) == 2
    assert len(groups(["a", "b"], [pair("a", "b", 0.7), pair("b", "a", 0.4)], THRESHOLD)) == 1


def test_nothing_gives_nothing_and_one_gives_one() -> None:
    assert groups([], [], THRESHOLD) == []
    assert groups(["a"], [], THRESHOLD) == [Group("a", ("a",))]


def test_a_pair_of_an_unknown_request_is_refused() -> None:
    with pytest.raises(ValueError, match="'z'"):
        groups(["a"], [pair("a", "z", 0.9)], THRESHOLD)
    with pytest.raises(ValueError, match="'z'"):
        groups(["a"], [], THRESHOLD, rulings=Rulings(split=frozenset({("a", "z")})))


@pytest.mark.slow
def test_a_thousand_identical_requests_with_their_nearest_twenty_are_one_group() -> None:
    rng = random.Random(5)
    names = [f"{number:04d}" for number in range(1000)]
    pairs = [
        pair(one, other, 0.99) for one in names for other in rng.sample(names, 20) if one != other
    ]
    assert len(groups(names, pairs, THRESHOLD)) == 1


@pytest.mark.slow
def test_time_grows_about_as_the_pairs_do() -> None:
    def seconds(n: int) -> float:
        rng = random.Random(n)
        names = [f"{number:06d}" for number in range(n)]
        pairs = [
            pair(names[at], names[(at + step) % n], rng.random())
            for at in range(n)
            for step in range(1, 9)
        ]
        start = time.process_time()
        groups(names, pairs, THRESHOLD)
        return time.process_time() - start

    assert seconds(20_000) < 6 * 2.5 * seconds(
        4_000
    )  # five times the pairs; 2.5 for a busy machine
