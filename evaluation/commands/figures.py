"""用实测报告更新 README 里的数字 (write the measured figures into the README).

triage figures --readme README.md --results evaluation/results --models-dir models
"""

from __future__ import annotations

import argparse
from pathlib import Path

from evaluation.figures import readme_with_figures
from triage.errors import UnusableFile
from triage.files import atomic_write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--readme", type=Path, default=Path("README.md"))
    parser.add_argument("--results", type=Path, default=Path("evaluation/results"))
    parser.add_argument("--models-dir", type=Path, default=Path("models"))


def run(args: argparse.Namespace) -> int:
    """Make the block between the markers anew."""
    try:
        readme = args.readme.read_text("utf-8")
    except OSError as error:
        raise UnusableFile(f"无法读取 {args.readme}：请检查路径") from error
    text = readme_with_figures(readme, args.results, args.models_dir)
    with atomic_write(args.readme) as file:
        file.write(text.encode())
    return 0
