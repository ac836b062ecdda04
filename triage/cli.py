"""The one command `triage`: finds its sub-commands by entry points and loads only the one called.

A sub-command is a module with `add_arguments(parser)` and `run(args) -> int`; its docstring is its
help. Exit codes: 0 clean, 1 done with rejected rows, 2 unusable input or refusal.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path

from triage.errors import MissingExtraError, TriageError

GROUP = "triage.commands"
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""A request's products are small: processes share the cores, threads of one product only wait."""
EXTRAS = {"forecast": "forecast", "measure-forecast": "forecast"}
"""The extra that a command needs, where it is another than `train`."""
EXIT_CLEAN = 0
EXIT_REFUSED = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one sub-command.

    Returns
    -------
    int
        0 clean, 1 done with rejected rows, 2 unusable input or refusal, 130 interrupted.
    """
    for variable in ONE_THREAD:
        os.environ.setdefault(variable, "1")
    words = list(sys.argv[1:] if argv is None else argv)
    commands = {point.name: point for point in entry_points(group=GROUP)}
    try:
        arguments = _parser(commands, chosen=words[0] if words else None).parse_args(words)
        return int(arguments.run(arguments))
    except TriageError as error:
        print(f"triage: {error.message} [{error.code}]", file=sys.stderr)
        return EXIT_REFUSED
    except KeyboardInterrupt:
        print("triage: 已中断", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return EXIT_CLEAN


def _parser(commands: dict[str, EntryPoint], *, chosen: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="triage", description="诉求分诊 / citizen-request triage for 12345 hotlines"
    )
    parser.add_argument("--version", action="version", version=version("citizen-triage"))
    choices = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, point in sorted(commands.items()):
        is_shown = name == chosen or chosen not in commands  # the help of one, or of all
        text = _docstring(point.value) if is_shown else name
        sub = choices.add_parser(
            name,
            help=text.splitlines()[0],
            description=text,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == chosen:
            module = _load(point)
            module.add_arguments(sub)
            sub.set_defaults(run=module.run)
    return parser


def _docstring(module: str) -> str:
    """Read a module's docstring without importing it, so that `--help` stays instant."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        return module
    return ast.get_docstring(ast.parse(Path(spec.origin).read_text("utf-8"))) or module


def _load(point: EntryPoint):  # type: ignore[no-untyped-def]  # noqa: ANN202  modules are duck-typed
    try:
        return point.load()
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in {"triage", "training", "serving", "evaluation"}:
            raise
        raise MissingExtraError(
            f"命令 {point.name} 需要额外的依赖（缺少 {error.name}）："
            f"pip install 'citizen-triage[{EXTRAS.get(point.name, 'train')}]'"
        ) from error
