"""拟合“对象”抽取的词表权重 (fit the weights by which the object of a request is found).

Reads labelled object spans, and titled requests for the statistics of words (--samples, and
--letters with title, detail, topic); rewrites the weights of objects.csv and object_context.csv in
triage/text/data. The two thresholds are those with the best F1 in five-fold cross-validation. The
first label file weighs double; tests/data/elements_objects.jsonl is the second that was used.

  triage fit-objects --labels tests/data/elements_dev.jsonl --samples datasets/sample/train.jsonl
"""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from training.element_objects import Example, Fitted, Request, fit
from training.element_thresholds import Thresholds, best_thresholds
from triage.catalogue import Catalogue
from triage.errors import UnusableFile
from triage.files import atomic_write
from triage.text.demand import find_demand
from triage.text.element_words import BLOCKED, ElementWords, load_cues, rows
from triage.text.objects import candidates
from triage.text.places import find_places, place_words

FIRST_WEIGHT = 2.0
"""Weight of an example of the first label file, whose spans were read more carefully."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add = parser.add_argument
    add("--labels", type=Path, action="append", required=True, metavar="X.jsonl")
    add("--samples", type=Path, required=True, metavar="X.jsonl", help="written requests")
    add("--letters", type=Path, metavar="X.csv", help="letters with title, detail, topic")
    add("--out", type=Path, default=Path("triage/text/data"), metavar="DIR")


def run(args: argparse.Namespace) -> int:
    """Fit, choose the thresholds, write both lists."""
    words = {row["word"]: row["source"] for row in rows("objects.csv")}
    requests = [*_samples(args.samples), *(_letters(args.letters) if args.letters else ())]
    examples = _examples(args.labels, words)
    fitted = fit(examples, requests, words)
    thresholds = best_thresholds(examples, requests, words)
    _write_words(args.out / "objects.csv", words, fitted)
    _write_context(args.out / "object_context.csv", fitted, thresholds)
    print(
        f"{len(examples)} 条，{len(words)} 词，交叉验证 F1 {thresholds.f1:.3f}"
        f"（首个阈值 {thresholds.floor:.2f}，第二个 {thresholds.second:.2f}）"
    )
    return 0


def _samples(path: Path) -> Iterator[Request]:
    for row in _lines(path):
        yield Request(row["title"] or "", row["text"], row["topic"], spoken=True)


def _letters(path: Path) -> Iterator[Request]:
    csv.field_size_limit(10_000_000)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Request(row["title"], row["detail"], row["topic"], spoken=False)


def _examples(paths: list[Path], words: dict[str, str]) -> list[Example]:
    places = place_words(Catalogue.load().place_names())
    weights = {word: BLOCKED if source == "blocked" else 0.0 for word, source in words.items()}
    scanner = ElementWords(places, weights, load_cues())
    examples = []
    for number, path in enumerate(paths):
        for row in tqdm(_lines(path), desc=path.name, disable=None):
            text = row["text"]
            hits = scanner.scan(text)
            where, _ = find_places(text, hits.places)
            found = candidates(text, hits.objects, where, find_demand(text, hits.cues))
            spans = tuple(
                (one["start"], one["end"]) for one in row["elements"] if one["type"] == "object"
            )
            weight = 1.0 if number else FIRST_WEIGHT
            examples.append(Example(text, tuple(found), spans, weight))
    return examples


def _lines(path: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202  rows of JSON, checked by use
    try:
        lines = path.read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines if line]
    except (OSError, ValueError) as error:
        raise UnusableFile(f"无法读取 {path}：{error}；请给出 JSONL 文件") from error


def _write_words(path: Path, words: dict[str, str], fitted: Fitted) -> None:
    table = [
        (word, "blocked" if fitted.words[word] == BLOCKED else source, f"{fitted.words[word]:.2f}")
        for word, source in words.items()
    ]
    _write(path, ("word", "source", "weight"), table)


def _write_context(path: Path, fitted: Fitted, thresholds: Thresholds) -> None:
    table = [(*key, f"{weight:.2f}") for key, weight in sorted(fitted.context.items())]
    table.append(("situation", "floor", f"{thresholds.floor:.2f}"))
    table.append(("situation", "second", f"{thresholds.second:.2f}"))
    _write(path, ("group", "value", "weight"), table)


def _write(path: Path, header: tuple[str, ...], table: Sequence[tuple[str, ...]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(table)
    with atomic_write(path) as file:
        file.write(text.getvalue().encode("utf-8"))
