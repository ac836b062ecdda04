"""A model folder is copied among the published ones whole, or not at all."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from training.install import install
from triage.errors import ArtifactError
from triage.model.registry import list_versions, read_current

Write = Callable[..., Path]
INSTALL = """
import sys
from pathlib import Path
from training.install import install
from triage.model.registry import make_current
models = Path(sys.argv[2])
make_current(models, install(Path(sys.argv[1]), models))
"""


def test_only_what_the_manifest_names_is_copied(tmp_path: Path, write_tiny_model: Write) -> None:
    model = write_tiny_model(tmp_path / "m", version="v-1")
    (model / "notes.txt").write_text("private", "utf-8")
    assert install(model, tmp_path / "models") == "v-1"
    assert sorted(path.name for path in (tmp_path / "models" / "v-1").iterdir()) == [
        "card.md", "labels.json", "manifest.json", "weights.safetensors",
    ]  # fmt: skip
    assert (tmp_path / "models" / "v-1").stat().st_mode & 0o777 == 0o755


def test_an_error_while_copying_leaves_nothing(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(OSError, match="No space"):
        install(tiny_model, tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []


def test_what_a_killed_copy_left_behind_is_no_version_and_is_swept(
    tiny_models_dir: Path, tiny_model: Path
) -> None:
    models = tiny_models_dir
    left = models / ".draft-abc"
    left.mkdir()
    (left / "manifest.json").write_text("{", "utf-8")
    assert list_versions(models) == ["tiny-1"]
    install(tiny_model, models)
    assert not left.exists()


def test_publishers_at_the_same_moment_all_end_well(
    tmp_path: Path, write_tiny_model: Write
) -> None:
    models = tmp_path / "models"
    folders = [write_tiny_model(tmp_path / f"m{i}", version=f"v-{i // 2}") for i in range(4)]
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", INSTALL, str(folder), str(models)], stderr=subprocess.PIPE
        )
        for folder in folders
    ]
    ends = [(run.communicate()[1].decode(), run.returncode) for run in runs]
    assert [code for _, code in ends] == [0] * 4, ends
    assert list_versions(models) == ["v-0", "v-1"]
    current = read_current(models)
    assert current.version in {"v-0", "v-1"}
    assert {change.version for change in current.history} == {"v-0", "v-1"}
    assert not list(models.glob(".*"))


def test_install_needs_a_model(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError):
        install(tmp_path / "none", tmp_path / "models")
    assert not (tmp_path / "models").exists()
