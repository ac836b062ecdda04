"""A recipe: everything that may differ between two training runs, as one TOML file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from triage.errors import UnusableFile
from triage.model.features import Field

DENSE_SCALE = (0.5, 1.0, 2.0)
"""Lengths of an encoder's vectors, beside fields of length 1, that are tried on a held-out fold."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The validated content of a recipe file; `text` is the file itself, for the manifest."""

    name: str
    text: str
    fields: tuple[Field, ...]
    min_df: int
    table_megabytes: int
    C: dict[str, float]
    emphasis: bool
    emphasis_C: float
    folds: int
    untitled_copies: float
    weights: dict[str, float]
    centroid: float = 0.0
    dense_scale: tuple[float, ...] = DENSE_SCALE
    noisy_copies: float = 0.0

    def C_of(self, head: str) -> float:
        """Return the inverse regularisation of a head's separators, > 0."""
        return self.C.get(head, self.C["default"])


def load_recipe(name: str) -> Recipe:
    """Load a shipped recipe by name, or any recipe by path.

    Raises
    ------
    UnusableFile
        There is no such recipe, or a key is missing or out of range.
    """
    shipped = files("training").joinpath("recipes", f"{name}.toml")
    path = Path(name)
    try:
        text = path.read_text("utf-8") if path.suffix == ".toml" else shipped.read_text("utf-8")
        return parse_recipe(path.stem, text)
    except FileNotFoundError as error:
        raise UnusableFile(f"找不到配方 {name}：应为 default 或一个 .toml 文件的路径") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableFile(f"配方 {name} 不可用：{error}") from error


def parse_recipe(name: str, text: str) -> Recipe:
    """Return the recipe that a TOML text describes.

    Raises
    ------
    ValueError, KeyError, TypeError
        The text is no TOML, or a key is missing or out of range.
    """
    values = tomllib.loads(text)
    features, fit = values["features"], values["fit"]
    recipe = Recipe(
        name,
        text,
        (Field("title", tuple(features["title"])), Field("text", tuple(features["text"]))),
        int(features["min_df"]),
        int(features["table_megabytes"]),
        {str(head): float(value) for head, value in values["C"].items()},
        bool(fit["emphasis"]),
        float(fit["emphasis_C"]),
        int(fit["folds"]),
        float(fit["untitled_copies"]),
        {str(style): float(weight) for style, weight in values["weights"].items()},
        float(fit.get("centroid", 0.0)),
        tuple(float(scale) for scale in fit.get("dense_scale", DENSE_SCALE)),
        float(fit.get("noisy_copies", 0.0)),
    )
    orders = [order for field in recipe.fields for order in field.orders]
    if (
        not all(field.orders for field in recipe.fields)
        or not all(1 <= order <= 4 for order in orders)
        or min(*recipe.C.values(), recipe.emphasis_C) <= 0
        or "default" not in recipe.C
        or recipe.folds < 2
    ):
        raise ValueError(
            "features 的阶数应为 1 到 4 且不能为空，[C] 要有 default 且都大于 0，folds 至少为 2"
        )
    if recipe.min_df < 1 or recipe.table_megabytes < 1 or not 0 <= recipe.untitled_copies <= 1:
        raise ValueError("min_df、table_megabytes 应为正整数，untitled_copies 应在 0 到 1 之间")
    if not 0 <= recipe.noisy_copies <= 1:
        raise ValueError("noisy_copies 应在 0 到 1 之间")
    if not recipe.dense_scale or min(recipe.dense_scale) <= 0:
        raise ValueError("dense_scale 应为一个或几个大于 0 的数")
    return recipe
