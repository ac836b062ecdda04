"""What is left of a text when greetings, openings and pleas are cut out: the matter, or nothing.

The phrases are data (`data/fillers.toml`), each of them without place, object or problem; a clause
is cut only where little else is in it, so that no word of a matter is lost. A request of which
nothing is left tells of no event.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files

LEAST = 3
"""Characters that must be left for a text to tell of something: 停车难 has three."""
READ = 400
"""Characters of a text that are looked at: the matter is told first."""
_REST = 1
"""Characters beside fillers with which a clause still says nothing (的, 了, 那)."""
_CLAUSE = re.compile(r"[^，。！？；：、,!?;:\s]+")
_WORDS = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]")
_PLACEHOLDER = re.compile(r"<[^<>]{1,12}>")


def without_fillers(text: str) -> str:
    """Return a text without the clauses that say nothing, and clauses without their openings."""
    return _CLAUSE.sub(lambda clause: _kept(clause[0]), text)


def tells_something(text: str) -> bool:
    """Say whether a text is more than fillers: at least `LEAST` characters are left of it."""
    left = _PLACEHOLDER.sub("", without_fillers(text[:READ]))
    return len(_WORDS.findall(left)) >= LEAST


def _kept(clause: str) -> str:
    """Return what a clause says: nothing, itself, or what follows its openings."""
    fillers = _fillers()
    left = clause
    while (opening := fillers.match(left)) is not None and opening.end():
        left = left[opening.end() :]
    rest = fillers.sub("", _PLACEHOLDER.sub("", left))
    return left if len(_WORDS.findall(rest)) > _REST else ""


@lru_cache(maxsize=1)
def _fillers() -> re.Pattern[str]:
    table = tomllib.loads((files("triage.hot") / "data/fillers.toml").read_text("utf-8"))
    return re.compile("|".join(f"(?:{phrase})" for phrase in table["phrases"]))
