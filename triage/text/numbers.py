"""Find telephone numbers, identity numbers and bank cards in runs of digits.

Shape and checksum decide first; the words before a number settle what they leave open, and keep
order numbers, meter numbers and amounts unmasked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from triage.text import checksums
from triage.text.digits import DigitRun, digit_runs
from triage.text.number_context import is_announced_as_order, number_context, stands_free
from triage.text.pii import Found, PiiType, apart

_CHECK_X = re.compile(r"[ \-]?[x×叉](?![a-z0-9])")
_EXTENSION = re.compile(r" ?(?:转|分机|转分机|-|—)+ ?\d{1,5}(?![\d])")
_CALLED_CARD = re.compile(r"的?[这那]?[张个]?(?:银行|工资|信用|储蓄)?卡")
_PREFIX = re.compile(r"(?:0086|86|0)(?=1[3-9]\d{9}\Z)")
_LANDLINE_PREFIX = re.compile(r"(?:0086|86)0?(?=[1-9]\d{8,11}\Z)")
_LOCAL = re.compile(r"(?!20[0-4]\d[01]\d[0-3]\d)[2-8]\d{6,7}")
_PHONE_GROUPS = frozenset(
    [(11,), (3, 4, 4), (3, 8), (7, 4), (4, 4, 3), (4, 3, 4), (3, 3, 5), (5, 6), (6, 5), (3, 5, 3)]
)

_Kind = Callable[[str, DigitRun, int], Found | None]


def find_numbers(text: str) -> list[Found]:
    """Return telephone, identity and bank-card numbers of a folded text, in order."""
    found = [item for run in digit_runs(text) for item in _split(text, run)]
    return apart(found, len(text))


def _split(text: str, run: DigitRun) -> Iterator[Found]:
    kinds: tuple[_Kind, ...] = (_identity, _old_identity, _phone, _landline, _card, _local)
    place, count, hits, free = 0, len(run.digits), 0, 0
    while place < count:
        found = None
        if run.heads[place] and (place == free or not _is_tied(text, run, place)):
            found = next(filter(None, (kind(text, run, place) for kind in kinds)), None)
        if found is None:
            place += 1
            continue
        hits += 1
        yield found
        while place < count and run.starts[place] < found.end:
            place += 1
        free = place
    if not hits:
        yield from _misheard(text, run)


def _is_tied(text: str, run: DigitRun, place: int) -> bool:
    """Tell whether the digits before belong to the same code: 2024-138…."""
    gap = text[run.ends[place - 1] : run.starts[place]]
    return gap in {"-", "."} and not run.is_spoken[place]


def _identity(text: str, run: DigitRun, first: int) -> Found | None:
    value, end = _take(run, first, 18), 0
    if value:
        end = run.ends[first + 17]
    elif (short := _take(run, first, 17)) and (tail := _CHECK_X.match(text, run.ends[first + 16])):
        value, end = short + "x", tail.end()
    if not value or not stands_free(text, run.starts[first], end):
        return None
    if checksums.is_identity_number(value) or number_context(text, run.starts[first]) == "id":
        return Found(run.starts[first], end, PiiType.ID_CARD, value)
    return None


def _old_identity(text: str, run: DigitRun, first: int) -> Found | None:
    value = _take(run, first, 15)
    if not checksums.is_old_identity_number(value):
        return None
    start, end = run.starts[first], run.ends[first + 14]
    context = number_context(text, start)
    if not stands_free(text, start, end) or context in {"order", "card"}:
        return None
    if context == "id" or run.group_sizes(first, first + 15) in {(15,), (6, 6, 3)}:
        return Found(start, end, PiiType.ID_CARD, value)
    return None


def _phone(text: str, run: DigitRun, first: int) -> Found | None:
    for length in (11, 13, 15, 12):
        value = _take(run, first, length)
        if value[:1] not in {"1", "8", "0"}:
            continue
        mobile = _PREFIX.sub("", value)
        if not checksums.is_mobile(mobile):
            continue
        start, end = run.starts[first], run.ends[first + length - 1]
        if length > 11:
            start = _with_plus(text, start)
        sizes = run.group_sizes(first + length - 11, first + length)
        said = any(run.is_spoken[first : first + length])
        context = number_context(text, start)
        if is_announced_as_order(text, start) or not stands_free(text, start, end):
            return None
        cued = context in {"phone", "landline", "id"}
        is_usual = sizes in _PHONE_GROUPS or len(sizes) == 11
        if said or cued or (is_usual and "," not in text[start:end]):
            return Found(start, end, PiiType.PHONE, mobile)
    return None


def _landline(text: str, run: DigitRun, first: int) -> Found | None:
    for length in (12, 11, 14, 13):
        value = _take(run, first, length)
        if value[:1] not in {"0", "8"}:
            continue
        number = _LANDLINE_PREFIX.sub("0", value)
        if not checksums.is_landline(number):
            continue
        start, end = run.starts[first], run.ends[first + length - 1]
        if number != value:
            start = _with_plus(text, start)
        if text[start - 1 : start] == "(" and ")" in text[start:end]:
            start -= 1
        end = _with_extension(text, end)
        if stands_free(text, start, end) and not is_announced_as_order(text, start):
            return Found(start, end, PiiType.LANDLINE, number)
    return None


def _local(text: str, run: DigitRun, first: int) -> Found | None:
    """Find a landline number without area code: only where a word says so."""
    for length in (8, 7):
        value = _take(run, first, length)
        if not _LOCAL.fullmatch(value):
            continue
        start, end = run.starts[first], run.ends[first + length - 1]
        context = number_context(text, start)
        is_said = context == "landline" or (context == "phone" and length == 8)
        if is_said and stands_free(text, start, end):
            return Found(start, _with_extension(text, end), PiiType.LANDLINE, value)
    return None


def _card(text: str, run: DigitRun, first: int) -> Found | None:
    for length in (19, 18, 17, 16):
        value = _take(run, first, length)
        if not checksums.has_card_shape(value):
            continue
        start, end = run.starts[first], run.ends[first + length - 1]
        context = number_context(text, start)
        if context == "order" or "," in text[start:end] or not stands_free(text, start, end):
            continue
        if _goes_on(text, run, first + length):
            continue
        is_said = context == "card" or _CALLED_CARD.match(text, end)
        if is_said or checksums.is_bank_card(value):
            return Found(start, end, PiiType.BANK_CARD, value)
    return None


def _goes_on(text: str, run: DigitRun, last: int) -> bool:
    """Tell whether a group of up to four digits hangs on: 16 digits of 19 are no card."""
    if last >= len(run.digits) or text[run.ends[last - 1] : run.starts[last]] not in {" ", "-"}:
        return False
    after = last + 1
    while after < len(run.digits) and run.starts[after] == run.ends[after - 1]:
        after += 1
    return after - last <= 4


def _misheard(text: str, run: DigitRun) -> Iterator[Found]:
    """Yield a spoken telephone number in which a digit was lost or doubled."""
    start, end, count = run.starts[0], run.ends[-1], len(run.digits)
    if not any(run.is_spoken) or not stands_free(text, start, end):
        return
    context = number_context(text, start)
    if 10 <= count <= 12 and re.match("1[3-9]", run.digits) and context == "phone":
        yield Found(start, end, PiiType.PHONE, run.digits)
    elif 10 <= count <= 13 and run.digits[0] == "0" and context in {"phone", "landline"}:
        yield Found(start, end, PiiType.LANDLINE, run.digits)


def _take(run: DigitRun, first: int, length: int) -> str:
    last = first + length
    if last > run.reach[first] or not run.tails[last - 1]:
        return ""
    return run.digits[first:last]


def _with_extension(text: str, end: int) -> int:
    extension = _EXTENSION.match(text, end)
    return extension.end() if extension else end


def _with_plus(text: str, start: int) -> int:
    if text[start - 1 : start] == "+":
        start -= 1
        if text[start - 1 : start] == "(":
            start -= 1
    return start
