"""Reports as pages: Markdown and HTML say the same, and no text can break out of its place."""

from __future__ import annotations

from evaluation.page import Page, Picture, Section, Table, to_html, to_markdown

PAGE = Page(
    "报告",
    (
        Section(
            "表",
            (
                "说明 <b>",
                Table(("甲|乙", "数"), (("<script>alert(1)</script>", "1"), ("a|b", "2"))),
                Picture('图"一"', "<svg/>"),
            ),
        ),
    ),
)


def test_markdown_has_every_paragraph_and_row() -> None:
    lines = to_markdown(PAGE).splitlines()
    assert lines[0] == "# 报告"
    assert "说明 <b>" in lines
    assert "| a\\|b | 2 |" in lines


def test_html_escapes_every_text() -> None:
    html = to_html(PAGE)
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<p>说明 &lt;b&gt;</p>" in html
    assert 'alt="图&quot;一&quot;"' in html


def test_html_needs_nothing_from_outside() -> None:
    html = to_html(PAGE)
    assert 'src="data:image/svg+xml;base64,PHN2Zy8+"' in html
    assert "http" not in html
