"""How far a command is: a bar for people at a terminal, lines of JSON for the runner of jobs."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import orjson
from tqdm import tqdm

PAUSE_SECONDS = 0.2
"""Between two lines: a job is looked at once a second."""


def add_progress(parser: argparse.ArgumentParser) -> None:
    """Declare `--progress-lines`."""
    parser.add_argument("--progress-lines", action="store_true", help=argparse.SUPPRESS)


@contextmanager
def shown_progress(total: int, *, desc: str, as_lines: bool) -> Iterator[Callable[[int], object]]:
    """Give a function that takes the bytes done since it was last called."""
    if not as_lines:
        with tqdm(total=total, unit="B", unit_scale=True, desc=desc, disable=None) as bar:
            yield bar.update
        return
    done, said = 0, -PAUSE_SECONDS

    def update(more: int) -> None:
        nonlocal done, said
        done += more
        if done >= total or time.monotonic() - said >= PAUSE_SECONDS:
            said = time.monotonic()
            print(orjson.dumps({"done": done, "total": total}).decode(), flush=True)

    update(0)
    yield update
