"""导入表格与文件，写成脱敏的 JSONL (import CSV, XLSX, XLS, JSONL, Parquet as masked JSONL).

Headers are found by a table of Chinese and English names that --headers extends (two columns:
列名,字段). Personal data is masked before anything is stored; columns of names, telephones and
identity numbers are not read at all. Rows that cannot be used go to X.rejects.csv with a reason.

Example:
  triage import 工单2026-03.xlsx 网站留言.csv --out requests.jsonl

Exit code: 0 all rows imported, 1 some rows rejected, 2 a file is unusable and nothing was written.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from triage.catalogue import Catalogue
from triage.commands.progress import add_progress, shown_progress
from triage.intake.codes import CatalogueCodes
from triage.intake.headers import Headers
from triage.intake.importing import import_files
from triage.intake.labelled import ReadingRules
from triage.intake.reasons import REASONS
from triage.intake.summary import ImportSummary
from triage.text.mask import mask


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="要导入的表格")
    parser.add_argument("--out", required=True, type=Path, metavar="X.jsonl", help="输出文件")
    parser.add_argument("--headers", type=Path, metavar="CSV", help="列名对照表：列名,字段")
    parser.add_argument("--catalogue", type=Path, metavar="DIR", help="代码表文件夹，默认随包")
    parser.add_argument("--strict-codes", action="store_true", help="主题和单位也须在代码表中")
    parser.add_argument("--json", action="store_true", help="在标准输出给出 JSON 摘要")
    add_progress(parser)


def run(args: argparse.Namespace) -> int:
    """Import; 0 when every row was imported, 1 when some were rejected."""
    rules = ReadingRules(
        headers=Headers.load(args.headers),
        codes=CatalogueCodes(Catalogue.load(args.catalogue)),
        mask_text=_mask_text,
        strict_codes=args.strict_codes,
    )
    size = sum(path.stat().st_size for path in args.files if path.is_file())
    with shown_progress(size, desc="导入", as_lines=args.progress_lines) as progress:
        summary = import_files(args.files, args.out, rules=rules, progress=progress)
    if args.json:
        print(json.dumps(summary.to_json(), ensure_ascii=False, indent=2))
    else:
        _print_summary(summary)
    return 1 if summary.rejected else 0


def _mask_text(text: str) -> str:
    return mask(text).text


def _print_summary(summary: ImportSummary) -> None:
    def say(line: str) -> None:
        print(line, file=sys.stderr)

    say(f"导入 {summary.records:,} 条 → {summary.out}")
    for file in summary.files:
        table = file.table
        how = "，".join(filter(None, (table.type.value, table.encoding, table.sheet)))
        say(f"  {table.path}（{how}）：{file.rows:,} 行，拒收 {file.rejected:,}")
        if table.unused:
            say(f"    未读取的列：{'、'.join(table.unused)}")
    for code, number in summary.reasons.most_common():
        say(f"  {number:,} 行：{REASONS[code]}（{code}）")
    if summary.rejected:
        say(f"拒收 {summary.rejected:,} 行，明细见 {summary.rejects}")
