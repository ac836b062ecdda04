"""The folder of published models: which versions there are and which one is current.

`current.json` is the only mutable file; it moves atomically and keeps a short history, so a
rollback is one write. Training and gates are not known here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from triage.errors import ArtifactError
from triage.files import atomic_write
from triage.model.artifact import MANIFEST, read_artifact

CURRENT = "current.json"
HISTORY_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Current:
    """The version in use and the versions before it, latest last."""

    version: str
    since: str
    history: tuple[str, ...]


def read_current(models_dir: Path) -> Current:
    """Read which version is in use.

    Raises
    ------
    ArtifactError
        There is no `current.json`, it is damaged, or it names a version that is not there.
    """
    path = models_dir / CURRENT
    try:
        row = json.loads(path.read_text("utf-8"))
        current = Current(str(row["version"]), str(row["since"]), tuple(row.get("history", ())))
    except FileNotFoundError as error:
        raise ArtifactError(
            f"{models_dir} 里没有 {CURRENT}：请用 triage publish 发布模型，或检查 --models-dir"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(f"{path} 无法读取：请用 triage models rollback 重新指定版本") from error
    if not (models_dir / current.version / MANIFEST).is_file():
        raise ArtifactError(f"{path} 指向的版本 {current.version} 不存在：请回滚到已有版本")
    return current


def current_folder(models_dir: Path) -> Path:
    """Return the folder of the version in use."""
    return models_dir / read_current(models_dir).version


def list_versions(models_dir: Path) -> list[str]:
    """Return the published versions, oldest name first."""
    if not models_dir.is_dir():
        raise ArtifactError(f"模型目录 {models_dir} 不存在：请检查 --models-dir")
    return sorted(path.parent.name for path in models_dir.glob(f"*/{MANIFEST}"))


def make_current(models_dir: Path, version: str, *, now: datetime | None = None) -> Current:
    """Point `current.json` at a version whose files verify.

    Raises
    ------
    ArtifactError
        The version does not exist or its files do not match its manifest.
    """
    if Path(version).name != version:
        raise ArtifactError(f"版本名 {version!r} 不合法：只能是 {models_dir} 下的目录名")
    read_artifact(models_dir / version)
    history: tuple[str, ...] = ()
    if (models_dir / CURRENT).exists():
        try:
            before = read_current(models_dir)
            history = (*before.history, before.version)
        except ArtifactError:
            history = ()  # the old pointer is damaged: replacing it is the remedy
    since = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    current = Current(version, since, history[-HISTORY_LENGTH:])
    with atomic_write(models_dir / CURRENT) as file:
        row = {"version": version, "since": since, "history": list(current.history)}
        file.write(json.dumps(row, indent=1).encode() + b"\n")
    return current


def roll_back(models_dir: Path) -> Current:
    """Point `current.json` at the version before the one in use.

    Raises
    ------
    ArtifactError
        There is no earlier version.
    """
    history = read_current(models_dir).history
    for version in reversed(history):
        if (models_dir / version / MANIFEST).is_file() and version != history[-1:]:
            return make_current(models_dir, version)
    raise ArtifactError(f"{models_dir} 没有更早的版本可回滚")
