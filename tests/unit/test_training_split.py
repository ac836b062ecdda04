"""Folds keep groups and near-duplicates together, or follow time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from evaluation.truth import Example
from triage.errors import UnusableFile

pytest.importorskip("sklearn", reason="needs the training extra")

from training.split import assign_folds, find_groups, near_duplicates

pytestmark = pytest.mark.train
WORDS = "路灯停水油烟物业施工工资井盖公交社保学区噪音垃圾河道树木电梯车位"


def example(index: int, text: str = "", **values: object) -> Example:
    rng = np.random.default_rng(index)
    drawn = "".join(rng.choice(list(WORDS), 30))
    return Example(id=str(index), title="", text=text or drawn, **values)  # type: ignore[arg-type]


def test_a_named_group_is_never_cut() -> None:
    examples = [example(i, group=f"g{i % 12}") for i in range(60)]
    fold = assign_folds(examples, folds=5, how="group", seed=1)
    for name in range(12):
        assert len(set(fold[name::12])) == 1


def test_near_duplicates_share_a_fold_though_nobody_named_them() -> None:
    story = "滨江路三十六号楼下的烧烤店每晚油烟直冲窗户，孩子咳嗽不止"
    examples = [example(i) for i in range(40)]
    examples += [
        example(90, story),
        example(91, story + "，请尽快处理"),
        example(92, "您好，" + story),
    ]
    groups = find_groups(examples)
    assert len(set(groups[40:])) == 1
    assert len(set(groups)) == 41
    fold = assign_folds(examples, folds=4, how="group", seed=3)
    assert len(set(fold[40:])) == 1


def test_groups_and_near_duplicates_join_into_one() -> None:
    story = "滨江路三十六号楼下的烧烤店每晚油烟直冲窗户，孩子咳嗽不止"
    examples = [example(i) for i in range(20)]
    examples += [example(90, story, group="a"), example(91, story + "。"), example(92, group="a")]
    assert len(set(find_groups(examples)[20:])) == 1


def test_different_requests_are_not_near() -> None:
    texts = [example(i).text for i in range(50)]
    assert near_duplicates(texts) == []


def test_folds_are_of_about_equal_size() -> None:
    examples = [example(i, group=f"g{i // 5}") for i in range(100)]
    sizes = np.bincount(assign_folds(examples, folds=5, how="group", seed=1))
    assert sizes.tolist() == [20] * 5


def test_the_seed_decides_and_repeats() -> None:
    examples = [example(i) for i in range(40)]
    one, same, other = (
        assign_folds(examples, folds=4, how="group", seed=seed).tolist() for seed in (1, 1, 2)
    )
    assert one == same != other


def test_time_folds_follow_time_not_the_order_of_rows() -> None:
    start = datetime(2025, 1, 1, tzinfo=UTC)
    days = [5, 1, 4, 0, 3, 2]
    examples = [example(i, received_at=start + timedelta(days=day)) for i, day in enumerate(days)]
    assert assign_folds(examples, folds=3, how="time", seed=1).tolist() == [2, 0, 2, 0, 1, 1]


def test_time_needs_a_time_in_every_row() -> None:
    examples = [example(0, received_at=datetime(2025, 1, 1, tzinfo=UTC)), example(1)]
    with pytest.raises(UnusableFile, match="received_at"):
        assign_folds(examples, folds=2, how="time", seed=1)


def test_too_few_groups_are_refused() -> None:
    examples = [example(i, group="one") for i in range(30)]
    with pytest.raises(UnusableFile, match="只有 1 组"):
        assign_folds(examples, folds=5, how="group", seed=1)
