"""Whether a same-event model may be published, and publishing it: gate, copy, pointer.

The candidate and the model in use are compared on pairs that neither had seen when it judged them
(`evaluation.pair_gate`). A model carries those probabilities in its folder; for one that was
published without, the file that its training wrote is given.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from evaluation.gate import Verdict
from evaluation.held_out_pairs import HeldOutPair, keyed_pairs, read_held_out_pairs
from evaluation.judged_pairs import SAME_EVENT
from evaluation.pair_gate import judge_pairs
from training.install import install
from training.same_event.export import HELD_OUT
from triage.errors import GateRefusal, UnusableFile
from triage.model.registry import current_folder, has_current, make_current

Held = Mapping[bytes, HeldOutPair]


def judge_candidate(candidate: Held, registry: Path, against: Path | None) -> Verdict:
    """Return the gate's verdict on a candidate's held-out pairs against the model in use.

    Parameters
    ----------
    registry : the folder of published same-event models; one with none in use passes
    against : probabilities of the model in use as its training wrote them, where it has none

    Raises
    ------
    ArtifactError, UnusableFile
        The model in use, or the file of its probabilities, cannot be read.
    """
    if not has_current(registry):
        return Verdict((), ("还没有现用的同一事件模型，不作比较",), ())
    own = current_folder(registry) / HELD_OUT
    if own.is_file():
        return judge_pairs(candidate, read_held_out_pairs(own))
    if against is None:
        reason = (
            f"现用模型 {own.parent.name} 没有留下折外概率，无法比较：请用 --against 给出"
            "训练它时 --held-out 写出的文件"
        )
        return Verdict((), (), (reason,))
    return judge_pairs(candidate, read_probabilities(against))


def publish(folder: Path, version: str, verdict: Verdict, registry: Path) -> None:
    """Copy a model that passed among the published ones and move the pointer.

    Raises
    ------
    GateRefusal
        It did not pass; nothing was changed.
    ArtifactError
        The folder does not verify.
    """
    if not verdict.passed:
        lines = "".join(f"\n  - {reason}" for reason in verdict.reasons)
        raise GateRefusal(f"未发布 {version}，现用模型没有改动：{lines}\n ")
    make_current(registry, install(folder, registry))


def read_probabilities(path: Path) -> Held:
    """Return the held-out pairs of a file that `train-same-event --held-out` wrote.

    Raises
    ------
    UnusableFile
        It cannot be read or is no such file.
    """
    try:
        rows = json.loads(path.read_text("utf-8"))
        pairs = [(row["component"], row["query"], row["candidate"]) for row in rows]
        same = np.array([row["label"] == SAME_EVENT for row in rows], np.bool_)
        return keyed_pairs(pairs, same, np.array([row["same"] for row in rows], np.float32))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableFile(
            f"无法读取 {path}（{type(error).__name__}）："
            "应为 train-same-event --held-out 写出的文件"
        ) from error
