"""测量热点：与八个队的聚类比，读前二十组 (measure hot topics on the public contest messages).

  triage measure-hot --messages ../shared/data --models-dir models --out evaluation/results/hot.json

--messages 的文件夹里要有 tipdm2020c/messages3_dev.csv、hot_consensus_dev.csv、
hot_team_clusters_dev.csv 和 labelled/dup_dev.csv。前二十组的判读在 evaluation/data/hot_readings.csv
（只有编号、对错与理由）；--groups 把各组的编号写出来，供判读。报告里没有文字。
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from evaluation.hot import Clusters, agreement, known_events, rank_of
from evaluation.hot_readings import load_readings, precision
from triage.catalogue import Catalogue
from triage.desk.sight import load_sight
from triage.errors import UnusableFile
from triage.files import atomic_write, sha256
from triage.hot.events import THRESHOLD, events_of
from triage.hot.heat import load_heat
from triage.hot.problems import problems_of
from triage.hot.telling import Telling, read_telling
from triage.hot.topics import HotTopic, Period, gather, hot_topics
from triage.hot.wording import Background, read_of
from triage.model.registry import current_folder
from triage.pipeline import Pipeline
from triage.request import CitizenRequest, Json
from triage.same_event.entry import Entry
from triage.same_event.model import FOLDER
from triage.text.elements import ElementExtractor
from triage.text.mask import mask

Row = Mapping[str, str]
CHINA = timezone(timedelta(hours=8))
KNOWN, IN_FIRST, READ, LISTED = 5, 10, 20, 100
"""The best-known events, the rank in which they should be, the topics read, and those listed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add = parser.add_argument
    add("--messages", type=Path, required=True, metavar="DIR", help="公开留言所在的文件夹")
    add("--models-dir", type=Path, default=Path("models"), help="模型目录，默认 models")
    add("--out", type=Path, required=True, metavar="R.json", help="写入的报告")
    add("--fast", action="store_true", help="不逐对细读")
    add("--groups", type=Path, metavar="G.jsonl", help="另写前二十组的编号，供判读")


def run(args: argparse.Namespace) -> int:
    """Group, compare, write the report."""
    contest = args.messages / "tipdm2020c"
    messages = _rows(contest / "messages3_dev.csv")
    told = _tellings(messages, args.models_dir)
    sight = load_sight(args.models_dir)
    judge = sight.judge if args.fast else sight.closely or sight.judge
    groups = events_of([one.entry for one in told], judge, sight.encoder)
    by_id = {one.id: one for one in told}
    found = {id: group.id for group in groups for id in group.members}
    events = {group.id: [by_id[id] for id in group.members] for group in groups}
    hottest = {"event": _hottest(events, told, "event")}
    hottest["problem"] = _hottest(problems_of(told, load_heat(), found), told, "problem")
    report: dict[str, Json] = {
        "messages_sha256": sha256(contest / "messages3_dev.csv"),
        "requests": len(told),
        "judge": current_folder(args.models_dir / FOLDER).name,
        "closely": not args.fast,
        "threshold": THRESHOLD,
        "heat": load_heat().version,
        "groups_of_two_or_more": sum(len(group.members) > 1 for group in groups),
        **_compared(contest, args.messages / "labelled/dup_dev.csv", found),
        **_known(contest, told, hottest),
        "reading": _read(hottest),
    }
    with atomic_write(args.out) as file:
        file.write((json.dumps(report, ensure_ascii=False, indent=2) + "\n").encode())
    if args.groups is not None:
        _write_groups(args.groups, hottest)
    print(json.dumps(report, ensure_ascii=False, indent=2))
    return 0


def _rows(path: Path) -> list[Row]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableFile(f"无法读取 {path}：{error}；请检查 --messages") from error


def _tellings(messages: Sequence[Row], models_dir: Path) -> list[Telling]:
    pipeline = Pipeline.from_model(current_folder(models_dir))
    extractor = ElementExtractor(Catalogue.load().place_names())
    requests = [
        CitizenRequest(row["id"], row["detail"].strip() or row["title"], row["title"])
        for row in messages
    ]
    found = []
    for row, said in zip(messages, pipeline.triage(requests), strict=True):
        entry = Entry(
            row["id"],
            mask(row["title"]).text,
            said.masked_text,
            datetime.fromisoformat(row["time"]).replace(tzinfo=CHINA),
            row["user"],
            topic=said.topics[0].code if said.topics else "",
        )
        level = said.urgency.level if said.urgency.level is not None else 3
        found.append(read_telling(entry, extractor, urgency=level, likes=int(row["likes"])))
    return found


def _hottest(
    groups: Mapping[str, Sequence[Telling]], told: Sequence[Telling], level: str
) -> list[HotTopic]:
    times = [one.at for one in told if one.at is not None]
    period = Period(min(times), max(times) + timedelta(seconds=1))
    background = Background(read_of(one) for one in told)
    found = gather(groups, period)
    return hot_topics(found, load_heat(), level=level, top=LISTED, background=background)


def _compared(contest: Path, pairs: Path, found: Clusters) -> dict[str, Json]:
    """Return agreement with the consensus, ours and each team's.

    Pairs of `dup_dev.csv`, which the judge may have been trained on, are left out once.
    """
    consensus = {row["msg_id"]: row["cluster"] for row in _rows(contest / "hot_consensus_dev.csv")}
    judged = frozenset(_sorted(row["query_id"], row["candidate_id"]) for row in _rows(pairs))
    return {
        "consensus": agreement(consensus, found),
        "consensus_without_judged_pairs": agreement(consensus, found, but=judged),
        "teams": {name: agreement(consensus, own) for name, own in _teams(contest).items()},
    }


def _known(
    contest: Path, told: Sequence[Telling], hottest: Mapping[str, Sequence[HotTopic]]
) -> dict[str, Json]:
    """Return the rank of each best-known event on both levels; None below the listed ones."""
    likes = {one.id: one.likes for one in told}
    known = known_events(_teams(contest), likes)[:KNOWN]
    ranks = {
        level: [rank_of(event, [topic.members for topic in topics]) for event in known]
        for level, topics in hottest.items()
    }
    rows: list[Json] = []
    for place, event in enumerate(known):
        row: dict[str, Json] = {"teams": event.teams, "requests": len(event.members)}
        rows.append(row | {f"{level}_rank": own[place] for level, own in ranks.items()})
    first = {
        level: [rank is not None and rank <= IN_FIRST for rank in own]
        for level, own in ranks.items()
    }
    either = [any(found) for found in zip(*first.values(), strict=True)]
    return {
        "known_events": rows,
        "known_in_first_ten": sum(first["event"]),
        "known_in_first_ten_of_either_level": sum(either),
    }


def _read(hottest: Mapping[str, Sequence[HotTopic]]) -> dict[str, Json]:
    readings = load_readings()
    return {
        level: precision(readings, level, {one.id: frozenset(one.members) for one in topics[:READ]})  # type: ignore[arg-type]  # the two levels
        for level, topics in hottest.items()
    }


def _teams(contest: Path) -> dict[str, dict[str, str]]:
    teams: dict[str, dict[str, str]] = defaultdict(dict)
    for row in _rows(contest / "hot_team_clusters_dev.csv"):
        teams[row["team"]][row["msg_id"]] = row["cluster"]
    return dict(sorted(teams.items()))


def _sorted(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one <= other else (other, one)


def _write_groups(path: Path, hottest: Mapping[str, Sequence[HotTopic]]) -> None:
    with atomic_write(path) as file:
        for level, topics in hottest.items():
            for topic in topics[:READ]:
                row = {"level": level, "id": topic.id, "members": " ".join(topic.members)}
                file.write(json.dumps(row).encode() + b"\n")
