"""The folder of published models: which versions there are and which one is current.

`current.json` is the only mutable file; it moves atomically. It keeps the trail that rolling back
follows and the history of every change. Training and gates are not known here.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from triage.errors import ArtifactError
from triage.files import atomic_write
from triage.model.artifact import MANIFEST, read_artifact
from triage.model.lock import writing
from triage.request import Json

CURRENT = "current.json"
HISTORY_LENGTH = 200
"""Changes that are kept, latest last: years of publishing, a few kilobytes."""
PUBLISH, ROLLBACK = "publish", "rollback"
_NAME = re.compile(r"\w[\w.+-]{0,99}")


@dataclass(frozen=True, slots=True)
class Change:
    """A move of the pointer to `version`; `how` is "publish" or "rollback", `at` ISO 8601."""

    version: str
    at: str
    how: str


@dataclass(frozen=True, slots=True)
class Current:
    """The version in use, since when, and what came before.

    `before` are the versions that rolling back returns to, nearest last. `history` holds every
    change, the present one last.
    """

    version: str
    since: str
    before: tuple[str, ...] = ()
    history: tuple[Change, ...] = ()


def read_current(models_dir: Path) -> Current:
    """Read which version is in use.

    Raises
    ------
    ArtifactError
        There is no `current.json`, it is damaged, or it names a version that is not there.
    """
    current = _read_pointer(models_dir)
    if not is_published(models_dir, current.version):
        raise ArtifactError(
            f"{models_dir / CURRENT} 指向的版本 {current.version} 不存在："
            "请用 triage models rollback 版本名 指定已有版本"
        )
    return current


def current_folder(models_dir: Path) -> Path:
    """Return the folder of the version in use."""
    return models_dir / read_current(models_dir).version


def has_current(models_dir: Path) -> bool:
    """Tell whether a version was ever made current here."""
    return (models_dir / CURRENT).exists()


def list_versions(models_dir: Path) -> list[str]:
    """Return the published versions, sorted by name; half-copied folders are not among them."""
    if not models_dir.is_dir():
        raise ArtifactError(f"模型目录 {models_dir} 不存在：请检查 --models-dir")
    names = (path.parent.name for path in models_dir.glob(f"*/{MANIFEST}"))
    return sorted(name for name in names if _NAME.fullmatch(name))


def is_published(models_dir: Path, version: str) -> bool:
    """Tell whether there is a folder of this version; its files are not checked."""
    return bool(_NAME.fullmatch(version)) and (models_dir / version / MANIFEST).is_file()


def version_folder(models_dir: Path, version: str) -> Path:
    """Return the folder of a version, which need not exist.

    Raises
    ------
    ArtifactError
        The name could lead out of the folder, or hide in it.
    """
    if not _NAME.fullmatch(version):
        raise ArtifactError(
            f"版本名 {version[:100]!r} 不合法：应以字母或数字开头，只含字母、数字和 . _ + -"
        )
    return models_dir / version


def make_current(models_dir: Path, version: str, *, now: datetime | None = None) -> Current:
    """Point `current.json` at a version whose files verify.

    The version that is in use already stays as it is. A damaged pointer is replaced.

    Raises
    ------
    ArtifactError
        The version does not exist, its files do not match its manifest, or it bears another name.
    """
    _check_version(models_dir, version)
    with writing(models_dir):
        present = _pointer_or_none(models_dir)
        if present is not None and present.version == version:
            return present
        before = (*present.before, present.version) if present else ()
        return _write(models_dir, version, before, present, PUBLISH, now)


def roll_back(
    models_dir: Path, version: str | None = None, *, now: datetime | None = None
) -> Current:
    """Point `current.json` at the version before the one in use, or at the one named.

    Going back twice goes two versions back. A named version that is on the trail cuts it there.
    A damaged pointer can be replaced by naming a version.

    Raises
    ------
    ArtifactError
        There is no earlier version, or the version does not exist or does not verify.
    """
    if version is not None:
        _check_version(models_dir, version)
    with writing(models_dir):
        present = _pointer_or_none(models_dir) if version else _read_pointer(models_dir)
        trail = list(present.before) if present else []
        if version is None:
            version = _earlier(models_dir, trail)
        if present is not None and present.version == version:
            return present
        if version in trail:
            trail = trail[: _last_index(trail, version)]
        elif present is not None:
            trail.append(present.version)
        return _write(models_dir, version, tuple(trail), present, ROLLBACK, now)


def _earlier(models_dir: Path, trail: list[str]) -> str:
    """Return the nearest version of the trail that still verifies."""
    for version in reversed(trail):
        try:
            _check_version(models_dir, version)
        except ArtifactError:
            continue
        return version
    known = "、".join(list_versions(models_dir)) or "无"
    raise ArtifactError(f"{models_dir} 没有更早的可用版本可回滚；已发布的版本：{known}")


def _last_index(trail: list[str], version: str) -> int:
    return len(trail) - 1 - trail[::-1].index(version)


def _check_version(models_dir: Path, version: str) -> None:
    found = read_artifact(version_folder(models_dir, version)).version
    if found != version:
        raise ArtifactError(f"目录 {models_dir / version} 里的模型自称 {found}：请重新发布模型")


def _read_pointer(models_dir: Path) -> Current:
    path = models_dir / CURRENT
    try:
        row = json.loads(path.read_text("utf-8"))
        return Current(
            str(row["version"]),
            str(row.get("since", "")),
            tuple(map(str, row.get("before", ()))),
            tuple(
                Change(str(change["version"]), str(change["at"]), str(change["how"]))
                for change in row.get("history", ())
            ),
        )
    except FileNotFoundError as error:
        raise ArtifactError(
            f"{models_dir} 里没有 {CURRENT}：请用 triage publish 发布模型，或检查 --models-dir"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(
            f"{path} 无法读取：请用 triage models rollback 版本名 重新指定版本"
        ) from error


def _pointer_or_none(models_dir: Path) -> Current | None:
    """Return the pointer; None where it is missing, or damaged: replacing it is the remedy."""
    try:
        return _read_pointer(models_dir)
    except ArtifactError:
        return None


def _write(
    models_dir: Path,
    version: str,
    before: tuple[str, ...],
    present: Current | None,
    how: str,
    now: datetime | None,
) -> Current:
    at = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    history = (*(present.history if present else ()), Change(version, at, how))[-HISTORY_LENGTH:]
    current = Current(version, at, before[-HISTORY_LENGTH:], history)
    row: dict[str, Json] = {
        "version": version,
        "since": at,
        "before": list(current.before),
        "history": [
            {"version": change.version, "at": change.at, "how": change.how} for change in history
        ],
    }
    with atomic_write(models_dir / CURRENT) as file:
        file.write(json.dumps(row, ensure_ascii=False, indent=1).encode() + b"\n")
    return current
