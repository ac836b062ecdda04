from __future__ import annotations

import pytest

from triage.workorder.order_facts import Holder, Measure, OrderFacts, Rate, Stratum
from triage.workorder.scorecards import By, Scoreboard, Scorecard

A, B = Holder("A", "500103", "district"), Holder("B", "500103", "district")
TOWN = Holder("A", "500103", "township")
EASY: Stratum = ("住房房产", 3, "CONSULT")
HARD: Stratum = ("市容环卫", 1, "COMPLAINT")


def feed(
    board: Scoreboard, holder: Holder, n: int, hits: int, *, stratum: Stratum = EASY,
    rate: Rate = Rate.SATISFACTION, month: str = "2026-03", hops: float = 1.0,
) -> None:  # fmt: skip
    for number in range(n):
        marks = ((rate, holder, number < hits),)
        spans = ((Measure.HOPS, holder, hops),)
        board.feed(OrderFacts(holder, month, stratum, (), marks, spans))


def cards(board: Scoreboard) -> dict[tuple[str, str], Scorecard]:
    return {(card.code, card.level): card for card in board.cards()}


def test_a_share_comes_with_n_interval_and_prior() -> None:
    board = Scoreboard(By.UNIT)
    feed(board, A, 40, 30)
    feed(board, B, 40, 40)
    figure = cards(board)["A@500103", "district"].rates[Rate.SATISFACTION]
    assert figure.n == 40
    assert figure.share is not None
    assert figure.share.value == 0.75
    assert figure.share.low < 0.75 < figure.share.high
    # Two groups are too few to estimate a prior: the default of 20, mean 70 / 80
    assert figure.prior_strength == 20.0
    assert figure.shrunken == pytest.approx((30 + 20 * 0.875) / 60)


def test_too_few_orders_show_their_number_only() -> None:
    board = Scoreboard(By.UNIT, least=10)
    feed(board, A, 9, 9)
    feed(board, B, 10, 5)
    small = cards(board)["A@500103", "district"].rates[Rate.SATISFACTION]
    assert small.is_small
    assert (small.n, small.share, small.shrunken, small.adjusted) == (9, None, None, None)
    assert not cards(board)["B@500103", "district"].rates[Rate.SATISFACTION].is_small


def test_at_equal_mix_the_worse_looking_unit_is_no_worse() -> None:
    # Everybody satisfies 90 % of easy and 50 % of hard matters; A gets the hard ones.
    board = Scoreboard(By.UNIT)
    feed(board, A, 20, 18)
    feed(board, A, 80, 40, stratum=HARD)
    feed(board, B, 80, 72)
    feed(board, B, 20, 10, stratum=HARD)
    found = cards(board)
    figures = [found[f"{code}@500103", "district"].rates[Rate.SATISFACTION] for code in "AB"]
    shares = [one.share.value for one in figures if one.share]
    adjusted = [one.adjusted.value for one in figures if one.adjusted]
    assert shares == [0.58, 0.82]
    # observed = expected for both, so both have the overall rate of 140 / 200
    assert adjusted == pytest.approx([0.7, 0.7])


def test_a_line_at_two_levels_is_two_units_each_with_its_level_s_prior() -> None:
    board = Scoreboard(By.UNIT)
    feed(board, A, 20, 20)
    feed(board, TOWN, 20, 0)
    found = cards(board)
    shrunken = [
        found["A@500103", level].rates[Rate.SATISFACTION].shrunken
        for level in ("district", "township")
    ]
    assert shrunken == [1.0, 0.0]  # each leans on its own level, which is only itself


@pytest.mark.parametrize(
    ("by", "codes"),
    [
        (By.UNIT, ["A@500103", "B@500103", "A@500103"]),
        (By.LEVEL, ["district", "township"]),
        (By.REGION, ["500103"]),
        (By.MONTH, ["2026-02", "2026-03"]),
    ],
)
def test_cards_come_by_code_and_not_by_rate(by: By, codes: list[str]) -> None:
    board = Scoreboard(by)
    feed(board, TOWN, 12, 12)
    feed(board, B, 12, 12, month="2026-02")
    feed(board, A, 12, 0)
    found = [card.code for card in board.cards()]
    assert sorted(found) == sorted(codes)
    assert [(card.code, card.level) for card in board.cards()] == sorted(
        (card.code, card.level) for card in board.cards()
    )


def test_what_is_left_out_is_counted_by_reason_and_in_nothing_else() -> None:
    board = Scoreboard(By.UNIT)
    feed(board, A, 12, 12)
    out = OrderFacts(A, "2026-03", EASY, ("MERGED", "FORCE_MAJEURE"),
                     ((Rate.SATISFACTION, A, False),), ())  # fmt: skip
    board.feed(out)
    [card] = board.cards()
    assert card.excluded == {"FORCE_MAJEURE": 1, "MERGED": 1}
    assert card.orders == 12
    assert card.rates[Rate.SATISFACTION].n == 12


def test_hops_have_a_mean_and_a_ninetieth_percentile() -> None:
    board = Scoreboard(By.UNIT)
    feed(board, A, 80, 80)
    feed(board, A, 20, 20, hops=3.0)
    [card] = board.cards()
    hops = card.spans[Measure.HOPS]
    assert hops.mean is not None
    assert hops.p90 is not None
    assert hops.mean.value == pytest.approx(1.4)
    assert hops.p90.value == 3.0
    assert card.spans[Measure.HANDLING].n == 0
    assert card.spans[Measure.HANDLING].median is None


def test_nothing_fed_gives_no_card() -> None:
    assert Scoreboard(By.UNIT).cards() == []
