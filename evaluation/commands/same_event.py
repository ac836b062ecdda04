"""测量同一事件判断 (measure the same-event decision on judged pairs, retrieval and written cases).

--held-out is what `triage train-same-event` wrote: probabilities of pairs whose component the
decision had not seen. --fresh are judged pairs of the same pool that nothing was fitted on. Without
the developers' data only the cases are measured; the report says so.

  triage measure-same-event --held-out runs/pairs.json --out evaluation/results/same_event.json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from evaluation.case_lines import read_lines, text_of
from evaluation.judged_pairs import JudgedPair, read_judged_pairs
from evaluation.page import write_texts
from evaluation.same_event import (
    Case,
    Scored,
    measure_cases,
    measure_fresh,
    measure_pairs,
    measure_retrieval,
)
from evaluation.same_event_data import PAIRS, POOL, read_pairs, read_pool, read_queries
from evaluation.same_event_page import page
from triage.errors import UnusableFile
from triage.files import sha256
from triage.model.features import Document
from triage.model.model import Model
from triage.model.registry import current_folder
from triage.request import Json
from triage.same_event.entry import Entry
from triage.same_event.model import SameEventModel

TOPIC = "topic"
SHAPE = '{"kind"?, "label", "a": {"id", "text", …} 或文字, "b": …}'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add = parser.add_argument
    add("--models-dir", type=Path, default=Path("models"), help="已发布的模型")
    add("--model", type=Path, help="a folder of train-same-event, instead of the published one")
    add("--shared", type=Path, default=Path("../shared/data"), metavar="DIR")
    add("--held-out", type=Path, metavar="P.json", help="折外概率（train-same-event 写出）")
    add("--fresh", type=Path, metavar="F.csv", help="没有用来训练的判定对（datasets/judged_pairs）")
    add("--cases", type=Path, default=Path("tests/data/same_event_cases.jsonl"), metavar="C.jsonl")
    add("--out", type=Path, required=True, metavar="R.json", help="写入的报告（旁边再写一份 .md）")
    add("--json", action="store_true", help="print the report as JSON")


def run(args: argparse.Namespace) -> int:
    """Measure, write the report and its page, print the page."""
    if args.model is not None:
        model = SameEventModel.open(args.model)
    else:
        model = SameEventModel.load(args.models_dir)
    report: dict[str, Json] = {"model": model.version, "pairs": None, "retrieval": None}
    if args.held_out is not None and (args.shared / PAIRS).is_file():
        scored = _scored(args.held_out)
        pool = read_pool(args.shared, {})
        report["data_sha256"] = sha256(args.shared / PAIRS)
        report["pairs"] = measure_pairs(scored, pool)
        queries = read_queries(args.shared)
        report["retrieval"] = measure_retrieval(model, pool, read_pairs(args.shared), queries)
    report["fresh"] = None
    if args.fresh is not None and (args.shared / POOL).is_file():
        everything = read_pool(args.shared, {})  # no topics: the classifier has read many of these
        found = measure_fresh(model, read_judged_pairs(args.fresh, everything), everything)
        report["fresh"] = {"data_sha256": sha256(args.fresh), **found}
    cases = read_lines(args.cases, _case, SHAPE)
    sides = iter(
        _with_topics([side for case in cases for side in (case.a, case.b)], args.models_dir)
    )
    told_cases = [replace(case, a=next(sides), b=next(sides)) for case in cases]
    report["cases"] = {
        "data": args.cases.name,
        "data_sha256": sha256(args.cases),
        **measure_cases(model, told_cases),
    }
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    write_texts([(args.out, text), (args.out.with_suffix(".md"), page(report))])
    print(text if args.json else page(report), end="")
    return 0


def _with_topics(sides: Sequence[Entry], models_dir: Path) -> list[Entry]:
    """Give the entries the topic that the published classifier does, as at run time."""
    classifier = Model.load(current_folder(models_dir))
    documents = [Document(side.title, side.detail) for side in sides]
    best = classifier.probabilities(classifier.read_all(documents))[TOPIC].argmax(axis=1)
    labels = classifier.heads[TOPIC].labels
    return [
        replace(side, topic=labels[row]) for side, row in zip(sides, best.tolist(), strict=True)
    ]


def _scored(path: Path) -> list[Scored]:
    try:
        return [
            Scored(
                JudgedPair(row["query"], row["candidate"], row["label"], row["component"]),
                row["same"],
                row["related"],
                row["merge_from"],
                row["fast"],
            )
            for row in json.loads(path.read_text("utf-8"))
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableFile(
            f"无法读取 {path}（{error}）：应为 train-same-event --held-out 写出的文件"
        ) from error


def _case(row: Mapping[str, Json]) -> Case:
    label = text_of(row, "label")
    kind = text_of(row, "kind") if "kind" in row else label
    return Case(kind, label, _side(row["a"], "a"), _side(row["b"], "b"))


def _side(value: Json, name: str) -> Entry:
    if isinstance(value, str):
        return Entry(name, "", value)
    if not isinstance(value, dict):
        raise TypeError("“a”、“b” 应为对象或文字")
    moment = value.get("received_at")
    return Entry(
        text_of(value, "id"),
        str(value.get("title") or ""),
        text_of(value, "text"),
        datetime.fromisoformat(moment) if isinstance(moment, str) else None,
        str(value.get("requester") or ""),
    )
