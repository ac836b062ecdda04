"""Options that several actions of `triage encoder` share."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.encoder import SEED


def add_pace(parser: argparse.ArgumentParser, *, batch: int, rate: float) -> None:
    """Declare how long and how fast a stage goes on."""
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--rate", type=float, default=rate, help="highest learning rate")
    parser.add_argument("--minutes", type=float, help="end a stage after this time")
    parser.add_argument("--bf16", action="store_true", help="bfloat16, where the processor has it")
    parser.add_argument("--seed", type=int, default=SEED)


def add_common(parser: argparse.ArgumentParser, action: object) -> None:
    """Declare where the result goes, and what `triage encoder` calls."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.set_defaults(action=action)
