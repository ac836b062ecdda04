"""查找相似诉求 (find for each query the requests of a pool that are most probably its event).

Writes {"id", "similar": [{"id", "probability", "label", "evidence", "contradictions"}]}, best
first. A request of the pool with the query's own id is left out. Pairs that are in doubt are read
by the cross-encoder, some 20 ms each; --fast leaves that out.

  triage similar --queries new.jsonl --pool past.jsonl --k 10 --output similar.jsonl
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson
from tqdm import tqdm

from triage.commands.dedupe import judgement_json
from triage.commands.entries import read_entries
from triage.files import apart, atomic_write
from triage.model.model import Model
from triage.model.registry import current_folder
from triage.request import Json
from triage.same_event.candidates import Pool
from triage.same_event.entry import Entry
from triage.same_event.judgement import Judgement
from triage.same_event.model import SameEventModel
from triage.same_event.pairing import nearest

MOST = 30
"""Requests a query is answered with at most: there are not more candidates of one kind."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add = parser.add_argument
    models = Path(os.environ.get("TRIAGE_MODELS_DIR", "models"))
    add("--queries", type=Path, required=True, metavar="Q.jsonl")
    add("--pool", type=Path, required=True, metavar="P.jsonl")
    add("--k", type=_count, default=10, help=f"每条给出几条，1 到 {MOST}（默认 10）")
    add("--output", type=Path, required=True, metavar="S.jsonl")
    add("--fast", action="store_true", help="不逐对细读：快得多，判得差一些")
    add("--models-dir", type=Path, default=models, metavar="DIR")


def run(args: argparse.Namespace) -> int:
    """Search and judge, one answer line a query, in order."""
    apart(args.output, args.queries, args.pool)
    classifier = Model.load(current_folder(args.models_dir))
    queries = read_entries(args.queries, classifier)
    past = read_entries(args.pool, classifier)
    queries.report(args.queries)
    past.report(args.pool)
    model = SameEventModel.load(args.models_dir)
    pool = Pool([model.prepare(entry) for entry in past.entries])
    with atomic_write(args.output) as file:
        for query in tqdm(queries.entries, disable=None, file=sys.stderr):
            found = nearest(model, query, pool, args.k, closely=not args.fast)
            line = _line(query, found)
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    return 1 if queries.refused or past.refused else 0


def _line(query: Entry, found: Sequence[tuple[Entry, Judgement]]) -> dict[str, Json]:
    similar: list[Json] = [
        {"id": entry.id, **judgement_json(judgement)} for entry, judgement in found
    ]
    return {"id": query.id, "similar": similar}


def _count(text: str) -> int:
    value = int(text)
    if not 1 <= value <= MOST:
        raise argparse.ArgumentTypeError(f"{text} 不在 1 到 {MOST} 之间")
    return value
