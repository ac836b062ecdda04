from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the extra train")

from evaluation.judged_pairs import JudgedPair
from evaluation.same_event_data import PAIRS, POOL, read_pairs, read_pool
from training.same_event.boosting import Shape, fit_trees
from training.same_event.encoder_fit import fit_encoder
from training.same_event.fit import Judged, fit_decision, held_out, merge_threshold
from training.same_event.statistics_fit import fit_rarity
from training.same_event.swaps import rare_name, swapped_pairs
from training.same_event.texts import LETTERS, OTHERS, Told, read_statistics
from triage.errors import UnusableFile
from triage.same_event.entry import Entry
from triage.same_event.pair_features import NAMES, SIGNS
from triage.same_event.statistics import Rarity

pytestmark = pytest.mark.train

PLACES = ("青禾苑", "百合园", "文昌路", "金沙河", "紫云坊", "石桥村")
MATTERS = ("门口积水三天", "路灯一盏不亮", "夜里施工太吵", "垃圾没有人收")


def _told() -> list[Told]:
    return [
        Told(f"{place}{matter}", f"住在{place}，{matter}，请派人来看。", "T1")
        for place in PLACES
        for matter in MATTERS
    ] * 3


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    who = {"user": "甲", "time": "2026-01-01 08:00:00"}
    _write(
        tmp_path / POOL,
        [
            {"id": "1", **who, "title": "A3区积水", "detail": "青禾苑积水"},
            {"id": "2", **who, "title": "路灯", "detail": "文昌路路灯不亮，电话13812345678"},
        ],
    )
    pair = {"query_id": "1", "candidate_id": "2", "label": "2", "component": "c1"}
    mirrored = {"query_id": "2", "candidate_id": "1", "label": "2", "component": "c1"}
    _write(tmp_path / PAIRS, [pair, mirrored])
    letter = {"title": "A3区积水！", "detail": "另一段文字", "topic": "T1"}
    _write(tmp_path / LETTERS, [letter, {**letter, "title": "别的题目"}])
    other = {"留言主题": "又一条", "留言详情": "青禾苑，积水。"}
    for name in OTHERS:
        _write(tmp_path / name, [other])
    return tmp_path


def test_a_text_of_the_judged_pool_is_never_among_the_statistics(shared: Path) -> None:
    # one letter has the title of the pool's first message, the others its detail
    pool = read_pool(shared, {})
    assert [one.title for one in read_statistics(shared, pool)] == ["别的题目"]


def test_mirrored_pairs_count_once_and_districts_are_read(shared: Path) -> None:
    assert read_pairs(shared) == [JudgedPair("1", "2", 2, "c1")]
    assert [entry.region for entry in read_pool(shared, {"1": "T9"}).values()] == ["A3区", ""]


def test_the_pool_is_masked(shared: Path) -> None:
    assert read_pool(shared, {})["2"].detail.startswith("文昌路路灯不亮，电话<")
    assert "13812345678" not in str(read_pool(shared, {}))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="--shared"):
        read_pairs(tmp_path)


def test_the_encoder_is_the_same_twice_and_brings_one_request_together() -> None:
    encoder = fit_encoder(_told() + [Told(f"题{n}", f"文{n}") for n in range(40)])
    again = fit_encoder(_told() + [Told(f"题{n}", f"文{n}") for n in range(40)])
    assert np.array_equal(encoder.vectors, again.vectors)
    one, near, far = encoder.encode(["青禾苑门口积水三天", "青禾苑积水", "文昌路路灯一盏不亮"])
    assert one @ near > one @ far


def test_tables_of_trees_say_what_scikit_learn_said() -> None:
    rng = np.random.default_rng(0)
    features = rng.random((300, len(NAMES)), np.float32)
    features[rng.random(features.shape) < 0.1] = np.nan
    is_so = np.nan_to_num(features[:, 0]) + 0.3 * rng.random(300) > 0.7
    trees = fit_trees(features, is_so, Shape(20, 6, 5, 1), SIGNS)
    log_odds = trees.sum(features)
    assert np.mean((log_odds > 0) == is_so) > 0.85
    # monotone: more of a number that speaks for one event never lowers the odds
    more = features.copy()
    more[:, 0] = 1.0
    assert (trees.sum(more) >= log_odds - 1e-5)[~np.isnan(features[:, 0])].all()


def _judged(n: int = 240) -> Judged:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, n)
    features = rng.random((n, len(NAMES)), np.float32)
    features[:, :6] += labels[:, None] / 2
    return Judged(
        features,
        labels.astype(np.int64),
        np.array([f"c{row // 6}" for row in range(n)]),
        np.zeros(n, np.bool_),
    )


@pytest.mark.slow
def test_held_out_probabilities_come_from_other_components_and_are_useful(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("training.same_event.fit.SHAPES", (Shape(15, 4, 10, 1),))
    judged = _judged()
    found = held_out(judged)
    for component in set(judged.components.tolist()):
        assert len(set(found.fold[judged.components == component].tolist())) == 1
    is_same = judged.labels == 2
    assert found.same[is_same].mean() > found.same[~is_same].mean() + 0.2
    decision = fit_decision(judged)
    assert (decision.probabilities(judged.features)[:, 0][is_same] > 0.5).mean() > 0.7


def test_the_threshold_of_merging_keeps_one_wrong_in_fifty_out() -> None:
    probabilities = np.array([0.9, 0.8, 0.7, 0.6], np.float32)
    assert merge_threshold(probabilities, np.array([True, True, False, True])) == pytest.approx(0.8)
    assert merge_threshold(probabilities, np.array([False, True, True, True])) == 1.0


def test_a_name_is_a_rare_stretch_that_the_text_repeats() -> None:
    rarity = Rarity(fit_rarity([Told("门口积水三天", "请派人来看")] * 5_000))
    assert rare_name("青禾苑门口积水三天", "住在青禾苑，请派人来看", rarity) == "青禾苑"
    assert rare_name("门口积水三天", "门口积水三天，请派人来看", rarity) == ""


def test_swapped_copies_have_another_name_and_stay_in_their_component() -> None:
    rarity = Rarity(fit_rarity([Told("门口积水三天", "住在，请派人来看。")] * 5_000))
    pool = {
        "1": Entry("1", "青禾苑门口积水三天", "住在青禾苑，请派人来看。"),
        "2": Entry("2", "门口积水三天，在青禾苑", "青禾苑，请派人来看。"),
    }
    texts = [Told("百合园门口积水三天", "住在百合园，请派人来看。")]
    made = swapped_pairs([JudgedPair("1", "2", 2, "c1")], pool, texts, rarity)
    assert {component for *_, component in made} == {"c1"}
    assert made
    for _, copy, _ in made:
        assert "青禾苑" not in copy.title + copy.detail
        assert "百合园" in copy.title + copy.detail


def _read(judged: Judged, *, noise: float) -> Judged:
    """Return the pairs as a cross-encoder reads them that is right but for some noise."""
    rng = np.random.default_rng(7)
    truth = np.stack([judged.labels == 2, judged.labels >= 1], axis=1) * 6.0 - 3.0
    read = (truth + rng.normal(0, noise, truth.shape)).astype(np.float32)
    read[judged.is_made] = np.nan
    return replace(judged, read=read)


def test_what_was_read_is_weighed_by_what_it_is_worth() -> None:
    judged = _noisy_pairs()
    alone = held_out(judged)
    np.testing.assert_array_equal(alone.same, alone.fast)
    good, bad = (held_out(_read(judged, noise=noise)) for noise in (0.1, 1e3))
    same = judged.labels == 2
    np.testing.assert_array_equal(good.fast, alone.same)  # the trees do not look at it
    read = good.same != good.fast
    assert read.any()
    wrong = [((found.same >= 0.5) != same)[read].mean() for found in (good, alone)]
    assert wrong[0] < 0.02 < wrong[1]
    decision = fit_decision(_read(judged, noise=1e3))
    assert decision.closer is not None
    assert abs(decision.closer.same.read) < 0.01 < decision.closer.same.trees
    assert np.abs(bad.same - bad.fast).mean() < 0.1


def test_a_copy_about_another_place_is_not_read() -> None:
    judged = _noisy_pairs()
    features = judged.features.copy()
    features[:40, NAMES.index("copied_but_number")] = 0.5
    found = held_out(_read(replace(judged, features=features), noise=0.1))
    np.testing.assert_array_equal(found.same[:40], found.fast[:40])
    assert (found.same[40:] != found.fast[40:]).any()


def _noisy_pairs() -> Judged:
    rng = np.random.default_rng(3)
    n = 400
    labels = rng.integers(0, 3, n)
    features = rng.random((n, len(NAMES)), np.float32)
    for name in ("copied_but_exchanged", "copied_but_number"):
        features[:, NAMES.index(name)] = 0
    features[:, NAMES.index("cosine_whole_12")] = labels / 8 + rng.random(n) / 2
    components = np.array([f"c{row // 4}" for row in range(n)])
    return Judged(features, labels, components, np.zeros(n, np.bool_))
