"""用工单上的人工更正重新训练，过门禁才发布 (retrain on what people did to work orders).

Ended orders become examples: adjudications, overrides, kept reassignments, and suggestions that
nobody objected to, each with a weight (docs/retraining.md). Then train, evaluate, gate, publish as
those commands do. Merges and splits of orders go out as judged pairs, which `triage encoder tune`
reads. A model that does not pass is never published: exit code 2, nothing changed.

  triage retrain --data base.jsonl --held-out heldout.jsonl --out runs/2026-12 --models-dir models
  triage retrain --data base.jsonl --held-out heldout.jsonl --out runs/2026-12 --examples-only
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from evaluation.floors import load_floors
from evaluation.truth import read_examples
from training.commands import publish, train
from training.feedback.harvest import Harvest, harvest
from training.feedback.rulings import PAIRS, harvest_rulings
from triage.errors import TriageError
from triage.files import atomic_write
from triage.store.database import Database
from triage.store.location import default_url
from triage.store.migrate import require_current

LEAST = 20
"""Examples below which a training run would teach nothing new."""


class TooLittleFeedback(TriageError):
    """The store has too few ended orders to learn from."""

    code = "feedback_too_little"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add = parser.add_argument
    models = Path(os.environ.get("TRIAGE_MODELS_DIR", "models"))
    add("--database", default=default_url(), metavar="URL", help="工单的数据库")
    add("--data", type=Path, action="append", required=True, metavar="X.jsonl",
        help="原来的训练数据，可重复")  # fmt: skip
    add("--held-out", type=Path, action="append", required=True, metavar="X.jsonl",
        help="过门禁用的数据，没有参与训练")  # fmt: skip
    add("--out", type=Path, required=True, metavar="DIR", help="放例子、报告和模型的文件夹")
    add("--models-dir", type=Path, default=models, metavar="DIR", help="已发布模型的文件夹")
    add("--recipe", default="default", help="训练配方的名字或文件")
    add("--split", choices=("group", "time"), default="group")
    add("--name", default="retrained", help="版本名的前半部分")
    add("--floors", type=Path, metavar="TOML", help="门禁的下限，默认 evaluation/floors.toml")
    add("--least", type=int, default=LEAST, help=f"少于几个例子就不训练，默认 {LEAST}")
    add("--examples-only", action="store_true", help="只写例子和报告，不训练")


def run(args: argparse.Namespace) -> int:
    """Harvest, train, judge, publish.

    Raises
    ------
    TooLittleFeedback
    GateRefusal
        The model does not pass; what is published stays as it was.
    """
    load_floors(args.floors)  # refused now, not after a day of training
    examples = args.out / "feedback.jsonl"
    found = _harvested(args, examples)
    if args.examples_only:
        return 0
    if found.examples < args.least:
        raise TooLittleFeedback(
            f"只有 {found.examples} 个例子，少于 {args.least} 个：等更多工单办结，或改 --least"
        )
    model = args.out / "model"
    _run(train, [*_each("--data", [*args.data, examples]), "--out", str(model),
                 "--name", args.name, "--recipe", args.recipe, "--split", args.split])  # fmt: skip
    floors = ["--floors", str(args.floors)] if args.floors else []
    return _run(publish, [*_each("--data", args.held_out), "--model", str(model),
                          "--models-dir", str(args.models_dir), *floors])  # fmt: skip


def _harvested(args: argparse.Namespace, examples: Path) -> Harvest:
    held_out = read_examples(args.held_out)
    database = Database(args.database)
    try:
        require_current(database)
        found = harvest(database, examples, held_out)
        ruled = harvest_rulings(database, args.out)
    finally:
        database.close()
    report = json.dumps(found.to_json(), ensure_ascii=False, indent=1) + "\n"
    with atomic_write(args.out / "feedback.report.json") as file:
        file.write(report.encode())
    noisy = [one.unit for one in found.units if one.is_noisy]
    print(f"{found.orders:,} 件已结工单 → {found.examples:,} 个例子，"
          f"意见不一的 {found.contested:,}；退单多被推翻的单位：{'、'.join(noisy) or '无'}",
          file=sys.stderr)  # fmt: skip
    print(
        f"并单 {ruled.merged:,} 对、拆单 {ruled.split:,} 对 → {args.out / PAIRS}", file=sys.stderr
    )
    return found


def _each(option: str, paths: Sequence[Path]) -> list[str]:
    return [word for path in paths for word in (option, str(path))]


def _run(command: ModuleType, words: Sequence[str]) -> int:
    """Run another command as it would run by itself."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return int(command.run(parser.parse_args(words)))
