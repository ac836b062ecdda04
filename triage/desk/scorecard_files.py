"""Scorecards as JSON, CSV and XLSX: one row a group and figure, small samples as 样本不足.

No file ranks: rows come by code, as the cards do. Cells that a spreadsheet would run are defused.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TypeAlias

import orjson
import xlsxwriter

from triage.desk.scorecards import ScorecardReport
from triage.request import Json
from triage.workorder.estimates import Estimate
from triage.workorder.order_facts import Measure, Rate
from triage.workorder.scorecards import RateFigure, Scorecard, SpanFigure

SMALL = "样本不足"
COLUMNS = (
    *("code", "name", "level", "orders", "figure", "name_zh", "n", "value", "low", "high"),
    *("shrunken", "prior_strength", "adjusted", "adjusted_low", "adjusted_high", "note"),
)
NAMES = {
    Rate.RESPONSE: "响应率",
    Rate.RESOLUTION: "解决率",
    Rate.SATISFACTION: "满意率",
    Rate.FIRST_DISPATCH: "首次派单准确率",
    Rate.REJECT: "退单率",
    Rate.OVERDUE: "超期率",
    Rate.REPEAT: "重复诉求占比",
    Measure.HOPS: "派单次数",
    Measure.TO_UNIT: "到达承办单位的小时数",
    Measure.HANDLING: "办理工时",
}
Cell: TypeAlias = str | int | float
_DIGITS = 4
_RUN = ("=", "+", "-", "@", "\t", "\r")


def as_json(report: ScorecardReport) -> bytes:
    """Return the report as one JSON document."""
    return orjson.dumps(
        {
            "from": report.first.isoformat(),
            "to": report.last.isoformat(),
            "by": report.by.value,
            "least": report.least,
            "cards": [_card(card, report.names[card.code]) for card in report.cards],
        }
    )


def as_csv(report: ScorecardReport) -> bytes:
    """Return rows with a heading, UTF-8 with a mark so that spreadsheets read it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_defused(cell) for cell in row] for row in _rows(report))
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(report: ScorecardReport) -> bytes:
    """Return a workbook of one sheet; no cell is a formula or a link."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as book:
        sheet = book.add_worksheet("scorecards")
        for place, row in enumerate([COLUMNS, *_rows(report)]):
            sheet.write_row(place, 0, row)
        sheet.freeze_panes(1, 2)
    return content.getvalue()


def _card(card: Scorecard, name: str) -> dict[str, Json]:
    rates: dict[str, Json] = {rate.value: _rate(one) for rate, one in card.rates.items()}
    spans: dict[str, Json] = {measure.value: _span(one) for measure, one in card.spans.items()}
    return {
        "code": card.code,
        "name": name,
        "level": card.level,
        "orders": card.orders,
        "excluded": dict(card.excluded),
        "rates": rates,
        "spans": spans,
    }


def _rate(figure: RateFigure) -> dict[str, Json]:
    return {
        "n": figure.n,
        "note": SMALL if figure.is_small else None,
        "rate": _estimate(figure.share),
        "shrunken": _rounded(figure.shrunken),
        "prior_strength": _rounded(figure.prior_strength),
        "adjusted": _estimate(figure.adjusted),
    }


def _span(figure: SpanFigure) -> dict[str, Json]:
    return {
        "n": figure.n,
        "note": SMALL if figure.median is None else None,
        "median": _estimate(figure.median),
        "p90": _estimate(figure.p90),
        "mean": _estimate(figure.mean),
    }


def _estimate(one: Estimate | None) -> Json:
    if one is None:
        return None
    return {"value": _rounded(one.value), "low": _rounded(one.low), "high": _rounded(one.high)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)


def _rows(report: ScorecardReport) -> Iterator[tuple[Cell, ...]]:
    for card in report.cards:
        head = (card.code, report.names[card.code], card.level, card.orders)
        for rate, figure in card.rates.items():
            adjusted = _three(figure.adjusted)
            lean = (_cell(figure.shrunken), _cell(figure.prior_strength))
            note = SMALL if figure.is_small else ""
            values = (figure.n, *_three(figure.share), *lean, *adjusted, note)
            yield (*head, rate.value, NAMES[rate], *values)
        for measure, found in card.spans.items():
            for name, zh, one in (
                ("mean", "平均", found.mean),
                ("median", "中位数", found.median),
                ("p90", "九成不超过", found.p90),
            ):
                note = SMALL if found.median is None else ""
                if one is not None or note:
                    label = (f"{measure.value}_{name}", f"{NAMES[measure]}（{zh}）")
                    yield (*head, *label, found.n, *_three(one), *[""] * 5, note)
        for reason, count in card.excluded.items():
            yield (*head, "excluded", "剔除", count, *[""] * 8, reason)


def _three(one: Estimate | None) -> tuple[Cell, Cell, Cell]:
    return ("", "", "") if one is None else (_cell(one.value), _cell(one.low), _cell(one.high))


def _cell(value: float | None) -> Cell:
    return "" if value is None else round(value, _DIGITS)


def _defused(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_RUN) else cell
