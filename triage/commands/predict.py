"""批量分诊：一行一答，顺序不变 (triage requests from a JSONL file, one answer line each).

A line that cannot be triaged becomes {"id", "line", "error"} and the run goes on (exit code 1).

  triage predict --input requests.jsonl --output answers.jsonl
  triage predict --input requests.jsonl --output answers.jsonl --model runs/city --with-text
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import BinaryIO

import orjson
from tqdm import tqdm

from triage.errors import InvalidRequest, UnusableFile
from triage.files import atomic_write
from triage.intake import parse_request
from triage.intake.clean import clean
from triage.intake.jsonlines import decode_line
from triage.intake.record import MAX_ID
from triage.model.registry import current_folder
from triage.pipeline import Pipeline
from triage.request import CitizenRequest, Json

CHUNK = 256
MODELS_DIR = Path(os.environ.get("TRIAGE_MODELS_DIR", "models"))

Line = tuple[int, bytes]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--input", type=Path, required=True, metavar="X.jsonl")
    parser.add_argument("--output", type=Path, required=True, metavar="Y.jsonl")
    parser.add_argument("--model", type=Path, help="model folder; default: the current one")
    parser.add_argument("--models-dir", type=Path, default=MODELS_DIR)
    parser.add_argument("--catalogue", type=Path, help="a city's folder of code lists")
    parser.add_argument("--settings", type=Path, help="a city's settings (TOML)")
    parser.add_argument("--with-text", action="store_true", help="return the masked text too")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")


def run(args: argparse.Namespace) -> int:
    """Predict every line of the input."""
    folder = args.model or current_folder(args.models_dir)
    pipeline = Pipeline.from_model(
        folder, catalogue_dir=args.catalogue, settings_file=args.settings
    )
    source = _open(args.input, args.output)
    size = args.input.stat().st_size
    answered = rejected = 0
    with source, atomic_write(args.output) as target, tqdm(
        total=size, unit="B", unit_scale=True, disable=None, file=sys.stderr
    ) as bar:  # fmt: skip
        for answers, errors, read in _answers(source, pipeline, args.jobs, args.with_text):
            target.write(answers)
            answered += answers.count(b"\n") - errors
            rejected += errors
            bar.update(read)
    print(f"已分诊 {answered:,} 条，无法处理 {rejected:,} 条 → {args.output}", file=sys.stderr)
    return 1 if rejected else 0


def _open(path: Path, output: Path) -> BinaryIO:
    try:
        if path.stat().st_size == 0:
            raise UnusableFile(f"{path} 是空文件：每行应是一条 JSON 诉求")
        if output.exists() and output.samefile(path):
            raise UnusableFile(f"--output 与 --input 是同一个文件 {path}：请另写一个文件")
        return path.open("rb")
    except OSError as error:
        raise UnusableFile(f"无法读取 {path}：{error.strerror}；请检查路径") from error


def _answers(
    source: Iterator[bytes], pipeline: Pipeline, jobs: int, with_text: bool
) -> Iterator[tuple[bytes, int, int]]:
    chunks = _chunks(source)
    first = list(islice(chunks, 2))
    if jobs <= 1 or len(first) < 2:
        for chunk in (*first, *chunks):
            yield answer_chunk(pipeline, with_text, chunk)
        return
    global _pipeline
    _pipeline = pipeline
    fork = get_context("fork")
    with ProcessPoolExecutor(jobs, mp_context=fork, initializer=_collect_seldom) as pool:
        pending = [pool.submit(_answer_in_child, with_text, chunk) for chunk in first]
        ahead = 4 * jobs
        for chunk in chunks:
            pending.append(pool.submit(_answer_in_child, with_text, chunk))
            if len(pending) > ahead:
                yield pending.pop(0).result()
        for future in pending:
            yield future.result()


_pipeline: Pipeline | None = None


def _collect_seldom() -> None:
    """Leave the model out of garbage collection: answers hold no cycles, looking costs 5 %."""
    gc.freeze()
    gc.set_threshold(100_000)


def _answer_in_child(with_text: bool, chunk: list[Line]) -> tuple[bytes, int, int]:
    assert _pipeline is not None
    return answer_chunk(_pipeline, with_text, chunk)


def answer_chunk(pipeline: Pipeline, with_text: bool, chunk: list[Line]) -> tuple[bytes, int, int]:
    """Return the answer lines of a chunk, how many are errors, and how many bytes were read."""
    answers: list[dict[str, Json] | None] = []
    requests: list[CitizenRequest] = []
    for number, line in chunk:
        value: object = None
        try:
            value = decode_line(line)
            requests.append(parse_request(value))
            answers.append(None)
        except InvalidRequest as error:
            answers.append(_error(number, value, error))
    predictions = iter(pipeline.triage(requests))
    dump = partial(orjson.dumps, option=orjson.OPT_APPEND_NEWLINE)
    lines = [
        dump(answer if answer is not None else next(predictions).to_json(with_text=with_text))
        for answer in answers
    ]
    errors = len(answers) - len(requests)
    return b"".join(lines), errors, sum(len(line) for _, line in chunk)


def _error(number: int, value: object, error: InvalidRequest) -> dict[str, Json]:
    given = value.get("id") if isinstance(value, dict) else None
    known = isinstance(given, str | int) and not isinstance(given, bool)
    return {
        "id": clean(str(given))[:MAX_ID] if known else None,
        "line": number,
        "error": {"code": error.code, "message": error.message},
    }


def _chunks(source: Iterator[bytes]) -> Iterator[list[Line]]:
    numbered = enumerate(source, 1)
    while chunk := list(islice(numbered, CHUNK)):
        yield chunk
