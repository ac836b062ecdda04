"""The published same-event model reads doubtful pairs: its cross-encoder, a real ONNX session."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from triage.errors import ArtifactError
from triage.files import sha256
from triage.model.artifact import MANIFEST
from triage.model.registry import current_folder
from triage.same_event.closer import TENSOR, Closer, Plane
from triage.same_event.cross_encoder import CONFIG, GRAPH, CrossEncoder, side_by_side
from triage.same_event.decision import Decision
from triage.same_event.entry import Entry
from triage.same_event.judgement import Label
from triage.same_event.model import FOLDER, SameEventModel

MODELS = Path(__file__).resolve().parents[2] / "models"
PARK = Entry(
    "a", "石桥铺公园什么时候动工", "规划公示三年了，石桥铺公园一直没有动工，请问何时开建？"
)
SAME = Entry(
    "b", "咨询石桥铺公园建设", "我们小区旁边的石桥铺公园，说要修，到现在还是荒地，何时开工？"
)
OTHER = Entry("c", "石桥铺公园广场舞太吵", "石桥铺公园每天晚上广场舞音响开到十点，老人没法休息。")
CARD = Entry("d", "社保卡丢了", "社保卡丢了怎么补办，要带什么材料？")


@pytest.fixture(scope="module")
def folder() -> Path:
    return current_folder(MODELS / FOLDER)


@pytest.fixture(scope="module")
def model(folder: Path) -> SameEventModel:
    return SameEventModel.open(folder)


@pytest.fixture(scope="module")
def cross(folder: Path) -> CrossEncoder:
    return CrossEncoder.load(folder)


def test_a_pair_is_read_the_same_both_ways_round(cross: CrossEncoder) -> None:
    for one, other in ((PARK, SAME), (SAME, OTHER), (Entry("e", "", ""), CARD)):
        np.testing.assert_array_equal(cross.log_odds(one, [other]), cross.log_odds(other, [one]))


def test_a_pair_is_read_the_same_beside_others(cross: CrossEncoder) -> None:
    together = cross.log_odds(PARK, [SAME, OTHER, CARD])
    alone = [cross.log_odds(PARK, [one])[0] for one in (SAME, OTHER, CARD)]
    np.testing.assert_array_equal(together, np.stack(alone))
    assert together.dtype == np.float32
    assert cross.log_odds(PARK, []).shape == (0, 2)


def test_one_event_is_told_from_another_matter_and_from_another_place(cross: CrossEncoder) -> None:
    same, other, unlike = cross.log_odds(PARK, [SAME, OTHER, CARD])[:, 0]
    assert same > other > unlike


def test_a_text_of_any_length_is_read(cross: CrossEncoder) -> None:
    for text in ("", "水", "停水" * 50_000, "\x00😀"):
        assert np.isfinite(cross.log_odds(Entry("x", "", text), [PARK])).all()
    began = time.process_time()
    cross.log_odds(Entry("x", "", "停水 a" * 5_000_000), [PARK])
    assert time.process_time() - began < 1  # all of it would take minutes


def test_the_side_that_sorts_first_comes_first() -> None:
    assert side_by_side([5], [3, 4], 1, 2) == ([1, 3, 4, 2, 5, 2], [0, 0, 0, 0, 1, 1])
    assert side_by_side([3, 4], [5], 1, 2) == side_by_side([5], [3, 4], 1, 2)


def test_closely_changes_only_what_the_trees_leave_open(model: SameEventModel) -> None:
    candidates = [SAME, OTHER, CARD]
    prepared = model.prepare(PARK), [model.prepare(one) for one in candidates]
    fast, close = model.probabilities(*prepared), model.probabilities(*prepared, closely=True)
    closer = model.decision.closer
    assert closer is not None
    open_ = fast[:, 0] >= closer.asked_from
    assert open_.tolist() == [True, True, False]
    np.testing.assert_array_equal(close[~open_], fast[~open_])
    assert (close[open_] != fast[open_]).all()
    assert (close[:, 1] >= close[:, 0]).all()
    assert model.judge(PARK, candidates, closely=True)[0].label is Label.SAME_EVENT


def test_only_so_many_of_the_likeliest_are_read(model: SameEventModel) -> None:
    candidates = [CARD, OTHER, SAME]
    packed = [model.pack(one) for one in candidates]
    query = model.prepare_once(PARK)
    fast, close = (
        {place: verdict.probability for place, verdict in said}
        for said in (
            enumerate(model.judge(PARK, candidates)),
            enumerate(model.judge(PARK, candidates, closely=True)),
        )
    )
    first = max(fast, key=lambda place: fast[place])
    for reads, wanted in ((0, fast), (1, fast | {first: close[first]}), (3, close)):
        found = model.best(query, candidates, packed, 3, reads)
        assert {place: verdict.probability for place, verdict in found} == wanted
        assert [verdict.probability for _, verdict in found] == sorted(
            (verdict.probability for _, verdict in found), reverse=True
        )


def test_planes_weigh_both_and_survive_the_tensors() -> None:
    closer = Closer(Plane(0.5, 1, -1), Plane(1, 0, 0), 0.01)
    trees, read = np.float32([[2, 1], [0, 0]]), np.float32([[0, 9], [1, 9]])
    found = closer.probabilities(trees, read)
    assert found[:, 0] == pytest.approx([0.5, 0.5])
    assert found[:, 1] == pytest.approx([1 / (1 + np.exp(-1)), 0.5])
    assert Closer.read(closer.tensors()) == closer
    assert Closer.read({}) is None
    with pytest.raises(ValueError, match="应为 7 个"):
        Closer.read({TENSOR: np.zeros(3)})


def test_a_decision_without_a_closer_writes_none(model: SameEventModel) -> None:
    plain = Decision(
        model.decision.same, model.decision.related, model.decision.same_scale,
        model.decision.related_scale, 0.9,
    )  # fmt: skip
    assert Decision.read(plain.tensors()).closer is None
    assert Decision.read(model.decision.tensors()).closer == model.decision.closer


@pytest.mark.parametrize("content", [b"", b"not a graph"])
def test_a_changed_graph_is_refused(folder: Path, tmp_path: Path, content: bytes) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / GRAPH).write_bytes(content)
    with pytest.raises(ArtifactError, match=GRAPH):
        SameEventModel.open(copy)
    config = json.loads((copy / CONFIG).read_text("utf-8"))
    config["files"][GRAPH] = sha256(copy / GRAPH)
    (copy / CONFIG).write_text(json.dumps(config), "utf-8")
    with pytest.raises(ArtifactError, match="无法打开"):
        CrossEncoder.load(copy)


@pytest.mark.parametrize(
    "content", ["", "[]", '{"schema": 1}', '{"schema": 9, "side_tokens": 5, "files": {}}']
)
def test_another_config_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / CONFIG).write_text(content, "utf-8")
    with pytest.raises(ArtifactError, match=CONFIG):
        CrossEncoder.load(tmp_path)


def test_a_closer_without_its_cross_encoder_is_refused(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    manifest = json.loads((copy / MANIFEST).read_text("utf-8"))
    del manifest["cross_encoder"]
    (copy / MANIFEST).write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(ArtifactError, match="不配套"):
        SameEventModel.open(copy)
