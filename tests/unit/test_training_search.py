"""A space of recipes, the state of a search, and what guesses are worth."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the training extra")

from training.labels import Head
from training.recipe import Recipe, load_recipe
from training.scores import figures_of, recipe_score, truth_of
from training.search.space import lay_over, load_space
from training.search.state import Done, State
from training.trial import decide
from triage.errors import UnusableFile

pytestmark = pytest.mark.train
IDENTITY = {"data_sha256": "a" * 64, "split": "group", "folds": 5}


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return load_recipe("default")


def space_file(folder: Path, text: str) -> str:
    path = folder / "space.toml"
    path.write_text(text, "utf-8")
    return str(path)


def test_overrides_change_the_recipe_and_its_text(recipe: Recipe) -> None:
    laid = lay_over(recipe, {"C.topic": 0.5, "features.text": [1, 2, 3], "weights.note": 3})
    assert laid.C_of("topic") == 0.5
    assert laid.C_of("lead_unit") == recipe.C_of("lead_unit")
    assert laid.fields[1].orders == (1, 2, 3)
    assert laid.weights["note"] == 3.0
    assert lay_over(laid, {}).C_of("topic") == 0.5  # it stands in the text, not only in the value


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("fit.folds", 3, "不能搜索 fit.folds"),
        ("fit.emphasis", False, "不能搜索"),
        ("features.table_megabytes", 5, "不能搜索"),
        ("C", 1.0, "不能搜索"),
        ("C.topic", 0.0, "大于 0"),
        ("features.text", [9], "1 到 4"),
    ],
)
def test_what_cannot_be_tried_is_refused(
    tmp_path: Path, recipe: Recipe, key: str, value: object, said: str
) -> None:
    text = f'[[candidate]]\n"{key}" = {json.dumps(value)}\n'
    with pytest.raises(UnusableFile, match=said):
        load_space(space_file(tmp_path, text), recipe)


def test_a_grid_is_every_combination_and_repeats_nothing(tmp_path: Path, recipe: Recipe) -> None:
    # 2 x 2 of the grid; C.topic = 2.0 is the default's; so 1 given + 3 others + 1 single
    text = (
        '[grid]\n"C.topic" = [2.0, 4.0]\n"features.min_df" = [2, 3]\n'
        '[[candidate]]\n"C.topic" = 8.0\n[[candidate]]\n"features.min_df" = 3\n'
    )
    assert recipe.C_of("topic") == 2.0
    space = load_space(space_file(tmp_path, text), recipe)
    assert [dict(one.overrides) for one in space.candidates] == [
        {},
        {"features.min_df": 3},
        {"C.topic": 4.0},
        {"C.topic": 4.0, "features.min_df": 3},
        {"C.topic": 8.0},
    ]
    assert space.candidates[0].recipe is recipe


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[race]\nfolds = 6", "folds"),
        ("[race]\nkeep = 0", "keep"),
        ("[race]\nseed = 1", "race"),
        ('decisions = ["colour"]', "decisions"),
        ("[grd]\n", "不认识 grd"),
        ("[grid]\n" + f'"C.topic" = {[float(i) for i in range(1, 600)]}', "太多"),
        ("= 3", "不可用"),
    ],
)
def test_a_space_that_makes_no_sense_is_refused(
    tmp_path: Path, recipe: Recipe, text: str, said: str
) -> None:
    with pytest.raises(UnusableFile, match=said):
        load_space(space_file(tmp_path, text), recipe)


def test_the_shipped_space_is_found_and_an_unknown_one_refused(recipe: Recipe) -> None:
    assert len(load_space("default", recipe).candidates) > 20
    with pytest.raises(UnusableFile, match="找不到搜索空间"):
        load_space("none", recipe)


def test_a_finished_trial_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    flags = np.array([[0, 1], [1, 1]], np.int16)
    State(path, IDENTITY).add(
        Done("k", "fold0", 1.5, {"topic": np.arange(3, dtype=np.int16), "flags": flags})
    )
    again = State(path, IDENTITY).done["k", "fold0"]
    assert again.seconds == 1.5
    assert again.guesses["topic"].tolist() == [0, 1, 2]
    assert again.guesses["flags"].tolist() == [[0, 1], [1, 1]]


def test_a_line_torn_by_a_kill_is_forgotten_and_written_over(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    state = State(path, IDENTITY)
    for key in ("a", "b"):
        state.add(Done(key, "fold0", 1.0, {"topic": np.zeros(4, np.int16)}))
    path.write_bytes(path.read_bytes()[:-20])
    again = State(path, IDENTITY)
    assert list(again.done) == [("a", "fold0")]
    again.add(Done("c", "fold0", 1.0, {"topic": np.zeros(4, np.int16)}))
    assert list(State(path, IDENTITY).done) == [("a", "fold0"), ("c", "fold0")]


def test_progress_of_other_data_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    State(path, IDENTITY)
    before = path.read_bytes()
    with pytest.raises(UnusableFile, match="另一次搜索"):
        State(path, {**IDENTITY, "folds": 4})
    path.write_bytes(before + b"not json\n")
    with pytest.raises(UnusableFile, match="不是搜索进度"):
        State(path, IDENTITY)


def test_scores_become_answers() -> None:
    scores = np.array([[-0.1, 0.9, 0.5], [-0.2, -0.5, -0.3]], np.float32)
    assert decide("multiclass", scores, 0.5).tolist() == [1, 0]
    # cumulative columns: the first that holds is the level; none is the last level
    assert decide("ordinal", scores, 0.5).tolist() == [1, 3]
    # a third of the cells hold in the rows fitted on: the two surest of six are named
    assert decide("multilabel", scores, 1 / 3).tolist() == [[0, 1, 1], [0, 0, 0]]


def test_a_recipe_is_scored_by_the_mean_over_heads() -> None:
    topic = Head("topic", "multiclass", ("a", "b"))
    flags = Head("flags", "multilabel", ("f",))
    targets = {
        "topic": np.array([[1, 0], [1, 0], [0, 1], [np.nan, np.nan]], np.float32),
        "flags": np.array([[1], [0], [0], [1]], np.float32),
    }
    guesses = {
        "topic": np.array([0, 1, 1, 0], np.int16),
        "flags": np.array([[1], [1], [0], [0]], np.int16),
    }
    rows = np.arange(4)
    figures = figures_of(topic, targets["topic"], guesses["topic"])
    # two of three labelled rows right; F1 of a 2/3, of b 2/3
    assert figures["accuracy"](rows) == pytest.approx(2 / 3)
    assert figures["macro_f1"](rows) == pytest.approx(2 / 3)
    # flags: one hit, one too many, one missed: micro-F1 1/2
    score = recipe_score((topic, flags), targets, guesses)
    assert score(rows) == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert score(np.array([3])) == 0.0  # only flags is labelled there: missed
    assert truth_of(topic, targets["topic"]).tolist() == [0, 0, 1, -1]


def test_levels_are_read_back_from_cumulative_columns() -> None:
    urgency = Head("urgency", "ordinal", ("1", "2", "3"))
    y = np.array([[1, 1], [0, 1], [0, 0], [np.nan, np.nan]], np.float32)
    assert truth_of(urgency, y).tolist() == [0, 1, 2, -1]
