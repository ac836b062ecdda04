"""A report for people as a value: sections of paragraphs, tables and pictures.

Rendered as Markdown, or as one HTML file that needs nothing else: no network, no script, pictures
inside. What the report says is not known here.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from evaluation.markdown import safe, table
from triage.files import atomic_write


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain text under titles."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing as SVG text, with a caption; only the HTML page shows it."""

    caption: str
    svg: str


Part = str | Table | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A whole report."""

    title: str
    sections: tuple[Section, ...]


_STYLE = """
body{max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1d2433;
font:16px/1.7 "Noto Sans CJK SC","Microsoft YaHei","PingFang SC",sans-serif}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.2rem;border-bottom:1px solid #d5dae3}
table{border-collapse:collapse;font-size:.9rem;margin:.8rem 0;display:block;overflow-x:auto}
th,td{border:1px solid #d5dae3;padding:.25rem .6rem;text-align:left;vertical-align:top}
th{background:#f2f4f8}figure{margin:1rem 0}img{max-width:100%}figcaption{color:#5a6478}
"""


def to_markdown(page: Page) -> str:
    """Return the page as Markdown; pictures are left to the HTML page."""
    lines = [f"# {page.title}", ""]
    for section in page.sections:
        lines += [f"## {section.title}", ""]
        for part in section.parts:
            if isinstance(part, Table):
                rows = [[safe(cell) for cell in row] for row in part.rows]
                lines += [*table(part.titles, rows), ""]
            elif isinstance(part, str):
                lines += [part, ""]
    return "\n".join(lines)


def to_html(page: Page) -> str:
    """Return the page as one HTML document; every text in it is escaped."""
    body = [f"<h1>{escape(page.title)}</h1>"]
    for section in page.sections:
        body.append(f"<h2>{escape(section.title)}</h2>")
        body += [_html(part) for part in section.parts]
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(page.title)}</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def write_texts(files: Sequence[tuple[Path, str]]) -> None:
    """Write UTF-8 files, each whole or not at all.

    Raises
    ------
    UnusableFile
        A place cannot be written to.
    """
    for path, text in files:
        with atomic_write(path) as file:
            file.write(text.encode())


def _html(part: Part) -> str:
    if isinstance(part, str):
        return f"<p>{escape(part)}</p>"
    if isinstance(part, Picture):
        source = b64encode(part.svg.encode()).decode()
        return (
            f'<figure><img alt="{escape(part.caption)}" src="data:image/svg+xml;base64,{source}">'
            f"<figcaption>{escape(part.caption)}</figcaption></figure>"
        )
    rows = [("th", part.titles), *(("td", row) for row in part.rows)]
    return f"<table>{''.join(_row(tag, cells) for tag, cells in rows)}</table>"


def _row(tag: str, cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"
