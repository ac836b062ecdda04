"""`triage encoder tune --contrast same-event` to an artefact that opens with that encoder."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from triage.cli import main
from triage.errors import ArtifactError, UnusableFile
from triage.request import Json
from triage.same_event.encoders import onnx_of, open_encoder, texts_of
from triage.same_event.entry import Entry
from triage.same_event.pair_features import NAMES, Preparer, pair_features
from triage.same_event.statistics import Rarity

pytest.importorskip("sentence_transformers", reason="needs the tune extra")

from training.encoder.checkpoint import Origin, encode, open_model
from training.encoder.sources import bring_in
from training.event_vectors import HonestEncoders, take_along
from training.pair_crossfit import PAIR_CROSSFIT

pytestmark = [pytest.mark.train, pytest.mark.slow]
Write = Callable[..., Path]
HEADER = ("query_id", "candidate_id", "label", "component")
PLACES = ("桂花园", "龙井湾", "石板坡", "松树桥", "凤天路", "新桥村", "滨江路", "杨公桥")
MATTERS = ("晚上烧烤摊油烟呛人", "油烟直排楼道没人管", "路灯坏了三盏")
"""Of each place: two of one event, and another matter there."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, write_tiny_bert: Write) -> Path:
    """A folder with data, pairs, and what each command made of it: base, tuned, onnx."""
    folder = tmp_path_factory.mktemp("events")
    rows = [
        {"id": f"{place}{n}", "title": f"{where}有问题", "text": f"{where}{matter}，请处理"}
        for place, where in enumerate(PLACES)
        for n, matter in enumerate(MATTERS)
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / "x.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    write_pairs(folder / "pairs.csv")
    write_tiny_bert(folder / "bert", "".join(lines), layers=1)
    bring_in(folder / "bert", folder / "base", Origin("tiny", "MIT", "", 40))
    assert tune(folder, "--out", folder / "tuned") == 0
    words = ["--model", str(folder / "tuned"), "--precision", "fp32"]
    assert main(["encoder", "export", *words, "--out", str(folder / "onnx")]) == 0
    return folder


def write_pairs(path: Path) -> Path:
    """Write, for each place, a pair of one event, one related, and one elsewhere."""
    n = len(PLACES)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(HEADER)
        for place in range(n):
            table.writerow((f"{place}0", f"{place}1", 2, f"c{place}"))
            table.writerow((f"{place}0", f"{place}2", 1, f"c{place}"))
            table.writerow((f"{place}0", f"{(place + 1) % n}1", 0, f"c{place}"))
    return path


def tune(folder: Path, *more: object) -> int:
    words = ["--model", folder / "base", "--data", folder / "x.jsonl", "--contrast", "same-event",
             "--pairs", folder / "pairs.csv", "--contrast-epochs", 8, "--folds", 2, "--rate", 2e-3,
             *more]  # fmt: skip
    return main(["encoder", "tune", *map(str, words)])


def entries(folder: Path) -> dict[str, Entry]:
    rows = map(json.loads, (folder / "x.jsonl").read_text("utf-8").splitlines())
    return {row["id"]: Entry(row["id"], row["title"], row["text"]) for row in rows}


def judged(folder: Path) -> list[tuple[str, Entry, Entry]]:
    known = entries(folder)
    with (folder / "pairs.csv").open(encoding="utf-8") as file:
        return [
            (row["component"], known[row["query_id"]], known[row["candidate_id"]])
            for row in csv.DictReader(file)
        ]


def said_of(folder: Path) -> Json:
    """Return what a manifest says of the exported encoder."""
    return onnx_of(folder / "onnx").to_json()


def test_the_export_gives_what_torch_gives_of_an_event(folder: Path) -> None:
    config = json.loads((folder / "onnx" / "encoder.json").read_text("utf-8"))
    assert config["parity"]["fp32_largest_difference"] <= 1e-3
    assert "contrast same-event × 8, 4 hard negatives, 2 folds" in config["source"]["history"][-1]
    texts = [entry.text for entry in entries(folder).values()]
    opened = open_encoder(folder / "onnx", said_of(folder), {})
    truth = encode(open_model(folder / "tuned"), texts, 40)
    assert np.abs(opened.encoder.encode(texts) - truth).max() < 1e-3


def test_an_artefact_holds_the_encoder_and_none_of_what_it_was_tuned_on(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "draft").mkdir()
    opened = take_along(folder / "onnx", tmp_path / "draft")
    names = {path.name for path in (tmp_path / "draft").iterdir()}
    assert names == {"encoder.json", "encoder.onnx", "tokenizer.json", "encoder.NOTICE.md"}
    assert (folder / "onnx" / PAIR_CROSSFIT).is_file()
    again = open_encoder(tmp_path / "draft", opened.to_json(), {})
    assert again.version == opened.version
    assert again.encoder.dimensions == 32
    (tmp_path / "draft" / "encoder.onnx").unlink()
    with pytest.raises(ArtifactError, match="sha256"):
        open_encoder(tmp_path / "draft", opened.to_json(), {})


def test_pairs_are_encoded_by_copies_that_did_not_see_them(folder: Path) -> None:
    honest = HonestEncoders.load(folder / "onnx")
    whole = open_encoder(folder / "onnx", said_of(folder), {}).encoder
    for component, query, candidate in judged(folder):
        texts = [*texts_of(query), *texts_of(candidate)]
        found, own = honest.of(component).encode(texts), whole.encode(texts)
        assert found.shape == (4, honest.dimensions)
        assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
        assert np.abs(own - found).max(axis=1).min() > 0.01  # another copy's space
        assert np.abs(own - honest.of("elsewhere").encode(texts)).max() < 1e-5


def test_the_features_of_a_pair_can_be_made_with_the_copy_of_its_component(folder: Path) -> None:
    honest = HonestEncoders.load(folder / "onnx")
    [(component, query, candidate), *_] = judged(folder)
    preparer = Preparer(Rarity.uniform(), honest.of(component), None)
    one, other = preparer.prepare(query), preparer.prepare(candidate)
    expected = honest.of(component).encode([query.text, candidate.text])
    [features] = pair_features(one, [other])
    assert features[NAMES.index("cosine_dense")] == pytest.approx(expected[0] @ expected[1])


def test_texts_that_changed_since_tuning_are_refused(folder: Path) -> None:
    [(component, query, _), *_] = judged(folder)
    with pytest.raises(UnusableFile, match="数据却与调优时不同"):
        HonestEncoders.load(folder / "onnx").of(component).encode([query.text + "，还有噪音"])


def test_without_folds_the_pairs_that_were_seen_are_refused(folder: Path, tmp_path: Path) -> None:
    assert tune(folder, "--folds", 0, "--contrast-epochs", 1, "--out", tmp_path / "bare") == 0
    words = ["--model", str(tmp_path / "bare"), "--out", str(tmp_path / "onnx")]
    assert main(["encoder", "export", *words]) == 0
    [(component, query, _), *_] = judged(folder)
    with pytest.raises(UnusableFile, match="没有交叉拟合"):
        HonestEncoders.load(tmp_path / "onnx").of(component).encode([query.text])


def test_vectors_of_another_encoder_are_refused(
    folder: Path, tmp_path: Path, write_tiny_encoder: Write
) -> None:
    other = write_tiny_encoder(tmp_path / "other")  # of two dimensions, not 32
    shutil.copyfile(folder / "onnx" / PAIR_CROSSFIT, other / PAIR_CROSSFIT)
    with pytest.raises(UnusableFile, match="32 维，编码器为 2 维"):
        HonestEncoders.load(other)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--contrast", "title"), "单独调优"),
        (("--epochs", "2"), "单独调优"),
        (("--negatives", "-1"), "--negatives 应不小于 0"),
        (("--contrast-epochs", "0"), "--contrast-epochs 应不小于 1"),
        (("--folds", "1"), "--folds 1"),
        (("--folds", "9"), "少于 9 折"),
        (("--pairs", "none.csv"), "无法读取 none.csv"),
    ],
)
def test_what_makes_no_sense_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...],
    said: str,
) -> None:  # fmt: skip
    assert tune(folder, *more, "--out", tmp_path / "out") == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_pairs_and_their_contrast_go_together(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["encoder", "tune", "--model", str(folder / "base"), "--data", str(folder / "x.jsonl"),
             "--out", str(tmp_path / "out")]  # fmt: skip
    assert main([*words, "--contrast", "same-event"]) == 2
    assert "需要 --pairs" in capsys.readouterr().err
    assert main([*words, "--contrast", "title", "--pairs", str(folder / "pairs.csv")]) == 2
    assert "--pairs 只用于" in capsys.readouterr().err
