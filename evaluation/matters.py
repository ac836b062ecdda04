"""Score the finding of second matters: presence, right topic, false splits, overlap of spans.

A pair of topics is right in either order: which of two independent matters is the first is the
annotator's choice. `second_named_f1` asks less: that the second matter's topic is one of the two.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

from triage.request import Json

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Split:
    """One request: the best pair of topics with its chance, and the true ones (one or two)."""

    chance: float
    named: tuple[Hashable, ...]
    truth: tuple[Hashable, ...]

    @property
    def has_second(self) -> bool:
        """Whether the request truly holds a second matter."""
        return len(self.truth) > 1

    @property
    def is_right(self) -> bool:
        """Whether both topics are right, in either order."""
        return self.has_second and sorted(map(str, self.named[:2])) == sorted(
            map(str, self.truth[:2])
        )


def tally(splits: Sequence[Split], threshold: float) -> dict[str, Json]:
    """Return the figures of splitting from a chance on.

    Returns
    -------
    dict
        n, second, split; presence_precision, presence_recall, presence_f1; right_f1 (found and both
        topics right); second_named_f1; false_split (share of requests about one matter that were
        split); None where undefined.
    """
    split = [one for one in splits if one.chance >= threshold]
    second = sum(one.has_second for one in splits)
    found = sum(one.has_second for one in split)
    right = sum(one.is_right for one in split)
    named = sum(one.has_second and one.truth[1] in one.named for one in split)
    return {
        "n": len(splits),
        "second": second,
        "split": len(split),
        "threshold": round(threshold, 4),
        "presence_precision": _share(found, len(split)),
        "presence_recall": _share(found, second),
        "presence_f1": _f1(found, second, len(split)),
        "right_f1": _f1(right, second, len(split)),
        "second_named_f1": _f1(named, second, len(split)),
        "false_split": _share(len(split) - found, len(splits) - second),
    }


def span_overlap(marked: Sequence[Sequence[Span]], found: Sequence[Sequence[Span]]) -> float:
    """Return the mean overlap (characters shared over characters of both) of matters, in [0, 1].

    Matters are paired one to one for the largest sum; one that has no partner counts 0.
    """
    longer, shorter = (marked, found) if len(marked) >= len(found) else (found, marked)
    sets = [_characters(spans) for spans in shorter]
    best = max(
        sum(_overlap(_characters(one), other) for one, other in zip(order, sets, strict=True))
        for order in permutations(longer, len(shorter))
    )
    return best / len(longer)


def _characters(spans: Iterable[Span]) -> set[int]:
    return {place for start, end in spans for place in range(start, end)}


def _overlap(one: set[int], other: set[int]) -> float:
    return len(one & other) / max(1, len(one | other))


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _f1(right: int, marked: int, found: int) -> float | None:
    return round(2 * right / (marked + found), 4) if marked + found else None
