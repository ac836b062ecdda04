"""Which tokens pre-training asks for: short spans, 15 % of all, on the device that trains.

A Chinese word is mostly one to three characters and each is a token: asked one by one, the rest of
the word gives it away, so runs of one to three are asked together (SpanBERT, Joshi et al. 2020).
Of the asked 80 % are masked, 10 % replaced, 10 % left (Devlin et al. 2019).
"""

from __future__ import annotations

import torch

LONGER = (0.5, 0.2)
"""Share of spans of two or more, and of three."""
START = 0.092
"""Share of places where a span starts: spans overlap a little, and 15 % are asked for."""
IGNORED = -100


def mask_tokens(
    rows: torch.Tensor, special: dict[str, int], vocabulary: int, dice: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what is shown and what is asked, int64 like `rows`; IGNORED where nothing is asked."""

    def rolled() -> torch.Tensor:
        return torch.rand(rows.shape, generator=dice, device=rows.device)

    starts, length = rolled() < START, rolled()
    asked = starts.clone()
    for places, share in enumerate(LONGER, 1):
        asked[:, places:] |= (starts & (length < share))[:, :-places]
    asked &= ~torch.isin(rows, torch.tensor(list(special.values()), device=rows.device))
    draw = rolled()
    anything = torch.randint(0, vocabulary, rows.shape, generator=dice, device=rows.device)
    shown = torch.where(asked & (draw < 0.8), special["[MASK]"], rows)
    shown = torch.where(asked & (draw >= 0.8) & (draw < 0.9), anything, shown)
    return shown, torch.where(asked, rows, IGNORED)
