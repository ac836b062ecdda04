"""A space of recipes: a TOML file with a grid and single candidates, laid over one recipe.

A key is a path into the recipe file ("C.topic", "features.text"). What the trials do not use
cannot be searched: folds, emphasis, an encoder's scale, the size of the table.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any, cast

from training.labels import KINDS
from training.recipe import Recipe, parse_recipe
from triage.errors import UnusableFile
from triage.request import Json

_SECTIONS = ("C", "weights")
_SINGLE = (
    "features.title",
    "features.text",
    "features.min_df",
    "fit.untitled_copies",
    "fit.centroid",
)
MOST = 500
"""More candidates than this are a slip of the pen."""

Overrides = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recipe to try and what it changes; `key` tells recipes of different content apart."""

    overrides: Overrides
    recipe: Recipe
    key: str

    @property
    def name(self) -> str:
        """What it changes, for tables."""
        changed = (f"{key}={json.dumps(value)}" for key, value in self.overrides.items())
        return "、".join(changed) or "原配方"


@dataclass(frozen=True, slots=True)
class Space:
    """Candidates, the given recipe first, without repetitions, and how they are raced.

    `rows` is 0 where the race fits on the whole fold; `decisions` is empty for all of the data.
    """

    candidates: tuple[Candidate, ...]
    decisions: tuple[str, ...]
    rows: int
    keep: int
    folds: int


def load_space(name: str, recipe: Recipe) -> Space:
    """Load the shipped space `default`, or any by path.

    Raises
    ------
    UnusableFile
        There is no such file, or a key or a value is not usable.
    """
    shipped = files("training").joinpath("search", f"{name}.toml")
    path = Path(name)
    try:
        text = path.read_text("utf-8") if path.suffix == ".toml" else shipped.read_text("utf-8")
        return _parse(tomllib.loads(text), recipe)
    except FileNotFoundError as error:
        raise UnusableFile(
            f"找不到搜索空间 {name}：应为 default 或一个 .toml 文件的路径"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableFile(f"搜索空间 {name} 不可用：{error}") from error


def lay_over(recipe: Recipe, overrides: Overrides) -> Recipe:
    """Return the recipe with values replaced; its text is written anew, without comments.

    Raises
    ------
    ValueError
        A key cannot be searched, or the recipe does not allow the value.
    """
    values = tomllib.loads(recipe.text)
    for key, value in overrides.items():
        section, _, name = key.partition(".")
        if not name or (section not in _SECTIONS and key not in _SINGLE):
            allowed = "、".join((*(f"{section}.…" for section in _SECTIONS), *_SINGLE))
            raise ValueError(f"不能搜索 {key}：只能是 {allowed}")
        values[section][name] = value
    return parse_recipe(recipe.name, _to_toml(values))


def _parse(values: Mapping[str, Any], recipe: Recipe) -> Space:
    unknown = {*values} - {"decisions", "race", "grid", "candidate"}
    if unknown:
        raise ValueError(f"不认识 {'、'.join(sorted(unknown))}")
    race, decisions = values.get("race", {}), tuple(values.get("decisions", ()))
    if {*decisions} - {*KINDS} or {*race} - {"rows", "keep", "folds"}:
        raise ValueError(f"decisions 应取自 {'、'.join(KINDS)}，[race] 只有 rows、keep、folds")
    rows, keep = int(race.get("rows", 0)), int(race.get("keep", 3))
    folds = int(race.get("folds", recipe.folds))
    if rows < 0 or keep < 1 or not 1 <= folds <= recipe.folds:
        raise ValueError(f"rows 不能小于 0，keep 至少为 1，folds 应在 1 到 {recipe.folds} 之间")
    grid = cast(Mapping[str, Sequence[Json]], values.get("grid", {}))
    combined = [dict(zip(grid, chosen, strict=True)) for chosen in product(*grid.values())]
    wanted = [{}, *combined, *values.get("candidate", [])]
    if len(wanted) > MOST:
        raise ValueError(f"{len(wanted)} 个候选太多：最多 {MOST} 个，请减少 [grid] 里的取值")
    found: dict[str, Candidate] = {}
    for overrides in wanted:
        one = _candidate(recipe, overrides)
        found.setdefault(one.key, one)
    return Space(tuple(found.values()), decisions, rows, keep, folds)


def _candidate(recipe: Recipe, overrides: Overrides) -> Candidate:
    laid = lay_over(recipe, overrides)
    before, after = (tomllib.loads(one.text) for one in (recipe, laid))
    changed = {
        key: value for key, value in overrides.items() if _at(before, key) != _at(after, key)
    }
    if not changed:
        laid = recipe
    return Candidate(changed, laid, _key(laid))


def _key(recipe: Recipe) -> str:
    """Return the digest of all that the trials read of a recipe."""
    read = (
        recipe.fields,
        recipe.min_df,
        recipe.untitled_copies,
        recipe.centroid,
        sorted(recipe.weights.items()),
        [recipe.C_of(head) for head in KINDS],
    )
    return hashlib.sha256(repr(read).encode()).hexdigest()[:16]


def _at(values: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401  a value of TOML
    """Return what stands under a key; a head without a C of its own has the default."""
    section, _, name = key.partition(".")
    table = values[section]
    return table.get(name, table["default"] if section == "C" else None)


def _to_toml(values: Mapping[str, Mapping[str, Json]]) -> str:
    """Write tables of plain values; their JSON is TOML too."""
    lines = []
    for section, table in values.items():
        lines.append(f"[{section}]")
        lines += [f"{json.dumps(name)} = {json.dumps(value)}" for name, value in table.items()]
    return "\n".join(lines) + "\n"
