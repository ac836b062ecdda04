"""A recipe is one TOML file; a key that is missing or out of range is refused by name."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from training.recipe import load_recipe
from triage.errors import UnusableFile

DEFAULT = files("training").joinpath("recipes", "default.toml").read_text("utf-8")


def test_the_shipped_recipe_is_found_by_name_and_kept_word_for_word() -> None:
    recipe = load_recipe("default")
    assert recipe.name == "default"
    assert recipe.text == DEFAULT
    assert [field.name for field in recipe.fields] == ["title", "text"]


def test_an_own_recipe_is_found_by_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(DEFAULT.replace("folds = 5", "folds = 3"), "utf-8")
    assert load_recipe(str(path)).folds == 3


@pytest.mark.parametrize("name", ["none", "none.toml", "../recipes/x"])
def test_an_unknown_recipe_is_refused(name: str) -> None:
    with pytest.raises(UnusableFile, match="找不到配方"):
        load_recipe(name)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("folds = 5", "folds = 1"),
        ("folds = 5", ""),
        ("folds = 5", "folds = 5\nnoisy_copies = 2"),
        ("default = 2.0", "default = 0"),
        ("default = 2.0", 'default = "much"'),
        ("text = [1, 2]", "text = [0]"),
        ("text = [1, 2]", "text = [9]"),
        ("text = [1, 2]", "text = 2"),
        ("text = [1, 2]", "text = []"),
        ("[fit]", "[fit"),
        ("[weights]", "[weight]"),
    ],
)
def test_a_value_that_cannot_be_is_refused(tmp_path: Path, old: str, new: str) -> None:
    assert old in DEFAULT
    path = tmp_path / "mine.toml"
    path.write_text(DEFAULT.replace(old, new), "utf-8")
    with pytest.raises(UnusableFile, match=r"mine\.toml 不可用"):
        load_recipe(str(path))
