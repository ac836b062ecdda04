"""`triage train` end to end: requests in, a model that loads, answers and repeats itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from evaluation.truth import Example, fingerprint, read_examples
from triage.cli import main
from triage.errors import UnusableFile
from triage.model.artifact import read_manifest
from triage.model.features import Document
from triage.model.model import Model

pytest.importorskip("sklearn", reason="needs the training extra")

from training.fit import Fitted, fit
from training.recipe import Recipe, load_recipe

pytestmark = pytest.mark.train
Write = Callable[..., Path]
RECIPE = """
[features]
title = [1, 2]
text = [1, 2]
min_df = 2
table_megabytes = 1
[fit]
emphasis = true
emphasis_C = 1.0
folds = 3
untitled_copies = 0.5
[C]
default = 1.0

[weights]
note = 2.0
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, write_labelled: Write) -> Path:
    """A folder with data, a small recipe, and a model trained by the command."""
    folder = tmp_path_factory.mktemp("train")
    write_labelled(folder / "x.jsonl", 192)
    (folder / "small.toml").write_text(RECIPE, "utf-8")
    assert train(folder, folder / "model", "--name", "city") == 0
    return folder


@pytest.fixture(scope="module")
def examples(folder: Path) -> list[Example]:
    return read_examples([folder / "x.jsonl"])


@pytest.fixture(scope="module")
def recipe(folder: Path) -> Recipe:
    return load_recipe(str(folder / "small.toml"))


@pytest.fixture(scope="module")
def fitted(examples: list[Example], recipe: Recipe) -> Fitted:
    return fit(examples, recipe)


def train(folder: Path, out: Path, *more: str) -> int:
    data, recipe = folder / "x.jsonl", folder / "small.toml"
    return main(["train", "--data", str(data), "--recipe", str(recipe), "--out", str(out), *more])


def test_a_trained_model_loads_and_answers(folder: Path) -> None:
    model = Model.load(folder / "model")
    assert set(model.heads) == {
        "topic", "request_type", "urgency", "lead_unit", "support_units", "flags",
    }  # fmt: skip
    found = model.probabilities([model.read(Document("", "石桥铺路灯坏了，麻烦修一下"))])
    answer = {name: head.labels[int(found[name][0].argmax())] for name, head in model.heads.items()}
    assert answer["topic"] == "SZ01"
    assert answer["lead_unit"] == "URBAN_MGMT"
    assert found["urgency"].sum(axis=1) == pytest.approx([1.0])
    assert answer["request_type"] == "HELP"


def test_two_runs_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    assert train(folder, tmp_path / "again", "--name", "city") == 0
    names = {path.name for path in (folder / "model").iterdir()}
    assert names == {"card.md", "labels.json", "manifest.json", "weights.safetensors"}
    for name in names:
        assert (tmp_path / "again" / name).read_bytes() == (folder / "model" / name).read_bytes()


def test_the_manifest_says_what_the_model_was_made_of(
    folder: Path, examples: list[Example]
) -> None:
    manifest = read_manifest(folder / "model")
    assert str(manifest["version"]).startswith("city-")
    assert manifest["data_sha256"] == fingerprint(examples)
    assert manifest["examples"] == 192
    assert manifest["recipe"] == RECIPE
    assert set(manifest["metrics"]) == {"all", "note", "transcript"}  # type: ignore[arg-type]


def test_no_text_is_in_the_model(folder: Path) -> None:
    for path in (folder / "model").iterdir():
        assert "包工头".encode() not in path.read_bytes()


def test_the_fitted_scores_are_those_of_the_exported_table(
    folder: Path, fitted: Fitted, examples: list[Example]
) -> None:
    # an int8 table is within half a step of the weights that were fitted
    model = Model.load(folder / "model")
    readings = [model.read(example.document) for example in examples[:40]]
    scores = model._linear.scores(readings)
    v = len(fitted.vocabulary.bucket)
    for row, reading in enumerate(readings):
        known = reading.rows < v
        exact = reading.values[known] @ fitted.columns.weights[reading.rows[known]]
        assert scores[row] == pytest.approx(exact + fitted.columns.bias, abs=0.05)


def test_held_out_probabilities_are_of_a_model_that_did_not_see_the_row(
    examples: list[Example], recipe: Recipe, fitted: Fitted
) -> None:
    # a label that only one group bears cannot be known out of its fold: its column has no
    # example there, so its probability stays near nothing, while the final model knows it
    odd = [
        Example(id=f"odd{i}", title="", text=f"热气球{i}飞得低", group="odd", topic="ODD")
        for i in range(6)
    ]
    again = fit([*examples, *odd], recipe)
    head = next(part.head for part in again.heads if part.head.name == "topic")
    assert again.held_out["topic"][-6:, head.labels.index("ODD")].max() < 0.2
    assert len(set(again.fold[-6:].tolist())) == 1
    assert fitted.held_out["topic"].shape == (192, 7)
    assert fitted.held_out["topic"].sum(axis=1) == pytest.approx(np.ones(192), abs=1e-5)


def test_any_label_set_can_be_learned(tmp_path: Path, folder: Path, write_labelled: Write) -> None:
    rows = [json.loads(line) for line in (folder / "x.jsonl").read_text("utf-8").splitlines()]
    names = {"SR03": "一级/油烟", "SZ01": "一级/路灯", "GY01": "水 务", "ZF01": "物|业"}
    kept = [
        {"id": row["id"], "text": row["text"], "topic": names[row["topic"]]}
        for row in rows
        if row["topic"] in names
    ]
    data = tmp_path / "own.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in kept), "utf-8")
    out = tmp_path / "m"
    arguments = ["--data", str(data), "--recipe", str(folder / "small.toml"), "--out", str(out)]
    assert main(["train", *arguments]) == 0
    model = Model.load(out)
    assert list(model.heads) == ["topic"]
    assert set(model.heads["topic"].labels) == set(names.values())


def test_labels_that_stand_in_different_files_are_learned_together(
    examples: list[Example], recipe: Recipe
) -> None:
    halves = [
        Example(id=e.id, title="", text=e.text, topic=e.topic)
        if index % 2
        else Example(id=e.id, title="", text=e.text, lead_unit=e.lead_unit)
        for index, e in enumerate(examples)
    ]
    found = fit(halves, recipe)
    assert [part.head.name for part in found.heads] == ["topic", "lead_unit"]
    assert all(np.isfinite(rows).all() for rows in found.held_out.values())


def test_a_decision_that_two_rows_label_does_not_break_the_run(
    examples: list[Example], recipe: Recipe
) -> None:
    thin = [
        Example(id=e.id, title="", text=e.text, topic=e.topic,
                lead_unit=e.lead_unit if index in (0, 4) else None)
        for index, e in enumerate(examples)
    ]  # fmt: skip
    assert all(np.isfinite(rows).all() for rows in fit(thin, recipe).held_out.values())


def test_every_step_is_told(examples: list[Example], recipe: Recipe) -> None:
    told: list[str] = []
    fit(examples, recipe, on_step=told.append)
    assert len(told) == recipe.folds + 4


def test_texts_without_anything_in_common_are_refused(recipe: Recipe) -> None:
    texts = ("路灯", "停水", "油烟", "工资", "井盖", "公交")
    rows = [Example(id=t, title="", text=t, topic=t[0]) for t in texts]
    with pytest.raises(UnusableFile, match="没有一个片段"):
        fit(rows, recipe)


def test_data_without_labels_are_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "bare.jsonl"
    data.write_text('{"id": "1", "text": "路灯坏了"}\n' * 3, "utf-8")
    arguments = ["--data", str(data), "--recipe", str(folder / "small.toml")]
    assert main(["train", *arguments, "--out", str(tmp_path / "m")]) == 2
    assert "没有可学习的标签" in capsys.readouterr().err
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--name", "a/b"), "不合法"),
        (("--name", ".."), "不合法"),
        (("--notice", "none.txt"), "来源说明"),
        (("--split", "time"), "received_at"),
    ],
)
def test_what_cannot_be_used_is_refused_before_any_training(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: tuple[str, str],
    said: str,
) -> None:
    assert train(folder, tmp_path / "m", *more) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_not_written_over(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (folder / "model" / "manifest.json").read_bytes()
    assert train(folder, folder / "model") == 2
    assert "已存在且不为空" in capsys.readouterr().err
    assert (folder / "model" / "manifest.json").read_bytes() == before
