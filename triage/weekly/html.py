"""The report as one HTML file: no script, nothing from elsewhere, ready to be printed on A4.

Every number carries the number of its source; the sources stand at the end, to be run again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from triage.weekly.charts import chart_svg
from triage.weekly.curve import curve_svg
from triage.weekly.document import Chart, Part, WeeklyReport

_STYLE = """
body{font-family:"Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","PingFang SC",sans-serif;
max-width:46rem;margin:2rem auto;padding:0 1rem;line-height:1.6;color:#17212b;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:1.6rem;border-bottom:2px solid #0b5c8a}
h3{font-size:.95rem;margin:.8rem 0 .2rem}
table{border-collapse:collapse;width:100%}td{border-bottom:1px solid #d3dae1;padding:.2rem .4rem}
td.value{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.ref{font-size:.7rem;vertical-align:super;text-decoration:none;color:#0b5c8a}
.sources{font-size:.75rem;color:#53606d}.sources code{word-break:break-all}
.chart{width:100%;height:auto;display:block}.chart text{font-size:12px;fill:#17212b}
.bar{fill:#4a7ab5}.interval{stroke:#17212b;stroke-width:2}
.curve{display:block;margin:.25rem 0;max-width:100%}li{margin:.3rem 0}
@page{size:A4;margin:18mm 15mm}
@media print{body{margin:0;max-width:none;padding:0;font-size:10.5pt}
h2,h3{break-after:avoid}tr,li,svg,.figure{break-inside:avoid}.ref{color:inherit}
.bar{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
"""


def html_of(report: WeeklyReport) -> str:
    """Return the document."""
    title, numbers = escape(report.title), report.numbers
    summary = "".join(
        f"<p>{escape(one.text)}{_refs(one.sources, numbers)}</p>" for one in report.summary
    )
    parts = "".join(_part(one, numbers) for one in report.parts)
    sources = "".join(
        f'<li id="s{n}"><code>{escape(source)}</code></li>' for source, n in numbers.items()
    )
    return (
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>{summary}{parts}"
        f"<h2>出处</h2><p>每个数字后的编号指向下面的一条：在数据库里运行的 SQL，或向服务的请求"
        f"（“→”之后是答复里的哪一项）。</p>"
        f'<ol class="sources">{sources}</ol>'
        f'<p class="sources">生成于 {escape(report.made_at)}。</p></body></html>\n'
    )


def _part(part: Part, numbers: Mapping[str, int]) -> str:
    rows = "".join(
        f'<tr><td>{escape(one.label)}</td><td class="value">{escape(one.value)}'
        f"{_refs([one.source], numbers)}</td></tr>"
        for one in part.figures
    )
    table = f"<table>{rows}</table>" if rows else ""
    entries = "".join(
        f"<li>{escape(one.text)}{_refs([one.source], numbers)}{curve_svg(one.curve)}</li>"
        for one in part.entries
    )
    charts = "".join(_chart(one, numbers) for one in part.charts)
    listing = f"<ul>{entries}</ul>" if entries else ""
    body = f"<p>{escape(part.empty)}</p>" if part.is_empty else charts + table + listing
    return f"<h2>{escape(part.title)}</h2>{body}"


def _chart(chart: Chart, numbers: Mapping[str, int]) -> str:
    head = f"<h3>{escape(chart.title)}{_refs(chart.sources, numbers)}</h3>"
    return f'<div class="figure">{head}{chart_svg(chart)}</div>'


def _refs(sources: Iterable[str], numbers: Mapping[str, int]) -> str:
    found = dict.fromkeys(numbers[source] for source in sources)
    return "".join(f'<a class="ref" href="#s{n}">[{n}]</a>' for n in found)
