"""What several commands read from the command line alike."""

from __future__ import annotations

import argparse


def rate(text: str) -> float:
    """Read a number above 0.

    Raises
    ------
    argparse.ArgumentTypeError
    """
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"应为正数，收到 {text}")
    return value
