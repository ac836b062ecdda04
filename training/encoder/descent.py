"""Gradient descent for whatever gives losses: AdamW, a warm-up, a linear way down, a time limit.

What is learned is the callers' business: contrast, labels, masked tokens.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch

WARM_UP = 0.06
"""Share of the run in which the rate rises from 0 (Liu et al. 2019, RoBERTa)."""
CLIP = 1.0
DECAY = 0.01


@dataclass(frozen=True, slots=True)
class Pace:
    """How long and how fast to descend.

    `minutes` ends a run early, and the rate comes down in that time: what a run on a clock gives
    depends on the machine. `bf16` computes in bfloat16, twice as fast where the processor has it.
    """

    steps: int
    rate: float
    minutes: float | None = None
    bf16: bool = False


Group = tuple[Iterable[torch.nn.Parameter], float]
"""Parameters, and what the rate is multiplied by for them."""


def device_of_choice() -> str:
    """Return "cuda" where there is a GPU, else "cpu"."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def descend(
    groups: Iterable[Group],
    losses: Iterable[Callable[[], torch.Tensor]],
    pace: Pace,
    *,
    device: str,
    on_step: Callable[[float], object] = lambda loss: None,
) -> int:
    """Take a step for each loss until steps, losses or minutes run out; return the steps taken.

    A loss is told one step late, so that a GPU is not waited for before it has its next step.
    """
    parts = [(list(parameters), pace.rate * times) for parameters, times in groups]
    optimiser = torch.optim.AdamW(
        [{"params": parameters, "lr": rate} for parameters, rate in parts],
        weight_decay=DECAY,
        fused=device == "cuda",
    )
    everything = [parameter for parameters, _ in parts for parameter in parameters]
    started = time.monotonic()
    step, before = 0, None
    for loss_of in losses:
        done = _progress(step, time.monotonic() - started, pace)
        if done >= 1:
            break
        for part, (_, rate) in zip(optimiser.param_groups, parts, strict=True):
            part["lr"] = rate * min(
                (done + 1 / pace.steps) / WARM_UP, (1 - done) / (1 - WARM_UP), 1
            )
        with torch.autocast(device, torch.bfloat16, enabled=pace.bf16):
            loss = loss_of()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(everything, CLIP)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        if before is not None:
            on_step(float(before))
        step, before = step + 1, loss.detach()
    if before is not None:
        on_step(float(before))
    return step


def _progress(step: int, seconds: float, pace: Pace) -> float:
    by_clock = 0.0 if pace.minutes is None else seconds / (60 * pace.minutes)
    return max(step / pace.steps, by_clock)
