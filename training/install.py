"""Copy a model folder among the published ones, whole or not at all; the pointer is not moved here.

What is copied is what the manifest names, the manifest and the card; it is hashed again where it
lies. A version that is there already is kept if its files verify.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from triage.errors import ArtifactError
from triage.files import on_disk
from triage.model.artifact import CARD, MANIFEST, read_manifest, verify
from triage.model.lock import writing
from triage.model.registry import version_folder

_DRAFT = ".draft-"


def install(folder: Path, models_dir: Path) -> str:
    """Copy `folder` to `models_dir/<version>` and return the version.

    Raises
    ------
    ArtifactError
        The model does not verify, or another model of the same name is in the way.
    """
    manifest = read_manifest(folder)
    verify(folder, manifest)
    version = str(manifest["version"])
    target = version_folder(models_dir, version)
    models_dir.mkdir(parents=True, exist_ok=True)
    with writing(models_dir):
        for left in models_dir.glob(f"{_DRAFT}*"):  # of a publisher that was killed
            shutil.rmtree(left, ignore_errors=True)
        if target.exists():
            _check_same(target, folder)
        else:
            _copy(folder, target)
    return version


def _check_same(target: Path, folder: Path) -> None:
    there, here = read_manifest(target), read_manifest(folder)
    verify(target, there)
    if there["files"] != here["files"]:
        raise ArtifactError(f"{target} 已有同名而内容不同的模型：请给新模型换个名字（--name）")


def _copy(folder: Path, target: Path) -> None:
    draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=_DRAFT))
    try:
        manifest = read_manifest(folder)
        files = manifest["files"]
        assert isinstance(files, dict)  # verify has seen it
        names = [MANIFEST, *files, *([CARD] if (folder / CARD).is_file() else [])]
        for name in dict.fromkeys(names):
            shutil.copyfile(folder / name, draft / name)
            on_disk(draft / name)
        verify(draft, manifest)
        draft.chmod(0o755)
        on_disk(draft)
        draft.rename(target)
        on_disk(target.parent)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
