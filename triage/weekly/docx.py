"""The same report as a Word document, by python-docx (the extra `reports`); without the charts."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
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
    document, numbers = Document(), report.numbers
    document.core_properties.title = report.title
    document.add_heading(report.title, level=0)
    for sentence in report.summary:
        document.add_paragraph(f"{sentence.text}{_refs(sentence.sources, numbers)}")
    for part in report.parts:
        _add(document, part, numbers)
    document.add_heading("出处", level=1)
    document.add_paragraph(
        "方括号里的编号指向下面的一条：在数据库里运行的 SQL，或向服务的请求"
        "（“→”之后是答复里的哪一项）。"
    )
    for source, n in numbers.items():
        document.add_paragraph(f"[{n}] {source}")
    document.add_paragraph(f"生成于 {report.made_at}。")
    content = io.BytesIO()
    document.save(content)
    with atomic_write(path) as file:
        file.write(content.getvalue())


def _add(document, part: Part, numbers: Mapping[str, int]) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001  python-docx has no types
    document.add_heading(part.title, level=1)
    if part.is_empty:
        document.add_paragraph(part.empty)
    if part.figures:
        table = document.add_table(rows=0, cols=2, style="Light List")
        for one in part.figures:
            label, value = table.add_row().cells
            label.text, value.text = one.label, f"{one.value}{_refs([one.source], numbers)}"
    for entry in part.entries:
        words = f"{entry.text}{_refs([entry.source], numbers)}"
        document.add_paragraph(words, style="List Bullet")


def _refs(sources: Iterable[str], numbers: Mapping[str, int]) -> str:
    return "".join(f"[{n}]" for n in dict.fromkeys(numbers[source] for source in sources))
