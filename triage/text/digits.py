"""Runs of digits as people type and say them: 138 0013 8000, 幺三八零零…, 一三八，零零幺三, 三个八.

A run is read into plain digits with the place of each; where one may begin and end is known, so
that a finder can try lengths. What a run means is decided in `triage.text.numbers`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from triage.text.pii import CJK

VALUES = {
    char: str(digit)
    for digit, chars in enumerate(
        # 幺洞拐勾两 are how radio and telephone speech say 1 0 7 9 2; 妖 and 么 are how it is heard
        [
            "零〇○洞o",
            "一幺壹妖么",
            "二两贰",
            "三叁",
            "四肆",
            "五伍",
            "六陆",
            "七柒拐",
            "八捌",
            "九玖勾",
        ]
    )
    for char in chars
} | {str(digit): str(digit) for digit in range(10)}
"""Folded character → digit."""

SPOKEN = "".join(char for char in VALUES if char > "z")
"""Chinese digits, for use inside a character class."""

_MAX_TAIL = 3
"""Digits that may follow a spoken number within its run: 一 of 一直, 两 of 两次."""
_SAID_TWICE = "2-6二三四五六两"  # 三个八 is 888
_PAUSE = r"(?:[ \-–—―·.,、。()_]|嗯|啊|呃|额|哦|那个|然后|杠)"
_RUN = re.compile(rf"[0-9{SPOKEN}](?:{_PAUSE}{{0,3}}个?[0-9o{SPOKEN}]){{6,}}")
_TOKEN = re.compile(rf"([{_SAID_TWICE}])个([0-9{SPOKEN}])|([0-9o]|[{SPOKEN}])")
_SOFT = re.compile(r"[ \-–—―·.,()_杠]*")
_CHINESE = re.compile(f"[{CJK}]")


@dataclass(frozen=True, slots=True)
class DigitRun:
    """Digits of one run; `starts[k]`, `ends[k]` are the place of digit k in the text.

    `heads[k]` says that a number may begin at digit k, `tails[k]` that one may end after it, and
    `reach[k]` how far right of k digits hang together. `is_spoken[k]` marks Chinese digits.
    """

    digits: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    heads: tuple[bool, ...]
    tails: tuple[bool, ...]
    reach: tuple[int, ...]
    is_spoken: tuple[bool, ...]

    def group_sizes(self, first: int, last: int) -> tuple[int, ...]:
        """Return how many digits stand together between separators in [first, last)."""
        sizes = [1]
        for k in range(first + 1, last):
            if self.starts[k] > self.ends[k - 1]:
                sizes.append(1)
            else:
                sizes[-1] += 1
        return tuple(sizes)


def digit_runs(text: str) -> Iterator[DigitRun]:
    """Yield the runs of seven digits or more of a folded text."""
    for match in _RUN.finditer(text):
        yield _read(text, match)


def to_digits(text: str) -> str:
    """Return the digits of a folded text, spoken or typed, and nothing else."""
    return "".join(VALUES.get(char, "") for char in text)


def _read(text: str, match: re.Match[str]) -> DigitRun:
    typed = match[0]
    if typed.isdecimal():
        return _typed(typed, match.start())
    digits: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    spoken: list[bool] = []
    for token in _TOKEN.finditer(text, match.start(), match.end()):
        times, digit, single = token.groups()
        count = int(VALUES[times]) if times else 1
        value = VALUES[single or digit]
        for _ in range(count):
            digits.append(value)
            starts.append(token.start())
            ends.append(token.end())
            spoken.append(single is None or single > "z")
    heads, tails, reach = _bounds(text, starts, ends, spoken)
    return DigitRun(
        digits="".join(digits),
        starts=tuple(starts),
        ends=tuple(ends),
        heads=tuple(heads),
        tails=tuple(tails),
        reach=tuple(reach),
        is_spoken=tuple(spoken),
    )


def _typed(digits: str, place: int) -> DigitRun:
    """Return the run of typed digits without separators: it begins and ends at its ends only."""
    count = len(digits)
    return DigitRun(
        digits,
        tuple(range(place, place + count)),
        tuple(range(place + 1, place + count + 1)),
        (True,) + (False,) * (count - 1),
        (False,) * (count - 1) + (True,),
        (count,) * count,
        (False,) * count,
    )


def _bounds(
    text: str, starts: list[int], ends: list[int], spoken: list[bool]
) -> tuple[list[bool], list[bool], list[int]]:
    count = len(starts)
    opens = [k == 0 or _parted(k, starts, ends, spoken) for k in range(count)]
    heads = [
        opens[k] or (spoken[k] and opens[k - 1] and starts[k] > starts[k - 1]) for k in range(count)
    ]
    tails = [True] * count
    reach = [count] * count
    left = 0
    for k in range(count - 2, -1, -1):
        left = 0 if opens[k + 1] else left + 1
        is_cut = spoken[k] and left <= _MAX_TAIL and ends[k] < ends[k + 1]
        tails[k] = left == 0 or (is_cut and _is_followed(text, ends[k + left]))
        hangs = _hangs(text[ends[k] : starts[k + 1]], is_spoken=spoken[k] or spoken[k + 1])
        reach[k] = reach[k + 1] if starts[k] == starts[k + 1] or hangs else k + 1
    return heads, tails, reach


def _parted(k: int, starts: list[int], ends: list[int], spoken: list[bool]) -> bool:
    """Tell whether digit k begins a group: after a separator or a change of script."""
    if starts[k] == starts[k - 1]:
        return False
    return starts[k] > ends[k - 1] or spoken[k] != spoken[k - 1]


def _hangs(gap: str, *, is_spoken: bool) -> bool:
    return is_spoken or _SOFT.fullmatch(gap) is not None


def _is_followed(text: str, place: int) -> bool:
    return _CHINESE.match(text, place) is not None
