"""The folder of published models: one pointer, moved whole, with a trail back."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from triage.errors import ArtifactError
from triage.model.registry import (
    HISTORY_LENGTH,
    current_folder,
    has_current,
    list_versions,
    make_current,
    read_current,
    roll_back,
    version_folder,
)

Write = Callable[..., Path]
NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def three(
    tmp_path_factory: pytest.TempPathFactory, write_tiny_model: Write
) -> Callable[[Path], Path]:
    """Return a function that puts the published versions a, b and c into a folder."""
    source = tmp_path_factory.mktemp("three")
    for version in "abc":
        write_tiny_model(
            source / version, {"topic": {"甲": ["路灯"], "乙": ["停水"]}}, version=version
        )

    def copy(models: Path) -> Path:
        for file in source.rglob("*"):
            if file.is_file():
                target = models / file.relative_to(source)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read_bytes())
        return models

    return copy


@pytest.fixture
def models(tmp_path: Path, three: Callable[[Path], Path]) -> Path:
    return three(tmp_path / "models")


def use(models: Path, *versions: str) -> None:
    for version in versions:
        make_current(models, version, now=NOON)


def test_a_version_becomes_current_and_is_found(models: Path) -> None:
    assert not has_current(models)
    current = make_current(models, "a", now=NOON)
    assert (current.version, current.since, current.before) == (
        "a",
        "2026-03-01T04:00:00+00:00",
        (),
    )
    assert read_current(models) == current
    assert current_folder(models) == models / "a"


def test_rolling_back_returns_to_the_version_before(models: Path) -> None:
    use(models, "a", "b")
    assert roll_back(models).version == "a"
    assert read_current(models).version == "a"


def test_rolling_back_twice_goes_two_versions_back(models: Path) -> None:
    use(models, "a", "b", "c")
    assert [roll_back(models).version, roll_back(models).version] == ["b", "a"]
    with pytest.raises(ArtifactError, match="没有更早的可用版本"):
        roll_back(models)
    assert read_current(models).version == "a"


def test_history_keeps_every_change(models: Path) -> None:
    use(models, "a", "b")
    roll_back(models)
    use(models, "c")
    assert [(change.version, change.how) for change in read_current(models).history] == [
        ("a", "publish"),
        ("b", "publish"),
        ("a", "rollback"),
        ("c", "publish"),
    ]


def test_after_rolling_back_a_new_version_leads_back_to_the_good_one(models: Path) -> None:
    use(models, "a", "b")
    roll_back(models)  # b was bad
    use(models, "c")
    assert roll_back(models).version == "a"


def test_rolling_back_to_a_named_version_cuts_the_trail_there(models: Path) -> None:
    use(models, "a", "b", "c")
    assert roll_back(models, "a").before == ()


def test_the_nearest_of_several_visits_is_where_the_trail_is_cut(models: Path) -> None:
    use(models, "a", "b", "a", "c")
    assert roll_back(models, "a").before == ("a", "b")


def test_going_forward_again_by_name_can_be_undone(models: Path) -> None:
    use(models, "a", "b")
    roll_back(models)
    assert roll_back(models, "b").before == ("a",)
    assert roll_back(models).version == "a"


def test_making_the_current_version_current_changes_nothing(models: Path) -> None:
    use(models, "a", "b")
    before = (models / "current.json").read_bytes()
    use(models, "b")
    roll_back(models, "b")
    assert (models / "current.json").read_bytes() == before


def test_a_damaged_earlier_version_is_passed_over(models: Path) -> None:
    use(models, "a", "b", "c")
    (models / "b" / "weights.safetensors").write_bytes(b"tampered")
    assert roll_back(models).version == "a"


def test_tampered_weights_never_become_current(models: Path) -> None:
    use(models, "a")
    weights = models / "b" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    with pytest.raises(ArtifactError, match="sha256 与清单不符"):
        make_current(models, "b")
    with pytest.raises(ArtifactError, match="sha256 与清单不符"):
        roll_back(models, "b")
    assert read_current(models).version == "a"


def test_a_folder_must_bear_its_models_name(models: Path) -> None:
    (models / "b").rename(models / "d")
    with pytest.raises(ArtifactError, match="自称 b"):
        make_current(models, "d")


def test_an_unknown_version_is_refused(models: Path) -> None:
    with pytest.raises(ArtifactError, match=r"没有 manifest\.json"):
        make_current(models, "z")
    assert not has_current(models)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../a", "a/b", "/etc", "a\\b", ".hidden", "a b", "a\n", "a\x00", "x" * 101],
)
def test_names_that_lead_elsewhere_are_refused(models: Path, name: str) -> None:
    for action in (make_current, roll_back, version_folder):
        with pytest.raises(ArtifactError, match="不合法"):
            action(models, name)


def test_chinese_version_names_are_allowed(models: Path) -> None:
    assert version_folder(models, "重庆-1a2b.3+x") == models / "重庆-1a2b.3+x"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '"a"',
        "{}",
        '{"version": "a", "history": [1]}',
        '{"version": "a", "before": 5}',
    ],
)
def test_a_damaged_pointer_is_refused_and_mended_by_naming_a_version(
    models: Path, content: str
) -> None:
    (models / "current.json").write_text(content, "utf-8")
    with pytest.raises(ArtifactError, match="rollback 版本名"):
        read_current(models)
    with pytest.raises(ArtifactError, match="rollback 版本名"):
        roll_back(models)
    assert roll_back(models, "b").version == "b"
    assert read_current(models).version == "b"


def test_publishing_replaces_a_damaged_pointer(models: Path) -> None:
    (models / "current.json").write_bytes(b"\xff\xfe")
    assert make_current(models, "a").version == "a"


@pytest.mark.parametrize("version", ["gone", "../a", ""])
def test_a_pointer_to_nothing_or_elsewhere_is_refused(models: Path, version: str) -> None:
    (models / "current.json").write_text(json.dumps({"version": version}), "utf-8")
    with pytest.raises(ArtifactError, match="不存在"):
        read_current(models)


def test_a_pointer_to_a_removed_version_still_leads_back(models: Path) -> None:
    use(models, "a", "b")
    for file in (models / "b").iterdir():
        file.unlink()
    assert roll_back(models).version == "a"


def test_versions_are_listed_without_half_copied_folders(models: Path) -> None:
    (models / ".draft-x").mkdir()
    (models / ".draft-x" / "manifest.json").write_text("{}", "utf-8")
    (models / "empty").mkdir()
    assert list_versions(models) == ["a", "b", "c"]
    with pytest.raises(ArtifactError, match="不存在"):
        list_versions(models / "none")


def test_history_does_not_grow_for_ever(models: Path) -> None:
    row = {
        "version": "a",
        "since": "",
        "before": ["b"] * 500,
        "history": [{"version": "b", "at": "", "how": "publish"}] * 500,
    }
    (models / "current.json").write_text(json.dumps(row), "utf-8")
    current = make_current(models, "c")
    assert len(current.history) == len(current.before) == HISTORY_LENGTH
    assert current.history[-1].version == "c"
    assert current.before[-1] == "a"


def test_changes_at_the_same_moment_are_all_kept(models: Path) -> None:
    use(models, "a")
    start = threading.Barrier(4)

    def flip(version: str) -> None:
        start.wait()
        for _ in range(5):
            roll_back(models, version)

    threads = [threading.Thread(target=flip, args=(version,)) for version in "bcbc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    history = [change.version for change in read_current(models).history]
    # every change is from one version to another: none was written over a state it had not seen
    assert all(one != other for one, other in pairwise(history))
    assert history[0] == "a"
    assert history[-1] == read_current(models).version
