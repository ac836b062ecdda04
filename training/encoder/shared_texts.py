"""Gather what the shipped encoder is trained on from the developers' `../shared/data`.

Run `python -m training.encoder.shared_texts ../shared/data runs/enc/texts`. Writes `messages.txt`
(one message a line, for pre-training) and `titled.jsonl` (title ↔ detail of messages, and the two
sentences of paraphrase pairs as title and text, for `tune --contrast title`). No message of
`gold_dev` or of the judged pool of `dup_dev` is among them, nor one that is nearly the same: those
are measured on. Texts stay out of the project.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import orjson
from sklearn.feature_extraction.text import TfidfVectorizer

from evaluation.same_event_data import rows
from triage.text.mask import mask

NEAR = 0.4
"""Cosine of character 2–3-grams from which two messages are near-duplicates (the data's README)."""
MESSAGES = (
    ("labelled/train.csv", "title", "detail"),
    ("tipdm2020c/topics7_train.csv", "留言主题", "留言详情"),
    ("tipdm2020c/messages4_dev.csv", "title", "detail"),
)
PARAPHRASES = {
    "AFQMC_train.txt": 1.0,
    "LCQMC_dev.txt": 1.0,
    "LCQMC_test.txt": 1.0,
    "OPPO-xiaobu_dev.txt": 1.0,
    "Chinese-STS-B_sts-b-train.txt": 4.0,
}
"""Least score at which a pair counts as one meaning; AFQMC_dev and STS-B dev, test stay unread."""

_SLICE = 2_000
Message = tuple[str, str]


def main(shared: Path, out: Path) -> int:
    """Write both files."""
    out.mkdir(parents=True, exist_ok=True)
    messages = unlike(list(_messages(shared)), list(_measured(shared)))
    whole = [message for message in messages if message[1]]
    lines = [" ".join(" ".join(message).split()) for message in messages]
    (out / "messages.txt").write_text("\n".join(lines) + "\n", "utf-8")
    pairs = list(dict.fromkeys([*whole, *_paraphrases(shared / "pairs")]))
    with (out / "titled.jsonl").open("wb") as file:
        for index, (title, text) in enumerate(pairs):
            file.write(orjson.dumps({"id": str(index), "title": title, "text": text}) + b"\n")
    sys.stdout.write(f"{len(messages)} messages, {len(pairs)} pairs\n")
    return 0


def unlike(messages: Sequence[Message], measured: Sequence[Message]) -> list[Message]:
    """Return the messages that are near none of the measured ones, each title once."""
    texts = ["".join(message) for message in messages]
    grams = TfidfVectorizer(analyzer="char", ngram_range=(2, 3), sublinear_tf=True, min_df=2)
    seen = grams.fit_transform(texts)
    held = grams.transform(["".join(message) for message in measured]).T.tocsr()
    parts = (seen[start : start + _SLICE] for start in range(0, len(texts), _SLICE))
    near = np.concatenate([(part @ held).max(axis=1).toarray()[:, 0] > NEAR for part in parts])
    kept = {message[0]: message for message, bad in zip(messages, near, strict=True) if not bad}
    return list(kept.values())


def _messages(shared: Path) -> Iterator[Message]:
    for name, title, detail in MESSAGES:
        for row in rows(shared / name):
            tokens_only = (row.get("detail_kind") or "").startswith("tokens")
            yield mask(row[title] or "").text, "" if tokens_only else mask(row[detail] or "").text


def _measured(shared: Path) -> Iterator[Message]:
    for row in rows(shared / "labelled/gold_dev.csv"):
        yield row["title"], row["detail"]
    judged = {
        row[side]
        for row in rows(shared / "labelled/dup_dev.csv")
        for side in ("query_id", "candidate_id")
    }
    for row in rows(shared / "tipdm2020c/messages3_dev.csv"):
        if row["id"] in judged:
            yield row["title"], row["detail"]


def _paraphrases(folder: Path) -> Iterator[Message]:
    for name, least in PARAPHRASES.items():
        for line in (folder / name).read_text("utf-8").splitlines():
            parts = line.split("\t")
            if len(parts) == 3 and float(parts[2]) >= least and parts[0] != parts[1]:
                yield mask(parts[0]).text, mask(parts[1]).text


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), Path(sys.argv[2])))
