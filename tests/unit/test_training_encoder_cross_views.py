"""Pairs to learn from before any judgement: what they say, and where they come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from triage.errors import UnusableFile
from triage.same_event.cross_encoder import words_of
from triage.same_event.entry import Entry

pytest.importorskip("sklearn", reason="needs the train extra")

from training.encoder.cross_views import (
    TWO_EVENTS,
    near_neighbours,
    read_paraphrases,
    views_of,
)

pytestmark = [pytest.mark.train]
DETAIL = "第一句话说路灯。第二句话说北门！第三句话说老人；第四句话说物业。"


def test_the_largest_score_of_a_file_counts_as_one(tmp_path: Path) -> None:
    path = tmp_path / "sts.txt"
    path.write_text("路灯坏了\t灯不亮\t4\n\n停水\t停电\t1\n停水\t没水\t5\n", "utf-8")
    assert [tuple(view) for view in read_paraphrases(path)] == [
        ("路灯坏了", "灯不亮", 0.8),
        ("停水", "停电", 0.2),
        ("停水", "没水", 1.0),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a\tb\t1\na\tb\n", "x.txt:2"),
        (b"a\tb\tc\td\n", "x.txt:1"),
        (b"a\tb\tyes\n", "x.txt:1"),
        (b"a\tb\t-1\n", "x.txt:1"),
        (b"a\tb\tinf\n", "x.txt:1"),
        (b"a\tb\tnan\n", "x.txt:1"),
        (b"a\tb\t0\n", "没有分数大于 0"),
        (b"", "没有分数大于 0"),
        (b"\xff\xfe\t", "无法读取"),
        (None, "无法读取"),
    ],
)
def test_what_are_no_paraphrases_is_refused(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "x.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnusableFile, match=said):
        read_paraphrases(path)


def test_neighbours_are_near_and_no_near_duplicates() -> None:
    # cosines by scikit-learn: 0–1 1.0, 0–2 0.21, 2–3 0.79, 3–4 0.18, 4–5 0.90, others 0
    texts = [
        "桂花园小区的路灯坏了三盏没有人修理",
        "桂花园小区的路灯坏了三盏没有人修",
        "桂花园小区楼下烧烤摊油烟很大",
        "松树桥楼下烧烤摊油烟很大影响休息",
        "松树桥路段公交车不按时发车",
        "公交车不按时发车站牌被撞歪",
    ]
    assert near_neighbours(texts) == [[2], [2], [0, 1], [4], [3], []]


def test_a_request_has_sixteen_neighbours_at_most_and_the_nearest() -> None:
    rng = np.random.default_rng(0)
    letters = [chr(0x4E00 + n) for n in rng.permutation(400)]
    texts = ["".join(rng.choice(letters, 30)) + "甲乙" * (row % 2) for row in range(60)]
    near = near_neighbours(texts)
    assert max(map(len, near)) == 16
    assert all(row not in found for row, found in enumerate(near))


@pytest.mark.parametrize("texts", [[], ["甲乙", "丙丁"], ["", ""]])
def test_texts_that_share_nothing_have_no_neighbours(texts: list[str]) -> None:
    assert near_neighbours(texts) == [[] for _ in texts]


def test_a_request_is_seen_from_two_sides_that_share_no_sentence() -> None:
    [titled, halves] = views_of([Entry("1", "路灯不亮", DETAIL)], seed=1)
    assert tuple(titled) == ("路灯不亮", DETAIL, 1.0)
    first = "第一句话说路灯。第三句话说老人；"
    second = "第二句话说北门！第四句话说物业。"
    assert tuple(halves) in (
        (f"路灯不亮。{first}", second, 1.0),
        (first, f"路灯不亮。{second}", 1.0),
    )


def test_requests_without_title_or_detail_have_no_two_sides() -> None:
    assert views_of([Entry("1", "", DETAIL), Entry("2", "路灯不亮", "")], seed=1) == []


def test_neighbours_are_told_apart_and_the_seed_decides_how() -> None:
    entries = [
        Entry(str(n), f"桂花园小区{what}", f"桂花园小区{what}已经{n}天。" + DETAIL[: 8 * n])
        for n, what in enumerate(("停水了", "油烟大", "车位少", "狗叫吵", "电梯坏", "垃圾多"))
    ]
    views = views_of(entries, seed=1)
    assert views_of(entries, seed=1) == views
    assert views_of(entries, seed=2) != views
    twice = views_of(entries, seed=1, looks=2)
    assert twice[: len(views)] == views
    assert twice[len(views) :] != views
    assert len(twice) == 2 * len(views)
    apart = [view for view in views if view.score == TWO_EVENTS]
    assert len(views) == 2 * len(entries) + len(apart)
    assert apart
    whole = {words_of(entry): entry.id for entry in entries}
    for view in apart:
        assert view.one != view.other
        if view.one in whole and view.other in whole:
            assert whole[view.one] != whole[view.other]
