"""Numbers that people read out: an order's id, and the code by which a citizen asks after it.

Crockford's alphabet: no I, L, O or U, so that nothing is misheard or misread.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SHANGHAI = ZoneInfo("Asia/Shanghai")
_ID_CHARACTERS = 8
"""32^8 a day: at 100,000 orders a day two meet once in some 200 days; the insert then fails."""
_RULE_CHARACTERS = 6
_CODE_CHARACTERS = 12
"""60 bits: guessing is hopeless behind the public query's lockout."""


def new_order_id(at: datetime) -> str:
    """Return an id such as 20261125-7Q2K9XWF: the day in Shanghai, then chance."""
    return f"{at.astimezone(SHANGHAI):%Y%m%d}-{_chance(_ID_CHARACTERS)}"


def new_query_code() -> str:
    """Return a query code, which lets nobody guess another."""
    return _chance(_CODE_CHARACTERS)


def query_code_of(typed: str) -> str:
    """Return a query code as it is kept, however it was typed: the lockout counts it so too."""
    return typed.strip().upper().replace("-", "")


def new_rule_id(at: datetime) -> str:
    """Return an id such as R20261125-7Q2K9X."""
    return f"R{at.astimezone(SHANGHAI):%Y%m%d}-{_chance(_RULE_CHARACTERS)}"


def new_job_id(at: datetime) -> str:
    """Return an id such as J20261125-7Q2K9X."""
    return f"J{at.astimezone(SHANGHAI):%Y%m%d}-{_chance(_RULE_CHARACTERS)}"


def new_alarm_id(at: datetime) -> str:
    """Return an id such as A20261125-7Q2K9X."""
    return f"A{at.astimezone(SHANGHAI):%Y%m%d}-{_chance(_RULE_CHARACTERS)}"


def _chance(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
