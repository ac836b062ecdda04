"""Characters that nothing downstream should meet: controls become spaces, lone surrogates U+FFFD.

The length never changes, so offsets hold. Width, variants and punctuation are not touched here:
that is normalisation, in `triage.text`.
"""

from __future__ import annotations

import re

_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_BLANK = re.compile(
    "[\\s\u00ad\u034f\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]*"
)


def clean(text: str) -> str:
    r"""Replace control characters by spaces and lone surrogates by U+FFFD, one for one.

    Tab, line feed and carriage return stay: they are the layout of a letter.

    Returns
    -------
    str
        Of the same length, and encodable as UTF-8.
    """
    if text.isprintable():
        return text
    return _UNWANTED.sub(_replacement, text)


def is_blank(text: str) -> bool:
    """Tell whether a reader would see nothing: only white space and invisible marks."""
    return _BLANK.fullmatch(text) is not None


def _replacement(match: re.Match[str]) -> str:
    return " " if match[0] < "\ud800" else "\ufffd"
