"""An encoder learns events from judged pairs, and its cross-fitted vectors know no judgement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evaluation.judged_pairs import (
    RELATED,
    SAME_EVENT,
    UNRELATED,
    JudgedPair,
    read_judged_pairs,
)
from evaluation.truth import Example
from triage.errors import UnusableFile
from triage.same_event.entry import Entry

pytest.importorskip("sentence_transformers", reason="needs the tune extra")

from training.encoder.checkpoint import Origin, encode, open_model, read_origin
from training.encoder.hard_negatives import event_batches, find_events
from training.encoder.judged_pairs import RowPair, fold_components
from training.encoder.sources import bring_in
from training.encoder.tune import Plan, tune
from training.encoder.tune_events import tune_events, without
from training.pair_crossfit import PAIR_CROSSFIT, read_pair_crossfit, write_pair_crossfit

pytestmark = [pytest.mark.train]
CHARACTERS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
PLAN = Plan(("same-event",), 12, 0, folds=2, batch=8, rate=2e-3, negatives=2)
HEADER = "query_id,candidate_id,label,component"
N_EVENTS = 16


def noise() -> tuple[list[Example], list[str]]:
    """Requests of drawn characters, which of them are one event drawn too: nothing generalises."""
    rng = np.random.default_rng(3)
    drawn = rng.integers(0, len(CHARACTERS), (3 * N_EVENTS, 6))
    texts = ["".join(CHARACTERS[place] for place in row) for row in drawn]
    lines = [HEADER]
    for event in range(N_EVENTS):
        query, same, other = (3 * event + place for place in range(3))
        lines += [f"{query},{same},2,c{event}", f"{query},{other},0,c{event}"]
    return [Example(id=str(row), title="", text=text) for row, text in enumerate(texts)], lines


def write(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, write_tiny_bert: Callable[..., Path]) -> Path:
    folder = tmp_path_factory.mktemp("events")
    source = write_tiny_bert(folder / "bert", CHARACTERS, layers=1)
    bring_in(source, folder / "base", Origin("tiny", "MIT", "", 24))
    return folder / "base"


def told_apart(vectors: np.ndarray) -> float:
    """Return how often the same event is nearer than what only looked like it."""
    query, same, other = vectors[0::3], vectors[1::3], vectors[2::3]
    return float(np.mean((query * same).sum(axis=1) > (query * other).sum(axis=1)))


@pytest.mark.slow
def test_cross_fitted_vectors_do_not_know_judgements_by_heart(base: Path, tmp_path: Path) -> None:
    examples, lines = noise()
    texts = [Entry(each.id, each.title, each.text).text for each in examples]
    pairs = write(tmp_path / "pairs.csv", lines)
    stages: list[str] = []
    tune_events(
        base, examples, pairs, tmp_path / "out", PLAN, on_step=lambda s, _: stages.append(s)
    )
    own = encode(open_model(tmp_path / "out"), texts, 24)
    crossfit = read_pair_crossfit(tmp_path / "out")
    honest = np.concatenate(
        [
            crossfit.encode(_Refusing(), f"c{event}", texts[3 * event : 3 * event + 3])
            for event in range(N_EVENTS)
        ]
    )
    assert told_apart(own) > 0.9  # noise, learned by heart
    assert told_apart(honest) < 0.85  # chance is 0.5; 0.85 is 2.8 deviations of 16 draws
    assert dict.fromkeys(stages).keys() == {
        "第 1/2 份 同一事件对比",
        "第 2/2 份 同一事件对比",
        "全部数据 同一事件对比",
    }
    assert "16 of one event" in read_origin(tmp_path / "out").history[-1]
    with pytest.raises(UnusableFile, match="已用标签调优过"):
        tune_events(tmp_path / "out", examples, pairs, tmp_path / "again", PLAN)
    with pytest.raises(UnusableFile, match="已用标签调优过"):
        tune(tmp_path / "out", examples, tmp_path / "again", Plan(("title",), epochs=0))


@pytest.mark.slow
def test_two_tunings_of_one_seed_give_the_same_weights(base: Path, tmp_path: Path) -> None:
    examples, lines = noise()
    pairs = write(tmp_path / "pairs.csv", lines)
    plan = replace(PLAN, contrast_epochs=1, folds=0)
    for name in ("one", "other"):
        tune_events(base, examples, pairs, tmp_path / name, plan)
    one, other = (tmp_path / name / "model.safetensors" for name in ("one", "other"))
    assert one.read_bytes() == other.read_bytes()


class _Refusing:
    """An encoder that must not be asked."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        raise AssertionError("asked for a text that a copy has encoded")


class _Unit:
    """An encoder of one axis."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return np.ones((len(texts), 1), np.float32)


def test_only_components_that_were_never_seen_are_encoded_anew(tmp_path: Path) -> None:
    vectors = {(0, "路灯"): np.array([0.6, 0.8], np.float32)}
    write_pair_crossfit(tmp_path, {"c1": 0}, vectors)
    crossfit = read_pair_crossfit(tmp_path)
    assert crossfit.encode(_Refusing(), "c1", ["路灯"])[0] == pytest.approx([0.6, 0.8], abs=1e-3)
    assert crossfit.encode(_Unit(), "c2", ["路灯"]).tolist() == [[1.0]]
    with pytest.raises(UnusableFile, match="与调优时不同"):
        crossfit.encode(_Unit(), "c1", ["停水"])


def test_what_was_seen_and_not_cross_fitted_is_refused(tmp_path: Path) -> None:
    write_pair_crossfit(tmp_path, {"c1": 0}, {})
    with pytest.raises(UnusableFile, match="没有交叉拟合"):
        read_pair_crossfit(tmp_path).encode(_Unit(), "c1", ["路灯"])


def test_a_damaged_file_of_vectors_is_refused(tmp_path: Path) -> None:
    (tmp_path / PAIR_CROSSFIT).write_bytes(b"{}")
    with pytest.raises(UnusableFile, match="请重新调优并导出"):
        read_pair_crossfit(tmp_path)


def event(name: str, first: int, *, hard: Sequence[int] = ()) -> list[RowPair]:
    """One event of three rows from `first` on, and hard negatives of its query."""
    same = [JudgedPair(first, first + step, SAME_EVENT, name) for step in (1, 2)]
    return [*same, *(JudgedPair(first, row, UNRELATED, name) for row in hard)]


def test_a_batch_holds_an_event_once_and_none_of_it_as_a_negative() -> None:
    pairs = [*event("a", 0, hard=[3, 20, 21]), *event("b", 3, hard=[0, 22]), *event("c", 6)]
    found = find_events(pairs)
    rows = [each.rows for each in found]
    for seed in range(20):
        for batch in event_batches(found, 3, 2)(np.random.default_rng(seed)):
            events = [next(i for i, own in enumerate(rows) if each[0] in own) for each in batch]
            assert sorted(events) == [0, 1, 2]
            for each, own in zip(batch, events, strict=True):
                assert len(each) == 4
                assert {each[0], each[1]} <= rows[own]
                assert each[0] != each[1]
                assert set(each[2:]) <= {20, 21, 22}


def test_hard_negatives_of_the_query_come_first() -> None:
    pairs = [*event("a", 0, hard=[20, 21]), *event("b", 3, hard=[22, 23])]
    for batch in event_batches(find_events(pairs), 2, 2)(np.random.default_rng(0)):
        assert {each[0] < 3: set(each[2:]) for each in batch} == {True: {20, 21}, False: {22, 23}}


def test_a_large_batch_is_no_larger_than_there_are_events() -> None:
    pairs = [*event("a", 0), *event("b", 3)]
    batches = list(event_batches(find_events(pairs), 32, 4)(np.random.default_rng(0)))
    assert [len(batch) for batch in batches] == [2, 2]  # four pairs of one event, two a batch
    assert {len(each) for batch in batches for each in batch} == {2}  # there are no negatives


def test_one_event_without_negatives_has_nothing_to_be_told_from() -> None:
    batches = event_batches(find_events(event("a", 0)), 8, 4)
    assert list(batches(np.random.default_rng(0))) == []


def test_what_was_judged_both_ways_teaches_nothing() -> None:
    pairs = [
        *event("a", 0, hard=[9]),
        JudgedPair(1, 0, RELATED, "a"),
        JudgedPair(2, 1, UNRELATED, "a"),
    ]
    [found] = find_events(pairs)
    assert found.same == [(0, 2)]  # 0 and 1 were judged one event and, the other way round, related
    assert found.unlike == {0: [9]}  # 1 is of the event by its component, whatever 2 says of it


def test_a_fold_is_left_out_with_every_pair_that_touches_its_events() -> None:
    held = event("a", 0, hard=[3, 20])
    mirrored = JudgedPair(3, 0, UNRELATED, "b")
    elsewhere = JudgedPair(3, 20, UNRELATED, "b")
    rest = without([*held, *event("b", 3), mirrored, elsewhere], held)
    assert rest == [*event("b", 3), elsewhere]


def test_folds_hold_whole_components_and_each_has_something_to_learn_from() -> None:
    pairs = [pair for place in range(6) for pair in event(f"c{place}", 10 * place)]
    pairs += [JudgedPair(100 + row, 200 + row, UNRELATED, f"d{row}") for row in range(9)]
    fold_of = fold_components(pairs, folds=3, seed=1)
    teaching = [fold_of[f"c{place}"] for place in range(6)]
    assert sorted(teaching) == [0, 0, 1, 1, 2, 2]
    assert np.bincount(list(fold_of.values())).tolist() == [5, 5, 5]
    assert fold_of == fold_components(pairs[::-1], folds=3, seed=1)


def test_more_folds_than_events_are_refused() -> None:
    with pytest.raises(UnusableFile, match="只有 1 个 component"):
        fold_components(event("a", 0), folds=2, seed=1)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([HEADER, "1,9,2,a"], "candidate_id 为 '9'"),
        ([HEADER, "1,2,0,a", "1,3,1,a"], "没有一对是同一事件"),
        ([HEADER, "1,2,3,a"], "label 为 '3'"),
        ([HEADER, "1,2,2.0,a"], "label 为 '2.0'"),
        ([HEADER, "1,2,2"], "没有 component"),
        ([HEADER, "1,1,2,a"], "同为 '1'"),
        ([HEADER, "1,2,2,a", "2,3,0,b"], "编号 '2' 的事件分在 'a' 与 'b'"),
        (["query_id,candidate_id,label", "1,2,2"], "缺少列 component"),
        ([], "缺少列"),
    ],
)
def test_pairs_that_cannot_be_used_are_refused_by_name(
    tmp_path: Path, lines: list[str], said: str
) -> None:
    path = write(tmp_path / "pairs.csv", lines)
    with pytest.raises(UnusableFile, match=said):
        read_judged_pairs(path, {"1": 0, "2": 1, "3": 2})


def test_files_that_are_no_table_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="无法读取"):
        read_judged_pairs(tmp_path / "none.csv", {})
    (tmp_path / "other.csv").write_bytes(b"\xff\xfe\x00,\x80")
    with pytest.raises(UnusableFile, match="不是 UTF-8 的 CSV"):
        read_judged_pairs(tmp_path / "other.csv", {})


def test_an_id_that_stands_twice_in_the_data_is_refused(base: Path, tmp_path: Path) -> None:
    examples, lines = noise()
    pairs = write(tmp_path / "pairs.csv", lines)
    with pytest.raises(UnusableFile, match="'0' 出现了两次"):
        tune_events(base, [*examples, examples[0]], pairs, tmp_path / "out", PLAN)
    assert not (tmp_path / "out").exists()
