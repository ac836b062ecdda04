"""A cross-encoder learns to read pairs; what is kept of judged pairs knows no judgement of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evaluation.truth import Example
from triage.errors import ArtifactError, UnusableFile
from triage.same_event.cross_encoder import words_of
from triage.same_event.entry import Entry

pytest.importorskip("sentence_transformers", reason="needs the tune extra")

from safetensors.torch import load_file, save_file

from training.crossfit import key_of
from training.encoder.checkpoint import WEIGHTS, Origin, open_model
from training.encoder.cross_encoder import open_cross, save_cross, start_cross
from training.encoder.cross_fit import Lesson, fit_cross, score_pairs
from training.encoder.cross_logits import CROSS_LOGITS, read_cross_logits
from training.encoder.cross_pairs import TokenPairs
from training.encoder.cross_tune import CrossPlan, tune_cross
from training.encoder.descent import Pace
from training.encoder.sources import bring_in
from training.pair_crossfit import PAIR_CROSSFIT

pytestmark = [pytest.mark.train, pytest.mark.slow]
CHARACTERS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
PLAN = CrossPlan(epochs=2, folds=2, batch=4, rate=1e-3, side_tokens=12)
HEADER = "query_id,candidate_id,label,component"
N_EVENTS = 6
BOTH = np.array([1, 1], np.float32)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, write_tiny_bert: Callable[..., Path]) -> Path:
    folder = tmp_path_factory.mktemp("cross")
    source = write_tiny_bert(folder / "bert", CHARACTERS, layers=1)
    bring_in(source, folder / "base", Origin("tiny", "MIT", "query: ", 24))
    return folder / "base"


@pytest.fixture(scope="module")
def cross(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a cross-encoder that was taught nothing yet; do not change it."""
    folder = tmp_path_factory.mktemp("cross") / "cross"
    folder.mkdir()
    save_cross(start_cross(base, 12, seed=1), folder, sources=base)
    return folder


def drawn(n: int, seed: int) -> list[str]:
    rows = np.random.default_rng(seed).integers(0, len(CHARACTERS), (n, 6))
    return ["".join(CHARACTERS[place] for place in row) for row in rows]


def examples() -> list[Example]:
    texts = drawn(3 * N_EVENTS, 3)
    return [Example(id=str(row), title=text[:2], text=text[2:]) for row, text in enumerate(texts)]


def write_pairs(path: Path, *, turned: int = -1, to: int = 0, across: int = 0) -> Path:
    """Write two pairs an event, 2 and 0, the other way round for `turned`.

    One more of c1, judged `across`, touches the event `to`.
    """
    lines = [HEADER]
    for event in range(N_EVENTS):
        query, same, other = (3 * event + place for place in range(3))
        labels = (0, 2) if event == turned else (2, 0)
        lines += [f"{query},{same},{labels[0]},c{event}", f"{query},{other},{labels[1]},c{event}"]
    lines.append(f"3,{3 * to},{across},c1")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def kept(base: Path, tmp_path: Path, name: str, **changes: int) -> dict[int, np.ndarray]:
    """Return the honest log-odds of each event's two pairs, float32 (2, 2)."""
    pairs = write_pairs(tmp_path / f"{name}.csv", **changes)
    tune_cross(base, examples(), pairs, tmp_path / name, PLAN)
    found = read_cross_logits(tmp_path / name)
    texts = [words_of(Entry(each.id, each.title, each.text)) for each in examples()]
    rows = {}
    for event in range(N_EVENTS):
        said = [found.of(f"c{event}", texts[3 * event], texts[3 * event + n]) for n in (1, 2)]
        assert all(row is not None for row in said)
        rows[event] = np.array(said)
    return rows


def marked(seed: int, n: int = 240) -> tuple[list[tuple[str, str]], np.ndarray]:
    """Return pairs that end in 子 or 丑 on each side, and where it is 丑 on both, a quarter."""
    marks = np.random.default_rng(seed).integers(0, 2, (n, 2))
    words = [text[:3].translate(str.maketrans("子丑", "甲乙")) for text in drawn(2 * n, seed)]
    sides = [
        (words[2 * row] + "子丑"[one], words[2 * row + 1] + "子丑"[other])
        for row, (one, other) in enumerate(marks.tolist())
    ]
    return sides, np.all(marks == 1, axis=1, keepdims=True)[:, 0]


def test_a_rule_that_needs_both_sides_is_learned(base: Path) -> None:
    start = start_cross(base, 12, seed=1)
    sides, truth = marked(1)
    targets = np.stack([truth, ~truth], axis=1).astype(np.float32)  # the two answers differ
    lesson = Lesson(TokenPairs.of(sides, start.tokenizer, 12), targets, BOTH)
    losses: list[float] = []
    fit_cross(start.network, lesson, Pace(400, 2e-3), batch=16, seed=1, on_step=losses.append)
    held, right = marked(2)
    said = score_pairs(start.network, TokenPairs.of(held, start.tokenizer, 12))
    assert np.mean((said[:, 0] > 0) == right) > 0.95
    assert np.mean((said[:, 1] < 0) == right) > 0.95
    assert len(losses) == 400
    assert np.mean(losses[-40:]) < 0.5 * np.mean(losses[:40])


def test_a_question_of_weight_nought_teaches_nothing(base: Path) -> None:
    told = []
    for second in (0, 1):  # what is said of the second question does not count
        start = start_cross(base, 12, seed=1)
        sides, truth = marked(1, 32)
        targets = np.stack([truth, np.full(len(truth), second)], axis=1).astype(np.float32)
        tokens = TokenPairs.of(sides, start.tokenizer, 12)
        lesson = Lesson(tokens, targets, np.array([1, 0], np.float32))
        fit_cross(start.network, lesson, Pace(4, 2e-3), batch=8, seed=1)
        told.append(score_pairs(start.network, tokens))
    assert (told[0] == told[1]).all()


def test_scores_are_the_same_both_ways_round_and_in_any_batch(base: Path) -> None:
    start = start_cross(base, 12, seed=1)
    words = drawn(40, 5)
    sides = [(words[n], words[n + 20][: 1 + n % 6]) for n in range(20)]
    said = score_pairs(start.network, TokenPairs.of(sides, start.tokenizer, 12))
    turned = [(other, one) for one, other in sides]
    assert (score_pairs(start.network, TokenPairs.of(turned, start.tokenizer, 12)) == said).all()
    alone = score_pairs(start.network, TokenPairs.of(sides[3:4], start.tokenizer, 12))
    assert alone == pytest.approx(said[3:4], abs=1e-5)
    none = score_pairs(start.network, TokenPairs.of([], start.tokenizer, 12))
    assert none.shape == (0, 2)


def test_a_side_is_cut_and_either_comes_first_while_learning(base: Path) -> None:
    start = start_cross(base, 3, seed=1)
    pairs = TokenPairs.of([("甲乙丙丁戊", "子")], start.tokenizer, 3)
    ids, types, mask = pairs.canonical([0])
    # [CLS] 甲乙丙 [SEP] 子 [SEP]: five special tokens come first in the vocabulary, then 甲
    assert ids.tolist() == [[2, 5, 6, 7, 3, 15, 3]]
    assert types.tolist() == [[0, 0, 0, 0, 0, 1, 1]]
    assert mask.tolist() == [[1] * 7]
    rng = np.random.default_rng(0)
    laid = {tuple(pairs.either_way([0], rng)[0][0].tolist()) for _ in range(20)}
    assert laid == {(2, 5, 6, 7, 3, 15, 3), (2, 15, 3, 5, 6, 7, 3)}


def test_kept_log_odds_do_not_know_the_judgements_of_their_fold(base: Path, tmp_path: Path) -> None:
    before = kept(base, tmp_path, "before")
    after = kept(base, tmp_path, "after", turned=2)
    changed = {n for n in range(N_EVENTS) if (before[n] != after[n]).any()}
    assert 2 not in changed
    # the other half of the events was scored by the copy that did see c2
    assert len(changed) == N_EVENTS // 2


def test_nor_judgements_of_other_folds_that_touch_their_event(base: Path, tmp_path: Path) -> None:
    first = kept(base, tmp_path, "first")
    fold_of = read_cross_logits(tmp_path / "first").fold_of
    [to, *_] = [n for n in first if fold_of[key_of(f"c{n}")] != fold_of[key_of("c1")]]
    before = kept(base, tmp_path, "before", to=to)
    after = kept(base, tmp_path, "after", to=to, across=1)
    assert read_cross_logits(tmp_path / "after").fold_of == fold_of
    assert (before[to] == after[to]).all()  # its copy was taught c1, but not that pair
    assert (before[1] == after[1]).all()


def test_without_folds_what_was_seen_is_known_and_nothing_kept(base: Path, tmp_path: Path) -> None:
    pairs = write_pairs(tmp_path / "pairs.csv")
    tune_cross(base, examples(), pairs, tmp_path / "out", replace(PLAN, folds=0))
    found = read_cross_logits(tmp_path / "out")
    assert len(found.fold_of) == N_EVENTS
    with pytest.raises(UnusableFile, match="没有交叉拟合"):
        found.of("c0", "甲", "乙")
    with pytest.raises(UnusableFile, match="已见过判定"):
        start_cross(tmp_path / "out", 12, seed=1)


def test_weights_have_the_names_of_body_and_head_and_may_be_halved(
    cross: Path, tmp_path: Path
) -> None:
    weights = load_file(cross / WEIGHTS)
    head = {name for name in weights if not name.startswith("body.")}
    assert head == {"head.1.weight", "head.1.bias", "head.3.weight", "head.3.bias"}
    assert not any("pooler" in name for name in weights)
    shutil.copytree(cross, tmp_path / "half")
    save_file({name: value.half() for name, value in weights.items()}, tmp_path / "half" / WEIGHTS)
    opened = open_cross(tmp_path / "half")
    assert {str(value.dtype) for value in opened.network.state_dict().values()} == {"torch.float32"}
    assert (opened.side_tokens, opened.origin.prefix) == (12, "")
    assert (tmp_path / "half" / "NOTICE").is_file()


def test_a_cross_encoder_can_be_gone_on_from(cross: Path) -> None:
    again = start_cross(cross, 20, seed=99)  # 99 would draw another head
    assert again.side_tokens == 20
    weights = load_file(cross / WEIGHTS)
    assert all((weights[name] == value).all() for name, value in again.network.state_dict().items())


def test_a_cross_encoder_is_not_taken_for_an_encoder(cross: Path) -> None:
    with pytest.raises(UnusableFile, match="无法读取"):
        open_model(cross)


@pytest.mark.parametrize("side_tokens", [0, 31])
def test_more_tokens_than_the_network_has_places_are_refused(base: Path, side_tokens: int) -> None:
    # 64 places: two sides of 30, [CLS] and two [SEP]
    with pytest.raises(UnusableFile, match="每侧应为 1 到 30 个词元"):
        start_cross(base, side_tokens, seed=1)
    start_cross(base, 30, seed=1)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.json", b"{"),
        ("config.json", b"[]"),
        ("config.json", b'{"hidden_size": 32}'),
        ("config.json", b'{"model_type": "gpt2"}'),
        ("model.safetensors", b"none"),
        ("tokenizer.json", b"{}"),
    ],
)
def test_damaged_files_are_refused_by_name(
    cross: Path, tmp_path: Path, name: str, content: bytes
) -> None:
    shutil.copytree(cross, tmp_path / "damaged")
    (tmp_path / "damaged" / name).write_bytes(content)
    with pytest.raises(UnusableFile, match=name):
        open_cross(tmp_path / "damaged")


def test_weights_of_another_shape_are_refused(cross: Path, tmp_path: Path) -> None:
    shutil.copytree(cross, tmp_path / "other")
    path = tmp_path / "other" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"hidden_size": 16}), "utf-8")
    with pytest.raises(UnusableFile, match="不是同一个网络"):
        open_cross(tmp_path / "other")


def test_a_folder_without_origin_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"origin\.json"):
        open_cross(tmp_path)


def test_a_checkpoint_that_saw_judgements_is_refused(base: Path, tmp_path: Path) -> None:
    for name in (CROSS_LOGITS, PAIR_CROSSFIT):
        shutil.copytree(base, tmp_path / name)
        (tmp_path / name / name).write_bytes(b"")
        with pytest.raises(UnusableFile, match="请从"):
            start_cross(tmp_path / name, 12, seed=1)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["0,1,1,c0", "0,2,0,c0"], "没有一对是同一事件"),
        (["0,nobody,2,c0"], "nobody"),
        (["0,1,2,c0"], "少于 2 折"),
    ],
)
def test_pairs_that_teach_nothing_are_refused(
    base: Path, tmp_path: Path, lines: Sequence[str], said: str
) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("\n".join([HEADER, *lines]) + "\n", "utf-8")
    with pytest.raises(UnusableFile, match=said):
        tune_cross(base, examples(), pairs, tmp_path / "out", PLAN)
    assert not (tmp_path / "out").exists()


def test_an_id_that_stands_twice_is_refused(base: Path, tmp_path: Path) -> None:
    pairs = write_pairs(tmp_path / "pairs.csv")
    with pytest.raises(UnusableFile, match="'0' 出现了两次"):
        tune_cross(base, [*examples(), examples()[0]], pairs, tmp_path / "out", PLAN)
