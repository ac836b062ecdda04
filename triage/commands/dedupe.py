"""查找同一事件 (find the pairs of a file that are one event, and the groups they make).

Writes {"a", "b", "label", "relation", "probability", "evidence", "contradictions"} for every pair
above --threshold; relation tells REPEAT (同一人又说), OTHERS (他人说同一件事) and ELSEWHERE (别处的
同样问题) apart. With --pairs exactly the pairs of a CSV (columns a,b), one line each; with --groups
also {"group_id", "members"}. Copies of one text are paired with the first of them only. Pairs that
are in doubt are read by the cross-encoder, some 20 ms each; --fast leaves that out.

  triage dedupe --input requests.jsonl --output pairs.jsonl --groups groups.jsonl
  triage dedupe --input requests.jsonl --pairs P.csv --output scored.jsonl
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson
from tqdm import tqdm

from triage.commands.entries import read_entries
from triage.errors import UnusableFile
from triage.files import apart, atomic_write
from triage.model.model import Model
from triage.model.registry import current_folder
from triage.request import Json
from triage.same_event.entry import Entry
from triage.same_event.groups import groups
from triage.same_event.judgement import Judgement
from triage.same_event.model import SameEventModel
from triage.same_event.pairing import JudgedPair, all_pairs, is_copy
from triage.same_event.relation import relation_of

THRESHOLD = 0.5
"""Probability from which a pair is written: one event is more likely than not."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add = parser.add_argument
    models = Path(os.environ.get("TRIAGE_MODELS_DIR", "models"))
    add("--input", type=Path, required=True, metavar="X.jsonl")
    add("--output", type=Path, required=True, metavar="PAIRS.jsonl")
    add("--threshold", type=probability, default=THRESHOLD, metavar="P", help="默认 0.5")
    add("--groups", type=Path, metavar="G.jsonl", help="另写分组")
    add("--pairs", type=Path, metavar="P.csv", help="只判这些对（列 a,b）")
    add("--fast", action="store_true", help="不逐对细读：快得多，判得差一些")
    add("--models-dir", type=Path, default=models, metavar="DIR")


def probability(text: str) -> float:
    """Read a probability in (0, 1]."""
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"{text} 不在 (0, 1] 内：请给出一个概率，如 0.5")
    return value


def run(args: argparse.Namespace) -> int:
    """Judge, write the pairs, and the groups where asked for."""
    if args.pairs is not None and args.groups is not None:
        raise UnusableFile("--pairs 与 --groups 不能同时使用：分组要看全部的对，请分两次运行")
    apart(args.output, args.input, args.groups, args.pairs)
    if args.groups is not None:
        apart(args.groups, args.input)
    read = read_entries(args.input, Model.load(current_folder(args.models_dir)))
    read.report(args.input)
    model = SameEventModel.load(args.models_dir)
    if args.pairs is not None:
        asked = list(_asked(args.pairs, {entry.id: entry for entry in read.entries}))
        closely = not args.fast
        judged = [JudgedPair(a, b, model.judge(a, [b], closely=closely)[0]) for a, b in _bar(asked)]
        kept = judged
    else:
        judged = list(_bar(all_pairs(model, read.entries, closely=not args.fast)))
        kept = [one for one in judged if one.judgement.probability >= args.threshold]
    _write(args.output, map(_line, kept))
    print(f"{len(read.entries):,} 条诉求，{len(kept):,} 对 → {args.output}", file=sys.stderr)
    if args.groups is not None:
        _write(args.groups, _groups(read.entries, judged, args.threshold))
    return 1 if read.refused else 0


def judgement_json(judgement: Judgement) -> dict[str, Json]:
    """Return the published form of a verdict."""
    return {
        "label": judgement.label.value,
        "relation": relation_of(judgement).value,
        "probability": judgement.probability,
        "evidence": [ground.to_json() for ground in judgement.evidence],
        "contradictions": [ground.to_json() for ground in judgement.contradictions],
    }


def _line(pair: JudgedPair) -> dict[str, Json]:
    return {"a": pair.a.id, "b": pair.b.id, **judgement_json(pair.judgement)}


def _groups(
    entries: list[Entry], judged: list[JudgedPair], threshold: float
) -> Iterator[dict[str, Json]]:
    """Yield the groups; a copy, paired with the first only, goes where its first goes."""
    behind: dict[str, list[str]] = {entry.id: [entry.id] for entry in entries}
    pairs = []
    for one in judged:
        said = one.judgement
        if said.probability >= threshold and is_copy(one.a, one.b):
            behind[one.a.id] += behind.pop(one.b.id)
        else:
            pairs.append((one.a.id, one.b.id, said.probability, said.label))
    found = groups(list(behind), pairs, threshold)
    whole = [sorted(id for member in group.members for id in behind[member]) for group in found]
    for members in sorted(whole, key=lambda members: (-len(members), members[0])):
        yield {"group_id": members[0], "members": list[Json](members)}


def _asked(path: Path, entries: dict[str, Entry]) -> Iterator[tuple[Entry, Entry]]:
    """Yield the pairs of a CSV; an id that the input lacks is refused by line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if not {"a", "b"} <= set(rows.fieldnames or ()):
                raise UnusableFile(f"{path} 缺少列 a 或 b：第一行应是列名 a,b")
            for row in rows:
                for name in ("a", "b"):
                    if row[name] not in entries:
                        where = f"{path} 第 {rows.line_num} 行：{name} 的值 {row[name]!r}"
                        raise UnusableFile(f"{where} 不在 --input 里；请核对 id")
                yield entries[row["a"]], entries[row["b"]]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnusableFile(f"无法读取 {path}（{error}）：应为 UTF-8 的 CSV，列 a,b") from error


def _bar(found: Iterable[JudgedPair] | list[tuple[Entry, Entry]]):  # type: ignore[no-untyped-def]  # noqa: ANN202  tqdm is untyped
    return tqdm(found, unit="pair", disable=None, file=sys.stderr)


def _write(path: Path, lines: Iterable[dict[str, Json]]) -> None:
    with atomic_write(path) as file:
        for line in lines:
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
