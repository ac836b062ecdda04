from __future__ import annotations

from difflib import SequenceMatcher

import numpy as np
import pytest

from triage.same_event.passages import LEAST, Passage, passages


def test_passages_are_those_of_difflib_but_for_the_short_ones() -> None:
    rng = np.random.default_rng(3)
    for round_ in range(3_000):
        letters = list("水管爆裂啊"[: 1 + round_ % 5])
        one, other = ("".join(rng.choice(letters, rng.integers(0, 40))) for _ in range(2))
        if round_ % 2:
            cut = int(rng.integers(0, len(one) + 1))
            other = one[:cut] + other + one[cut:]
        blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
        wanted = [tuple(block) for block in blocks if block.size >= LEAST]
        assert passages(one, other) == wanted, (one, other)


def test_the_longest_passage_comes_first_and_the_others_lie_around_it() -> None:
    # 水管爆裂了 (5) at 5 and 0; 请尽快来 lies before it in one and after it in the other: left out
    assert passages("请尽快来，水管爆裂了", "水管爆裂了，请尽快来") == [Passage(5, 0, 5)]


@pytest.mark.parametrize(("one", "other"), [("", ""), ("水管爆", "水管爆"), ("水管爆裂", "")])
def test_texts_too_short_to_share_a_passage_share_none(one: str, other: str) -> None:
    assert passages(one, other) == []
