"""Which units a report accuses, so that it is never sent to them (DOMAIN §3).

Only a request of type REPORT is looked at: a unit's everyday name (unit_words.csv) beside an act of
corruption or abuse of power, or as what is reported. Slowness is a complaint, not an accusation: a
unit that did not act may still be the one that must.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from triage.request import Ranked

REPORT = "REPORT"
INVESTIGATES = "DISCIPLINE"
"""The line that a report against a unit goes to, unless it is the one accused."""
REACH = 8
"""Characters between a unit's name and the act, inside one clause."""
_ACTS = (
    "收钱|收黑钱|收了钱|收红包|红包|好处费|回扣|受贿|行贿|索贿|索要|贿赂|贪污|挪用|截留|侵吞|私分|冒领|套取|骗取|"
    "保护伞|包庇|勾结|串通|通风报信|利益输送|吃拿卡要|徇私|滥用职权|渎职|以权谋私|权钱|优亲厚友|暗箱|黑幕|"
    "暴力执法|野蛮执法|弄虚作假|违规审批|公款|私设|小金库|乱收费|开后门"
)
_REPORTED = "举报|检举|控告|实名反映|揭发"
_SIGN = re.compile(f"{_REPORTED}|{_ACTS}")
"""What no accusation is without; it is looked for before the names of dozens of units."""


class Accusations:
    """Everyday names of units; built once from a catalogue."""

    def __init__(self, words: Mapping[str, tuple[str, ...]]) -> None:
        self._patterns = {
            unit: (
                tuple(of_unit),
                re.compile(
                    rf"(?:{_REPORTED})[^到给向至，。后过电]{{0,6}}?(?:{names})"
                    rf"|(?:{names})[^，。！？\n]{{0,{REACH}}}?(?:{_ACTS})"
                ),
            )
            for unit, of_unit in words.items()
            if (names := "|".join(map(re.escape, of_unit)))
        }

    def accused(self, request_type: Ranked | None, text: str) -> tuple[str, ...]:
        """Return the codes of the units that a report's folded text accuses; () for no report."""
        if request_type is None or request_type.code != REPORT or not _SIGN.search(text):
            return ()
        return tuple(
            unit
            for unit, (names, pattern) in self._patterns.items()
            if any(name in text for name in names) and pattern.search(text)
        )
