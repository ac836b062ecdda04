"""查看、校验、回滚已发布的模型 (list, show, verify and roll back published models).

  triage models list --models-dir models
  triage models show base-1a2b3c4d
  triage models verify                    # hash every file of every version
  triage models rollback                  # the version before the one in use
  triage models rollback base-1a2b3c4d    # this one; also mends a damaged current.json

Exit codes: 0 done; 2 a version is missing or damaged, or there is nothing to go back to.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from triage.errors import ArtifactError
from triage.model.artifact import read_manifest
from triage.model.model import Model
from triage.model.registry import (
    Current,
    has_current,
    list_versions,
    read_current,
    roll_back,
    version_folder,
)
from triage.request import Json

_SHOWN = ("topic", "lead_unit", "request_type", "urgency")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the four actions and their options."""
    actions = parser.add_subparsers(required=True)
    listing = actions.add_parser("list", help="列出已发布的版本，* 为现用")
    listing.set_defaults(action=_list)
    show = actions.add_parser("show", help="一个版本的来历与指标；不写版本名则为现用版本")
    show.add_argument("version", nargs="?")
    show.set_defaults(action=_show)
    back = actions.add_parser("rollback", help="回到上一个版本，或指定的版本")
    back.add_argument("version", nargs="?")
    back.set_defaults(action=_rollback)
    check = actions.add_parser("verify", help="逐个文件核对 sha256 并试着加载")
    check.add_argument("version", nargs="?")
    check.set_defaults(action=_verify)
    models = Path(os.environ.get("TRIAGE_MODELS_DIR", "models"))
    for action in (listing, show, back, check):
        action.add_argument("--models-dir", type=Path, default=models, metavar="DIR")
        action.add_argument("--json", action="store_true", help="输出 JSON")


def run(args: argparse.Namespace) -> int:
    """Run the chosen action; returns the exit code."""
    return int(args.action(args))


def _list(args: argparse.Namespace) -> int:
    versions = list_versions(args.models_dir)
    current, problem = _current_or_problem(args.models_dir)
    in_use = current.version if current else None
    if args.json:
        rows: list[Json] = [_row(args.models_dir, version, in_use) for version in versions]
        _print_json(
            {"current": in_use, "before": list(current.before) if current else [], "models": rows}
        )
        return 0
    for version in versions:
        row = _row(args.models_dir, version, in_use)
        mark = "*" if row["is_current"] else " "
        print(f"{mark} {version}  {row['problem'] or _headline(row)}")
    if not versions:
        print(f"{args.models_dir} 里还没有模型：请用 triage publish 发布", file=sys.stderr)
    if problem:
        print(problem, file=sys.stderr)
    return 0


def _show(args: argparse.Namespace) -> int:
    version = args.version or read_current(args.models_dir).version
    manifest = read_manifest(version_folder(args.models_dir, version))
    current, _ = _current_or_problem(args.models_dir)
    is_current = current is not None and current.version == version
    if args.json:
        history: list[Json] = [
            {"at": change.at, "how": change.how}
            for change in (current.history if current else ())
            if change.version == version
        ]
        _print_json({"is_current": is_current, "history": history, "manifest": manifest})
        return 0
    print(f"{version}{'（现用）' if is_current else ''}")
    print(f"训练数据 {manifest.get('examples')} 条，sha256 {manifest.get('data_sha256')}")
    print(f"划分 {manifest.get('split')}，Python {manifest.get('python')}")
    for title, values in (("依赖", manifest.get("libraries")), ("文件", manifest.get("files"))):
        for name, value in cast(Mapping[str, Json], values or {}).items():
            print(f"{title} {name} {value}")
    for group, decisions in cast(Mapping[str, Json], manifest.get("metrics") or {}).items():
        for name, figures in cast(Mapping[str, Mapping[str, Json]], decisions).items():
            first = "micro_f1" if "micro_f1" in figures else "accuracy"
            print(f"留出折 {group} {name} {first} {figures.get(first)} n {figures.get('n')}")
    for change in current.history if current else ():
        if change.version == version:
            print(f"{change.at} {change.how}")
    return 0


def _rollback(args: argparse.Namespace) -> int:
    before, _ = _current_or_problem(args.models_dir)
    current = roll_back(args.models_dir, args.version)
    if args.json:
        _print_json(
            {
                "version": current.version,
                "from": before.version if before else None,
                "since": current.since,
                "before": list(current.before),
            }
        )
    elif before is not None and before.version == current.version:
        print(f"现用的就是 {current.version}，没有改动")
    else:
        print(f"现用模型：{before.version if before else '（无）'} → {current.version}")
    return 0


def _verify(args: argparse.Namespace) -> int:
    versions = [args.version] if args.version else list_versions(args.models_dir)
    problems = {version: _problem(args.models_dir, version) for version in versions}
    current_problem = None
    if not args.version:
        _, current_problem = _current_or_problem(args.models_dir)
    sound = not current_problem and not any(problems.values())
    if args.json:
        rows: list[Json] = [
            {"version": version, "problem": problem} for version, problem in problems.items()
        ]
        _print_json({"ok": sound, "models": rows, "current_problem": current_problem})
    else:
        for version, problem in problems.items():
            print(f"{version}  {problem or '完好'}")
        if current_problem:
            print(current_problem)
    return 0 if sound else 2


def _problem(models_dir: Path, version: str) -> str | None:
    """Return why a version cannot be used: files, hashes, name, or content that does not load."""
    try:
        found = Model.load(version_folder(models_dir, version)).version
    except ArtifactError as error:
        return error.message
    return None if found == version else f"目录名与清单里的版本名 {found} 不符：请重新发布"


def _current_or_problem(models_dir: Path) -> tuple[Current | None, str | None]:
    """Return the pointer, or what is wrong with it; neither where nothing was published."""
    if not has_current(models_dir):
        return None, None
    try:
        return read_current(models_dir), None
    except ArtifactError as error:
        return None, error.message


def _row(models_dir: Path, version: str, current: str | None) -> dict[str, Json]:
    row: dict[str, Json] = {
        "version": version,
        "is_current": version == current,
        "examples": None,
        "metrics": {},
        "problem": None,
    }
    try:
        manifest = read_manifest(models_dir / version)
    except ArtifactError as error:
        return row | {"problem": error.message}
    metrics = cast(Mapping[str, Mapping[str, Json]], manifest.get("metrics") or {}).get("all", {})
    figures = {
        name: cast(Mapping[str, Json], metrics[name]).get("accuracy")
        for name in _SHOWN
        if name in metrics
    }
    return row | {"examples": manifest.get("examples"), "metrics": dict(figures)}


def _headline(row: Mapping[str, Json]) -> str:
    figures = cast(Mapping[str, Json], row["metrics"])
    shown = "，".join(f"{name} {value}" for name, value in figures.items())
    return f"{row['examples']} 条训练数据" + (f"，留出折准确率：{shown}" if shown else "")


def _print_json(value: Json) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
