"""What differs between two folders of lists."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from triage.catalogue.diff import compare_folders
from triage.catalogue.folder import shipped_folder
from triage.errors import CatalogueError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped_folder(), tmp_path / "city"))


def change(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")


def test_a_copy_does_not_differ(folder: Path) -> None:
    assert compare_folders(shipped_folder(), folder) == []


def test_added_removed_and_changed_entries_are_told_apart(folder: Path) -> None:
    change(folder, "units.csv", "FIRE,消防救援,", "FIRE,消防,")
    change(folder, "duties.csv", "\nNZ-DOG,", "\nNZ-HOUND,")
    lines = [str(difference) for difference in compare_folders(shipped_folder(), folder)]
    assert lines == [
        "~ units FIRE  name：消防救援 → 消防",
        "- duties NZ-DOG",
        "+ duties NZ-HOUND",
    ]


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="没有这个文件夹"):
        compare_folders(tmp_path / "none", shipped_folder())
