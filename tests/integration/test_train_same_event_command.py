"""`triage train-same-event` on written texts: with a second encoder or not, and its gate."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the train extra")

from evaluation.held_out_pairs import read_held_out_pairs
from evaluation.same_event_data import PAIRS, POOL
from training.encoder.cross_logits import CROSS_LOGITS, write_cross_logits
from training.encoder.judged_texts import main as gather
from training.pair_crossfit import write_pair_crossfit
from training.same_event.boosting import Shape
from training.same_event.export import HELD_OUT
from training.same_event.publishing import judge_candidate, read_probabilities
from training.same_event.texts import LETTERS, OTHERS
from triage.cli import main
from triage.errors import ArtifactError
from triage.model.artifact import read_manifest
from triage.model.registry import current_folder, read_current
from triage.same_event.entry import Entry
from triage.same_event.model import FOLDER, SameEventModel
from triage.same_event.second import SECOND_NAMES

pytestmark = [pytest.mark.train, pytest.mark.slow]
Write = Callable[..., Path]
ROOT = Path(__file__).resolve().parents[2]
FIRST, SECOND = "青紫金银石松竹柳", "禾云沙桥坪溪湾"
PLACES = [f"{one}{two}苑" for one in FIRST for two in SECOND]  # 56
MATTERS = ("路灯坏了三盏晚上看不见", "门口的路灯坏了晚上看不见", "烧烤摊油烟呛人没人管")
"""Of each place: two of one event, and another matter there."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shared")
    who = {"user": "甲", "time": "2026-01-01 08:00:00"}
    pool = [
        {
            "id": f"{n}-{m}",
            **who,
            "title": f"{place}{matter}",
            "detail": f"住在A{n % 3}区{place}，{matter}",
        }
        for n, place in enumerate(PLACES)
        for m, matter in enumerate(MATTERS)
    ]
    pairs = []
    for n in range(len(PLACES)):
        other = (n + 1) % len(PLACES)
        related = (1, 2) if n % 7 == 0 else (2, 1)  # some labels are wrong, as anywhere
        judged = zip((f"{n}-1", f"{n}-2", f"{other}-2"), (*related, 0), strict=True)
        for candidate, label in judged:
            pairs.append({"query_id": f"{n}-0", "candidate_id": candidate, "label": label,
                          "component": f"c{n}"})  # fmt: skip
    write(folder / POOL, pool)
    write(folder / PAIRS, pairs)
    letters = [
        {
            "title": f"{place}路{matter}",
            "detail": f"{place}路{matter}，请派人来看",
            "topic": f"T{m}",
        }
        for place in ("红旗", "文昌", "滨江", "建设")
        for m, matter in enumerate(MATTERS)
    ]
    write(folder / LETTERS, letters)
    for name in OTHERS:
        write(folder / name, [{"留言主题": "停水三天", "留言详情": "家里停水三天"}])
    return folder


def write(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.same_event.fit.SHAPES", (Shape(5, 4, 5, 1),))
    monkeypatch.setattr("training.same_event.fit.INNER", 2)
    monkeypatch.setattr("training.same_event.encoder_fit.BUCKETS", 1 << 10)


def train(shared: Path, out: Path, *more: object) -> int:
    words = ["train-same-event", "--shared", shared, "--out", out, *more]
    return main([str(word) for word in words])


def entry(name: str, matter: int) -> Entry:
    return Entry(name, f"{name}{MATTERS[matter]}", f"住在{name}，{MATTERS[matter]}")


def test_publishing_goes_through_the_gate(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = tmp_path / "models"
    assert train(shared, tmp_path / "one", "--models-dir", models, "--publish") == 0
    assert "不作比较" in capsys.readouterr().err  # nothing was in use
    pointer = read_current(models / FOLDER)
    held = models / FOLDER / pointer.version / HELD_OUT
    assert len(read_held_out_pairs(held)) == 3 * len(PLACES)
    model = SameEventModel.load(models)
    assert model.second is None
    same, other = model.judge(entry("翠湖苑", 0), [entry("翠湖苑", 1), entry("翠湖苑", 2)])
    assert same.probability > other.probability

    assert train(shared, tmp_path / "two", "--models-dir", models, "--publish") == 0
    assert read_current(models / FOLDER).version == pointer.version  # the same files again
    capsys.readouterr()

    # Let the model in use say of unseen pairs what the labels say: nothing is as good as that.
    with np.load(held) as file:
        columns = {name: file[name] for name in file.files}
    columns["probability"] = columns["same"].astype(np.float32)
    np.savez_compressed(held, **columns)
    assert train(shared, tmp_path / "three", "--models-dir", models, "--publish") == 2
    assert "不能证明不差于现用判定" in capsys.readouterr().err
    assert read_current(models / FOLDER) == pointer


def test_a_model_in_use_without_probabilities_is_not_replaced_blindly(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models, held = tmp_path / "models", tmp_path / "p.json"
    known = ("--models-dir", models, "--publish")
    assert train(shared, tmp_path / "one", *known, "--held-out", held) == 0
    pointer = read_current(models / FOLDER)
    folder = models / FOLDER / pointer.version
    manifest = read_manifest(folder)
    manifest["files"].pop(HELD_OUT)  # as models were before they carried their probabilities
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    (folder / HELD_OUT).unlink()
    assert train(shared, tmp_path / "two", *known) == 2
    assert "请用 --against" in capsys.readouterr().err
    (tmp_path / "bad.json").write_text('[{"query": 1}]', "utf-8")
    assert train(shared, tmp_path / "three", *known, "--against", tmp_path / "bad.json") == 2
    assert "应为 train-same-event --held-out 写出的文件" in capsys.readouterr().err
    assert read_current(models / FOLDER) == pointer
    candidate = read_probabilities(held)
    assert judge_candidate(candidate, models / FOLDER, held).passed


def test_a_second_encoder_travels_with_the_model(
    shared: Path, tmp_path: Path, write_tiny_encoder: Write
) -> None:
    needs_onnx()
    encoder = write_tiny_encoder(tmp_path / "encoder")
    out = tmp_path / "out"
    assert train(shared, out, "--encoder", encoder) == 0
    manifest = read_manifest(out)
    first, second = manifest["encoder"], manifest["second_encoder"]
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert (first["kind"], second["kind"], second["dimensions"]) == ("static", "onnx", 2)
    labels = json.loads((out / "labels.json").read_text("utf-8"))
    assert labels["features"][-2:] == list(SECOND_NAMES)
    model = SameEventModel.open(out)
    assert model.second is not None
    assert model.dimensions == first["dimensions"]  # an index is of the first encoder
    one, other = entry("翠湖苑", 0), entry("翠湖苑", 1)
    assert len(model.judge(one, [other, one])) == 2
    assert model.judge(one, []) == []
    (out / "encoder.onnx").unlink()
    with pytest.raises(ArtifactError, match=r"缺少文件 encoder\.onnx"):
        SameEventModel.open(out)


def test_an_encoder_that_saw_the_pairs_and_was_not_cross_fitted_is_refused(
    shared: Path, tmp_path: Path, write_tiny_encoder: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    needs_onnx()
    encoder = write_tiny_encoder(tmp_path / "encoder")
    write_pair_crossfit(encoder, {"c0": 0}, {})
    assert train(shared, tmp_path / "out", "--encoder", encoder) == 2
    assert "没有交叉拟合" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def needs_onnx() -> None:
    for name in ("onnxruntime", "tokenizers", "onnx"):
        pytest.importorskip(name, reason="needs the extra tune")


def test_letters_and_a_cross_encoder_are_fitted_with(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shutil.copytree(shared, tmp_path / "shared")
    rows = [
        {
            "uid": f"{n}-{m}", "group": f"g{n}", "title": f"{place}桥{matter}",
            "detail": f"{place}桥边，{matter}，请派人来看", "topic": f"T{m}",
        }
        for n, place in enumerate(PLACES[:12])
        for m, matter in enumerate(MATTERS)
    ]  # fmt: skip
    write(folder / LETTERS, rows)
    write(
        folder / OTHERS[1], [{"id": "9", "title": "断电", "detail": "断电了", "time": "2019-01-01"}]
    )
    letters = tmp_path / "letters.csv"
    judged = [
        {"query_id": f"train:{n}-0", "candidate_id": f"train:{n}-{m}", "label": label,
         "component": f"l{n}"}
        for n in range(12)
        for m, label in ((1, 2), (2, 1))
    ]  # fmt: skip
    write(letters, judged)
    assert gather(folder, letters, tmp_path / "gathered") == 0
    told = (tmp_path / "gathered/data.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(line)["id"] for line in told} >= {"0-0", "train:0-0", "train:11-2"}
    assert len((tmp_path / "gathered/pairs.csv").read_text("utf-8").splitlines()) == 1 + 168 + 24
    cross = shutil.copytree(current_folder(ROOT / "models" / FOLDER), tmp_path / "cross")
    out = tmp_path / "out"
    words = ("--letters", letters, "--cross", cross)
    assert train(folder, out, *words) == 2  # nobody knows what it saw
    assert CROSS_LOGITS in capsys.readouterr().err
    write_cross_logits(cross, {"l1": 0}, {})
    assert train(folder, out, *words) == 2
    assert "component 'l1'" in capsys.readouterr().err
    write_cross_logits(cross, {}, {})
    assert train(folder, out, *words) == 0
    manifest = read_manifest(out)
    assert (manifest["letters"], manifest["pairs"]) == (24, 168)
    model = SameEventModel.open(out)
    assert model.cross is not None
    assert model.decision.closer is not None
    one, other = entry("翠湖苑", 0), entry("翠湖苑", 2)
    assert len(model.judge(one, [other], closely=True)) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("query_id,candidate_id,label\n1,2,0\n", "component"),
        ("query_id,candidate_id,label,component\ntrain:1,train:2,2,c\n", "train:1"),
    ],
)
def test_letters_that_cannot_be_used_are_refused(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, said: str
) -> None:
    folder = shutil.copytree(shared, tmp_path / "shared")
    write(
        folder / LETTERS,
        [{"uid": "7", "group": "g", "title": "停水", "detail": "停", "topic": "T"}],
    )
    write(folder / OTHERS[1], [{"id": "9", "title": "断电", "detail": "断", "time": "2019-01-01"}])
    letters = tmp_path / "letters.csv"
    letters.write_text(content, "utf-8")
    assert train(folder, tmp_path / "out", "--letters", letters) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
