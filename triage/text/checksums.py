"""Which runs of digits can be an identity number, a bank card, a mobile or a landline number.

Arithmetic only: what stands around a number is judged in `triage.text.numbers`.
"""

from __future__ import annotations

import re
from datetime import date

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, 4.2
_ID_CHECKS = "10x98765432"
# GB/T 2260, and 81 82 83 of residence permits, 91 of foreigners' permanent residence
_PROVINCES = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
_YEARS = (1900, 2099)  # of birth; the rules of masking know no clock
_MOBILE = re.compile(r"1[3-9]\d{9}")
# Area codes: three digits with numbers of eight, four digits with seven or eight.
_LANDLINE = re.compile(r"(?:010|02[0-57-9])[2-8]\d{7}|0[3-9]\d{2}[2-8]\d{6,7}")
# Issuers' first digits (ISO/IEC 7812): UnionPay 62 and 60, Visa 4, Mastercard 5, JCB 35, Amex 3.
_CARD = re.compile(r"(?:6[0-9]|4\d|5[0-8]|3[4-7]|9[0-9])\d{13,17}")


def is_identity_number(value: str) -> bool:
    """Tell whether 18 characters hold a date of birth and the check digit of GB 11643."""
    return has_identity_shape(value) and value[17] == _check_digit(value)


def has_identity_shape(value: str) -> bool:
    """Tell whether 18 characters hold a province and a date of birth; the check digit may err."""
    return (
        len(value) == 18
        and value[:17].isdigit()
        and (value[17].isdigit() or value[17] == "x")
        and _PROVINCES.match(value) is not None
        and _is_birth_date(value[6:10], value[10:12], value[12:14])
    )


def is_old_identity_number(value: str) -> bool:
    """Tell whether 15 digits hold a province and a date of birth of the twentieth century."""
    return (
        len(value) == 15
        and value.isdigit()
        and _PROVINCES.match(value) is not None
        and _is_birth_date("19" + value[6:8], value[8:10], value[10:12])
    )


def is_mobile(value: str) -> bool:
    """Tell whether 11 digits are a mainland mobile number."""
    return _MOBILE.fullmatch(value) is not None


def is_landline(value: str) -> bool:
    """Tell whether digits are a landline number with its area code."""
    return _LANDLINE.fullmatch(value) is not None


def has_card_shape(value: str) -> bool:
    """Tell whether 15 to 19 digits begin like a bank card."""
    return _CARD.fullmatch(value) is not None


def is_bank_card(value: str) -> bool:
    """Tell whether digits begin like a bank card and pass the check of Luhn (ISO/IEC 7812-1)."""
    return has_card_shape(value) and len(set(value)) > 2 and _luhn(value) == 0


def _check_digit(value: str) -> str:
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, value, strict=False))
    return _ID_CHECKS[total % 11]


def _luhn(value: str) -> int:
    doubled = (int(digit) * 2 for digit in value[-2::-2])
    return (sum(int(digit) for digit in value[::-2]) + sum(n - 9 * (n > 9) for n in doubled)) % 10


def _is_birth_date(year: str, month: str, day: str) -> bool:
    try:
        return _YEARS[0] <= date(int(year), int(month), int(day)).year <= _YEARS[1]
    except ValueError:
        return False
