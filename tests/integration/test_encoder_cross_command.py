"""`triage encoder cross` and `cross-export`, to a cross-encoder that the runtime opens."""

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
from triage.same_event.cross_encoder import CONFIG, FILES, GRAPH, NOTICE, CrossEncoder, words_of
from triage.same_event.entry import Entry

pytest.importorskip("sentence_transformers", reason="needs the tune extra")

from safetensors.torch import load_file, save_file

from training.encoder.checkpoint import WEIGHTS, Origin
from training.encoder.cross_encoder import open_cross
from training.encoder.cross_fit import score_pairs
from training.encoder.cross_logits import CROSS_LOGITS, read_cross_logits
from training.encoder.cross_onnx import export_cross
from training.encoder.cross_pairs import TokenPairs
from training.encoder.sources import bring_in

pytestmark = [pytest.mark.train, pytest.mark.slow]
Write = Callable[..., Path]
PLACES = ("桂花园", "龙井湾", "石板坡", "松树桥")
MATTERS = ("晚上烧烤摊油烟呛人", "油烟直排楼道没人管", "路灯坏了三盏")
"""Of each place: two of one event, and another matter there."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, write_tiny_bert: Write) -> Path:
    """A folder with data, pairs, and what each command made of it: base, cross, onnx."""
    folder = tmp_path_factory.mktemp("cross")
    rows = [
        {"id": f"{place}{n}", "title": f"{where}有问题", "text": f"{where}{matter}，请处理"}
        for place, where in enumerate(PLACES)
        for n, matter in enumerate(MATTERS)
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / "x.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "same.txt").write_text("路灯坏了\t路灯不亮\t5\n油烟大\t油烟小\t1\n", "utf-8")
    with (folder / "pairs.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("query_id", "candidate_id", "label", "component"))
        for place in range(len(PLACES)):
            table.writerow((f"{place}0", f"{place}1", 2, f"c{place}"))
            table.writerow((f"{place}0", f"{place}2", 1, f"c{place}"))
    write_tiny_bert(folder / "bert", "".join(lines))
    bring_in(folder / "bert", folder / "base", Origin("tiny", "MIT", "", 40))
    more = ["--views", "--view-epochs", 1, "--paraphrases", folder / "same.txt"]
    assert cross(folder, *more, "--out", folder / "cross") == 0
    words = ["--model", str(folder / "cross"), "--out", str(folder / "onnx")]
    assert main(["encoder", "cross-export", *words]) == 0
    return folder


def cross(folder: Path, *more: object) -> int:
    words = ["--model", folder / "base", "--data", folder / "x.jsonl", "--pairs",
             folder / "pairs.csv", "--folds", 2, "--epochs", 3, "--batch", 4, "--rate", 1e-3,
             "--side-tokens", 24, *more]  # fmt: skip
    return main(["encoder", "cross", *map(str, words)])


def entries(folder: Path) -> dict[str, Entry]:
    rows = map(json.loads, (folder / "x.jsonl").read_text("utf-8").splitlines())
    return {row["id"]: Entry(row["id"], row["title"], row["text"]) for row in rows}


def test_the_runtime_answers_what_torch_answers(folder: Path) -> None:
    [query, *others] = entries(folder).values()
    checkpoint = open_cross(folder / "cross")
    texts = [(words_of(query), words_of(other)) for other in others]
    truth = score_pairs(checkpoint.network, TokenPairs.of(texts, checkpoint.tokenizer, 24))
    encoder = CrossEncoder.load(folder / "onnx")
    said = encoder.log_odds(query, others)
    assert np.abs(said - truth).max() < 0.1  # int8
    assert np.abs(said - truth).max() > 0
    assert (encoder.log_odds(others[2], [query]) == said[2:3]).all()


def test_the_folder_says_what_it_holds_and_how_true_it_is(folder: Path) -> None:
    names = {path.name for path in (folder / "onnx").iterdir()}
    assert names == {*FILES, CROSS_LOGITS}
    config = json.loads((folder / "onnx" / CONFIG).read_text("utf-8"))
    assert config["side_tokens"] == 24
    assert (config["source"]["name"], config["source"]["licence"]) == ("tiny", "MIT")
    # 12 requests × 3 looks at two views each and some neighbours, and two paraphrases
    told = config["source"]["history"][-1]
    assert "8 judged pairs, 4 of one event, × 3, 2 folds cross-fitted" in told
    assert int(told.split(" views")[0].split()[-1]) >= 12 * 3 * 2 + 2
    parity = config["parity"]
    assert parity["fp32_largest_difference"] <= 1e-2
    assert 0 < parity["int8_mean_difference"] <= parity["int8_largest_difference"] < 0.2
    assert parity["graph_bytes"] == (folder / "onnx" / GRAPH).stat().st_size
    assert "tiny: random weights" in (folder / "onnx" / NOTICE).read_text("utf-8")


def test_honest_log_odds_go_along_and_are_of_other_copies(folder: Path) -> None:
    known, kept = entries(folder), read_cross_logits(folder / "onnx")
    encoder = CrossEncoder.load(folder / "onnx")
    with (folder / "pairs.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            one, other = known[row["query_id"]], known[row["candidate_id"]]
            said = kept.of(row["component"], words_of(one), words_of(other))
            assert said is not None
            assert np.abs(said - encoder.log_odds(one, [other])[0]).max() > 0.01
    assert kept.of("elsewhere", words_of(one), words_of(other)) is None


def test_two_runs_on_a_cpu_give_the_same_network(folder: Path, tmp_path: Path) -> None:
    more = ["--views", "--view-epochs", 1, "--paraphrases", folder / "same.txt"]
    assert cross(folder, *more, "--out", tmp_path / "again") == 0
    again = load_file(tmp_path / "again" / WEIGHTS)
    assert all(
        (again[name] == value).all()
        for name, value in load_file(folder / "cross" / WEIGHTS).items()
    )


def test_views_and_paraphrases_can_be_left_out(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cross(folder, "--folds", 0, "--epochs", 1, "--json", "--out", tmp_path / "bare") == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert "views" not in answer["history"][-1]
    assert answer["loss"]["全部数据"]["steps"] == 2  # 8 pairs, 4 a batch
    assert list(answer["loss"]) == ["全部数据"]


def test_a_graph_that_is_not_true_to_torch_is_not_exported(folder: Path, tmp_path: Path) -> None:
    wild = shutil.copytree(folder / "cross", tmp_path / "wild")
    weights = load_file(wild / WEIGHTS)
    weights["head.3.weight"] *= 1e6  # single precision is not that exact
    save_file(weights, wild / WEIGHTS)
    with pytest.raises(ArtifactError, match=r"大于 0\.01：没有导出"):
        export_cross(wild, tmp_path / "onnx")
    assert not (tmp_path / "onnx").exists()


def test_damaged_log_odds_are_not_carried_on(folder: Path, tmp_path: Path) -> None:
    damaged = shutil.copytree(folder / "cross", tmp_path / "damaged")
    (damaged / CROSS_LOGITS).write_bytes(b"none")
    with pytest.raises(UnusableFile, match=CROSS_LOGITS):
        export_cross(damaged, tmp_path / "onnx")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--folds", "1"), "--folds 1"),
        (("--folds", "-2"), "--folds -2"),
        (("--folds", "5"), "少于 5 折"),
        (("--epochs", "0"), "应不小于 1"),
        (("--side-tokens", "31"), "每侧应为 1 到 30 个词元"),
        (("--pairs", "none.csv"), "无法读取 none.csv"),
        (("--paraphrases", "none.txt"), "无法读取 none.txt"),
        (("--model", "none"), "origin.json"),
    ],
)
def test_what_makes_no_sense_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...],
    said: str,
) -> None:  # fmt: skip
    assert cross(folder, *more, "--out", tmp_path / "out") == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_plain_checkpoint_is_not_exported_as_one_that_reads_pairs(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--model", str(folder / "base"), "--out", str(tmp_path / "out")]
    assert main(["encoder", "cross-export", *words]) == 2
    assert "不是交叉编码器" in capsys.readouterr().err
