"""过门禁后发布模型 (publish a model if it passes the gate).

Asks the candidate and the current model about the same labelled requests, prints a table, copies
the model to MODELS/<version>/ and moves current.json last. A refusal (exit code 2) names every
reason and changes nothing. The data must not have been trained on.

  triage publish --model runs/city --data heldout.jsonl --models-dir models
  triage publish --model runs/city --data heldout.jsonl --floors city-floors.toml --skip-current
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from evaluation.bootstrap import RESAMPLES
from evaluation.commands.evaluate import ask_with_bar, positive
from evaluation.floors import load_floors
from evaluation.gate import Check, Verdict, judge
from evaluation.report import build_report
from evaluation.truth import Example, fingerprint, read_examples
from training.install import install
from triage.errors import ArtifactError, GateRefusal
from triage.model.artifact import read_manifest, verify
from triage.model.registry import current_folder, has_current, make_current, version_folder
from triage.request import Json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add = parser.add_argument
    models = Path(os.environ.get("TRIAGE_MODELS_DIR", "models"))
    add("--model", type=Path, required=True, metavar="DIR", help="folder of the candidate")
    add(
        "--data",
        type=Path,
        action="append",
        required=True,
        metavar="X.jsonl",
        help="labelled requests",
    )
    add("--models-dir", type=Path, default=models, metavar="DIR", help="published models")
    add("--floors", type=Path, metavar="TOML", help="own floors; see evaluation/floors.toml")
    add("--skip-current", action="store_true", help="do not compare with the current model")
    add("--resamples", type=positive, default=RESAMPLES, help="bootstrap resamples (1000)")
    add("--catalogue", type=Path, metavar="DIR", help="a city's folder of code lists")
    add("--settings", type=Path, metavar="TOML", help="a city's settings (thresholds, steps)")
    add("--json", action="store_true", help="print the verdict as JSON")


def run(args: argparse.Namespace) -> int:
    """Judge, then copy, then move the pointer.

    Raises
    ------
    GateRefusal
        The model does not pass; nothing was changed.
    """
    floors = load_floors(args.floors)
    manifest = read_manifest(args.model)
    verify(args.model, manifest)
    version_folder(args.models_dir, str(manifest["version"]))
    examples = read_examples(args.data)
    trained_on = str(manifest.get("data_sha256"))
    if fingerprint(examples) == trained_on:
        raise GateRefusal(
            f"未发布 {manifest['version']}：评估数据就是它的训练数据；请换用没有参与训练的数据"
        )
    candidate = ask_with_bar(args.model, examples, args)
    current = (
        ask_with_bar(current_folder(args.models_dir), examples, args) if _compares(args) else None
    )
    report = build_report(candidate, examples, trained_on=trained_on, resamples=args.resamples)
    verdict = judge(report, floors, candidate=candidate, current=current, resamples=args.resamples)
    before = current.version if current else None
    _print(verdict, candidate.version, before, examples, as_json=args.json)
    if not verdict.passed:
        lines = "".join(f"\n  - {reason}" for reason in verdict.reasons)
        raise GateRefusal(f"未发布 {candidate.version}，什么都没有改动：{lines}\n ")
    version = install(args.model, args.models_dir)
    make_current(args.models_dir, version)
    print(f"已发布 {version}，现用模型已指向它", file=sys.stderr)
    return 0


def _compares(args: argparse.Namespace) -> bool:
    """Tell whether there is a current model to hold the candidate against."""
    if args.skip_current or not has_current(args.models_dir):
        return False
    try:
        current_folder(args.models_dir)
    except ArtifactError as error:
        raise ArtifactError(f"{error.message}；不与现用模型比较请加 --skip-current") from error
    return True


def _print(
    verdict: Verdict,
    version: str,
    current: str | None,
    examples: Sequence[Example],
    *,
    as_json: bool,
) -> None:
    if as_json:
        value: Json = {
            "version": version,
            "current": current,
            "n": len(examples),
            "passed": verdict.passed,
            "checks": [_check_json(check) for check in verdict.checks],
            "notes": list(verdict.notes),
            "reasons": list(verdict.reasons),
        }
        print(json.dumps(value, ensure_ascii=False))
        return
    print(f"{version} 对 {current or '（没有现用模型）'}，{len(examples)} 条")
    print(f"{'':<4}{'decision':<20}{'metric':<18}{'value':>8}  against")
    for check in verdict.checks:
        against = (
            f"current {check.current:.4f}" if check.current is not None else f"bound {check.bound}"
        )
        mark = "ok" if check.passed else "NO"
        print(f"{mark:<4}{check.decision:<20}{check.metric:<18}{check.value:>8.4f}  {against}")
    for note in verdict.notes:
        print(f"--  {note}")


def _check_json(check: Check) -> Json:
    return {
        "decision": check.decision,
        "metric": check.metric,
        "value": check.value,
        "bound": check.bound,
        "current": check.current,
        "passed": check.passed,
    }
