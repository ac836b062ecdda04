"""把文件里的诉求批量登记为工单 (take the rows of CSV, XLSX, JSONL files in as work orders).

Every row becomes a numbered, triaged, sealed work order. (source, id) is taken in only once, so a
run that was interrupted is simply started again. Rows that cannot be used go to the rejects file
with a reason; correct them and take that file in.

    triage intake 网站留言.csv --source portal --database postgresql://triage@db/triage
    triage intake a.jsonl b.xlsx --rejects runs/rejects.csv

Exit code: 0 every row is in, 1 some rows were refused, 2 a file or the database is unusable.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from triage.commands.opening import add_database, opened_current
from triage.commands.progress import add_progress, shown_progress
from triage.desk.bulk import Bulk, Taken, take_files
from triage.desk.bulk_rows import DEFAULT_SOURCE, intake_headers
from triage.desk.office import Office, Triage
from triage.desk.opening import OfficeFiles, load_city, open_office
from triage.files import atomic_write
from triage.intake.reasons import REASONS
from triage.intake.rejects import RejectsFile, rejects_path
from triage.intake.sources import file_type
from triage.model.registry import current_folder, has_current
from triage.pipeline import Pipeline
from triage.store.database import Database
from triage.store.key_file import default_key_file, load_keys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    models = Path(os.environ.get("TRIAGE_MODELS_DIR", "models"))
    add("files", nargs="+", type=Path, metavar="FILE", help="要登记的表格或 JSONL")
    add("--source", default=DEFAULT_SOURCE, help="没有写明来源的行，来源代码；默认 bulk")
    add("--headers", type=Path, metavar="CSV", help="列名对照表：列名,字段")
    add("--rejects", type=Path, metavar="CSV", help="拒收明细；默认在第一个文件旁")
    add("--actor", default="intake", help="以谁的名义登记，记入台账")
    add("--models-dir", type=Path, default=models, metavar="DIR", help="已发布模型的文件夹")
    add("--vault-keys", type=Path, default=default_key_file(), metavar="FILE", help="密钥文件")
    add("--catalogue", type=Path, metavar="DIR", help="本市的代码表，默认随包")
    add("--policy", type=Path, metavar="TOML", help="本市的时限政策，默认随包")
    add("--calendar", type=Path, metavar="CSV", help="本市的工作日历")
    add("--settings", type=Path, metavar="TOML", help="各步骤的开关和阈值，默认随包")
    add("--json", action="store_true", help="在标准输出给出 JSON 摘要")
    add_progress(parser)
    add_database(parser)


def run(args: argparse.Namespace) -> int:
    """Take everything in; 0 when every row is in, 1 when some were refused."""
    for path in args.files:
        file_type(path)
    headers = intake_headers(args.headers)
    rejects = args.rejects or rejects_path(args.files[0])
    with opened_current(args.database) as database:
        bulk = Bulk(_office(args, database), headers, args.actor, args.source)
        with (
            atomic_write(rejects, mode=0o600) as file,
            shown_progress(
                sum(path.stat().st_size for path in args.files),
                desc="登记",
                as_lines=args.progress_lines,
            ) as progress,
        ):
            taken = take_files(bulk, args.files, RejectsFile(file), progress=progress)
    _print(taken, rejects, as_json=args.json)
    return 1 if taken.rejected else 0


def _office(args: argparse.Namespace, database: Database) -> Office:
    keys = load_keys(args.vault_keys, os.environ)
    keys.active  # noqa: B018 - without one nothing could be sealed: said before any row is read
    files = OfficeFiles(args.catalogue, args.policy, args.calendar, args.settings)
    triages: list[Triage] = []
    if has_current(args.models_dir):
        pipeline = Pipeline.from_model(
            current_folder(args.models_dir),
            catalogue_dir=args.catalogue,
            settings_file=args.settings,
        )
        triages.append(pipeline.triage)
    else:
        print(f"{args.models_dir} 中没有已发布的模型：只按规则分诊", file=sys.stderr)
    return open_office(database, keys, triages, load_city(files))


def _print(taken: Taken, rejects: Path, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(taken.to_json() | {"rejects": str(rejects)}, ensure_ascii=False))
        return

    def say(line: str) -> None:
        print(line, file=sys.stderr)

    say(f"{taken.rows:,} 行：新登记 {taken.new:,}，以前登记过 {taken.known:,}")
    for code, number in taken.reasons.most_common():
        say(f"  {number:,} 行：{REASONS[code]}（{code}）")
    if taken.rejected:
        say(f"拒收 {taken.rejected:,} 行，明细见 {rejects}")
