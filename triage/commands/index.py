"""相似工单的索引：建立、核验、看现状 (the index of past orders: build, verify, status).

    triage index build --database postgresql://triage@db/triage --models-dir models
    triage index verify
    triage index status --json

索引可随时从数据库重建，出自脱敏后的文字，能还原出一部分：请与数据库同样保护（docs/index.md）。
服务启动时自己打开，攒够新工单自己重建，平时用不着这些命令。build 默认接着上一份快照读，--anew
从头读起；换编码器时先 build 再发布，新旧索引并存。退出码：0 正常；1 没有可用的快照；2 无法使用，
或有早于清除的文件没能删去。
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

from triage.commands.left import told_left
from triage.commands.opening import add_database, opened_current
from triage.desk.erasing import erase_outdated
from triage.desk.indexing import LEAST, build, is_of
from triage.desk.shelving import shelf_folder, shelve
from triage.desk.sight import Sight, load_sight
from triage.errors import UnusableFile
from triage.index import IndexRefused, Snapshots
from triage.index.manifest import FILES, read_manifest
from triage.index.segment import Segment
from triage.request import Json
from triage.store.database import Database
from triage.store.index_feed import head_at
from triage.store.location import default_index_dir


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the three actions and their options."""
    actions = parser.add_subparsers(required=True)
    building = actions.add_parser("build", help="写一份新快照；另一个进程正在写时什么也不做")
    building.add_argument("--anew", action="store_true", help="从头读台账，不接着上一份快照")
    building.set_defaults(action=_build)
    verifying = actions.add_parser("verify", help="核对每份快照的文件与台账")
    verifying.set_defaults(action=_verify)
    status = actions.add_parser("status", help="各份快照的大小、件数、记到哪里")
    status.add_argument("--json", action="store_true", help="输出一行 JSON")
    status.set_defaults(action=_status)
    models = Path(os.environ.get("TRIAGE_MODELS_DIR", "models"))
    for action in (building, verifying, status):
        action.add_argument("--models-dir", type=Path, default=models, metavar="DIR")
        action.add_argument("--index-dir", type=Path, default=Path(default_index_dir()),
            metavar="DIR", help="默认取 TRIAGE_INDEX_DIR，再默认 runs/index")  # fmt: skip
        add_database(action)


def run(args: argparse.Namespace) -> int:
    """Run the chosen action; returns the exit code."""
    sight = load_sight(args.models_dir)
    snapshots = Snapshots(args.index_dir, sight.version, sight.dimensions)
    with opened_current(args.database) as database:
        return int(args.action(args, database, snapshots, sight))


def _build(args: argparse.Namespace, database: Database, snapshots: Snapshots, sight: Sight) -> int:
    started = time.monotonic()
    try:
        snapshots.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableFile(
            f"无法写入索引目录 {args.index_dir}：{error.strerror}；请用 --index-dir 换一个位置"
        ) from error
    with snapshots.writing() as is_mine:
        if not is_mine:
            print("另一个进程正在建立索引", file=sys.stderr)
            return 0
        folder = build(database, snapshots, sight, anew=args.anew)
        snapshots.clear()
        if sight.packer is not None:
            place = shelf_folder(args.index_dir, sight.packer)
            shelve(database, place, sight.packer, anew=args.anew)
    erased = erase_outdated(database, args.index_dir)
    for gone in erased.gone:
        print(f"{gone} 早于最近一次清除，或没有写完，已删去", file=sys.stderr)
    if folder is None:
        print(f"工单不足 {LEAST:,} 件，不需要快照：服务启动时直接读库", file=sys.stderr)
    else:
        facts = read_manifest(folder).facts
        seconds = time.monotonic() - started
        print(f"{folder}：{facts.count:,} 件，用时 {seconds:.1f} 秒", file=sys.stderr)
    return told_left(erased)


def _verify(
    args: argparse.Namespace, database: Database, snapshots: Snapshots, sight: Sight
) -> int:
    is_any_sound = False
    found = snapshots.found()
    if not found:
        where = f"{args.index_dir} 里没有编码器 {sight.version} 的快照"
        print(
            f"{where}：工单不足 {LEAST:,} 件时不需要，否则请运行 triage index build",
            file=sys.stderr,
        )
    for folder in found:
        try:
            segment = Segment.open(folder, encoder=sight.version, dimensions=sight.dimensions)
            if not is_of(database, segment.facts.mark):
                raise IndexRefused("index_other_ledger", f"索引 {folder} 与本库台账对不上")
        except IndexRefused as refusal:
            print(f"{refusal.code}：{refusal.message}")
        else:
            is_any_sound = True
            print(f"完好：{folder}，{len(segment):,} 件")
    return 0 if is_any_sound else 1


def _status(
    args: argparse.Namespace, database: Database, snapshots: Snapshots, sight: Sight
) -> int:
    with database.read() as connection:
        head = head_at(connection)
    found = [_facts(folder) for folder in snapshots.found()]
    if args.json:
        print(json.dumps({"encoder": sight.version, "head": head, "snapshots": found}))
        return 0
    print(f"编码器 {sight.version}，台账第 {head} 个事件")
    for one in found:
        print("  ".join(f"{name} {value}" for name, value in one.items()))
    return 0


def _facts(folder: Path) -> dict[str, Json]:
    try:
        manifest = read_manifest(folder)
    except IndexRefused as refusal:
        return {"folder": str(folder), "refused": refusal.code}
    facts = manifest.facts
    return {
        "folder": str(folder),
        "orders": facts.count,
        "position": facts.mark.position,
        "probes": facts.probes,
        "bytes": sum(manifest.files[name][1] for name in FILES if name in manifest.files),
    }
