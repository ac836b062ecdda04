"""测量抗噪：错字、同音、方言、繁体、无标点、三倍长、乱序 (measure what noise costs).

Each data file is a set of its own. Noise is made from a seed, titles and texts alike; the figures
are paired with those of the clean requests. Needs pypinyin. Use data that the model never saw.

  triage measure-robustness --model models/default --data heldout.jsonl --out robustness.json
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from evaluation.bootstrap import RESAMPLES
from evaluation.commands.evaluate import positive
from evaluation.commands.reporting import add_report, say
from evaluation.page import to_markdown
from evaluation.perturbations.kinds import kinds
from evaluation.robustness import aim_of, measure_noise
from evaluation.robustness_page import robustness_page
from evaluation.truth import read_examples
from triage.errors import UnusableFile
from triage.pipeline import Pipeline
from triage.request import Json

SCHEMA = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add = parser.add_argument
    add("--model", type=Path, required=True, metavar="DIR", help="model folder")
    add("--data", type=Path, action="append", required=True, metavar="X.jsonl")
    add("--seed", type=int, default=1, help="seed of the noise (1)")
    add("--resamples", type=positive, default=RESAMPLES, help="bootstrap resamples (1000)")
    add("--settings", type=Path, metavar="TOML", help="a city's settings (thresholds, steps)")
    add_report(parser)


def run(args: argparse.Namespace) -> int:
    """Measure every set, write the report and its page."""
    if args.out.suffix != ".json":
        raise UnusableFile(f"--out {args.out} 应以 .json 结尾：Markdown 会写在它旁边")
    noises = kinds()
    pipeline = Pipeline.from_model(args.model, settings_file=args.settings)
    sets: dict[str, dict[str, Json]] = {}
    for path in args.data:
        examples = read_examples([path])
        total = len(examples) * (1 + len(noises))
        with tqdm(total=total, unit="条", desc=path.stem, disable=None, file=sys.stderr) as bar:
            sets[path.stem] = measure_noise(
                pipeline,
                examples,
                noises,
                seed=args.seed,
                resamples=args.resamples,
                on_rows=bar.update,
            )
    report: dict[str, Json] = {
        "schema": SCHEMA,
        "model": pipeline.versions.model,
        "rules": pipeline.versions.rules,
        "seed": args.seed,
        "aim": aim_of(sets),
        "sets": {name: part for name, part in sets.items()},
    }
    page = to_markdown(robustness_page(report))
    say(args, report, page)
    return 0
