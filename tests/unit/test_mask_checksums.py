"""Checksums and shapes of identity numbers, cards and telephone numbers."""

from __future__ import annotations

import pytest

from triage.text import checksums


def test_the_check_digit_of_gb_11643_decides() -> None:
    # The example of the standard's annex: 11010519491231002, sum 167, 167 mod 11 = 2, check X.
    assert checksums.is_identity_number("11010519491231002x")
    assert not checksums.is_identity_number("110105194912310021")


@pytest.mark.parametrize(
    "value",
    [
        "99010519491231002x",  # no such province
        "11010519491331002x",  # month 13
        "11010519490230002x",  # 30 February
        "11010518491231002x",  # born in 1849
        "1101051949123100x",
        "",
    ],
)
def test_what_has_no_province_or_no_date_is_no_identity_number(value: str) -> None:
    assert not checksums.has_identity_shape(value)


def test_fifteen_digits_hold_a_date_of_the_twentieth_century() -> None:
    assert checksums.is_old_identity_number("110105491231002")
    assert not checksums.is_old_identity_number("110105491331002")
    assert not checksums.is_old_identity_number("1101054912310020")


def test_luhn_decides_on_cards() -> None:
    # 4111 1111 1111 1111 is the usual example, but two different digits are no real card.
    assert checksums.is_bank_card("4392250012345673")
    assert not checksums.is_bank_card("4392250012345674")
    assert not checksums.is_bank_card("4111111111111111")
    assert not checksums.is_bank_card("1392250012345673")


def test_numbering_plans_decide_on_telephones() -> None:
    assert checksums.is_mobile("13500112233")
    assert not checksums.is_mobile("12500112233")
    assert checksums.is_landline("02362334455")
    assert checksums.is_landline("08557123456")
    assert not checksums.is_landline("02312334455")
    assert not checksums.is_landline("0236233445")
