"""The same report as a Word document, by python-docx (the extra `reports`)."""

from __future__ import annotations

import io
from pathlib import Path

from triage.errors import MissingExtraError
from triage.files import atomic_write
from triage.weekly.document import Part, WeeklyReport


def write_docx(report: WeeklyReport, path: Path) -> None:
    """Write the document, whole or not at all.

    Raises
    ------
    MissingExtraError
        python-docx is not installed.
    UnusableFile
        The place cannot be written to.
    """
    try:
        from docx import Document
    except ImportError as error:
        raise MissingExtraError(
            "写 Word 文件需要 python-docx：pip install 'citizen-triage[reports]'"
        ) from error
    document = Document()
    document.add_heading(report.title, level=0)
    for sentence in report.summary:
        document.add_paragraph(sentence)
    for part in report.parts:
        _add(document, part)
    document.add_paragraph(f"生成于 {report.made_at}；每个数字旁是它的出处：接口、查询或编号。")
    content = io.BytesIO()
    document.save(content)
    with atomic_write(path) as file:
        file.write(content.getvalue())


def _add(document, part: Part) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001  python-docx has no types
    document.add_heading(part.title, level=1)
    if not part.figures and not part.entries:
        document.add_paragraph(part.empty)
    if part.figures:
        table = document.add_table(rows=0, cols=3)
        for one in part.figures:
            cells = table.add_row().cells
            for cell, text in zip(cells, (one.label, one.value, one.source), strict=True):
                cell.text = text
    for entry in part.entries:
        document.add_paragraph(f"{entry.text} 〔{entry.source}〕", style="List Bullet")
