"""Read the judged letters: further pairs to fit on, of messages that `dup_dev` knows nothing of.

The pairs stand in a file by id only (`datasets/judged_pairs/letters.csv`); texts stay in the
developers' folder. An id is the file and what names a row there. Topics are those of a model that
had not read the letter (`training.same_event.topics` says why).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from evaluation.judged_pairs import Pair, read_judged_pairs
from evaluation.same_event_data import ZONE, region_of, rows
from training.same_event.texts import Told
from training.same_event.topics import held_out_topics
from triage.errors import UnusableFile
from triage.same_event.entry import Entry
from triage.text.mask import mask_all


def read_letters(shared: Path, file: Path) -> tuple[list[Pair], dict[str, Entry]]:
    """Return the judged pairs and the entries that they are of, masked.

    Raises
    ------
    UnusableFile
        A file cannot be read or lacks a column, or an id is not in it.
    """
    try:
        return _read(shared, file)
    except KeyError as error:
        raise UnusableFile(
            f"{shared} 里的信件缺少列 {error}：--shared 应为开发者数据目录"
        ) from error


def _read(shared: Path, file: Path) -> tuple[list[Pair], dict[str, Entry]]:
    letters: dict[str, Told] = {}
    times: dict[str, str] = {}
    groups: dict[str, str] = {}
    for row in rows(shared / "labelled/train.csv"):
        id = f"train:{row['uid']}"
        letters[id], groups[id] = Told(row["title"], row["detail"], row["topic"]), row["group"]
    for number, row in enumerate(rows(shared / "tipdm2020c/topics7_train.csv")):
        letters[f"topics7:{number}"] = Told(row["留言主题"], row["留言详情"])
    for row in rows(shared / "tipdm2020c/messages4_dev.csv"):
        id = f"messages4:{row['id']}"
        letters[id], times[id] = Told(row["title"], row["detail"]), row["time"]
    pairs = read_judged_pairs(file, letters)
    topics = held_out_topics(letters, groups)
    chosen = sorted({side for pair in pairs for side in (pair.query, pair.candidate)})
    titles = mask_all([letters[id].title for id in chosen])
    details = mask_all([letters[id].detail for id in chosen])
    return pairs, {
        id: _entry(id, title.text, detail.text, times.get(id, ""), topics[id])
        for id, title, detail in zip(chosen, titles, details, strict=True)
    }


def _entry(id: str, title: str, detail: str, time: str, topic: str) -> Entry:
    moment = datetime.fromisoformat(time).replace(tzinfo=ZONE) if time else None
    return Entry(id, title, detail, moment, "", region_of(title, detail), topic)
