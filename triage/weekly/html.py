"""The report as one HTML file: no script, nothing from elsewhere, a source beside each figure."""

from __future__ import annotations

from html import escape

from triage.weekly.curve import curve_svg
from triage.weekly.document import Part, WeeklyReport

_STYLE = (
    "body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;line-height:1.6}"
    "table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.25rem;"
    "text-align:left;vertical-align:top}.source{color:#666;font-size:.8rem;word-break:break-all}"
    ".curve{display:block;margin:.25rem 0}"
)


def html_of(report: WeeklyReport) -> str:
    """Return the document."""
    title = escape(report.title)
    summary = "".join(f"<p>{escape(one)}</p>" for one in report.summary)
    parts = "".join(_part(one) for one in report.parts)
    return (
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>{summary}{parts}"
        f'<p class="source">生成于 {escape(report.made_at)}；每个数字旁是它的出处：'
        "接口、查询或编号。</p></body></html>\n"
    )


def _part(part: Part) -> str:
    rows = "".join(
        f"<tr><td>{escape(one.label)}</td><td>{escape(one.value)}</td>"
        f'<td class="source">{escape(one.source)}</td></tr>'
        for one in part.figures
    )
    table = f"<table>{rows}</table>" if rows else ""
    entries = "".join(
        f'<li>{escape(one.text)} <span class="source">{escape(one.source)}</span>'
        f"{curve_svg(one.curve)}</li>"
        for one in part.entries
    )
    listing = f"<ul>{entries}</ul>" if entries else ""
    body = table + listing or f"<p>{escape(part.empty)}</p>"
    return f"<h2>{escape(part.title)}</h2>{body}"
