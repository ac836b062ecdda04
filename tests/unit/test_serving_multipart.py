"""A form's one file comes out as it went in; of anything else nothing stays but the body."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from serving.multipart import unpack
from serving.problems import Problem
from serving.spool import SUFFIXES

CSV = "工单编号,诉求内容\nN-1,路灯坏了\r\n--x 不是边界\n".encode()
Part = tuple[str, bytes, str]


def spooled(folder: Path, *files: Part, **fields: str) -> tuple[Path, str]:
    """Write a form down as the client sends it."""
    sent = httpx.Request(
        "POST", "http://x", data=fields, files=[("file", one) for one in files] or None
    )
    body = folder / "upload.form"
    body.write_bytes(sent.read())
    return body, sent.headers.get("content-type", "multipart/form-data; boundary=x")


@pytest.mark.parametrize(
    ("name", "kind", "suffix"),
    [
        ("留言.csv", "text/csv", ".csv"),
        ("留言.CSV", "application/octet-stream", ".csv"),  # a browser that knows no type
        ("a.bin", "application/vnd.ms-excel", ".xls"),
        ("../../etc/passwd.jsonl", "text/plain", ".jsonl"),
    ],
)
def test_the_file_of_a_form_is_written_as_it_was_for_its_owner_only(
    tmp_path: Path, name: str, kind: str, suffix: str
) -> None:
    body, content_type = spooled(tmp_path, (name, CSV * 50_000, kind), note="x", other="y")
    path = unpack(body, content_type, SUFFIXES)
    assert path == tmp_path / f"upload{suffix}"
    assert path.read_bytes() == CSV * 50_000
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_two_files_none_and_other_files_are_refused(tmp_path: Path) -> None:
    one = ("a.csv", CSV, "text/csv")
    cases: list[tuple[tuple[Part, ...], str]] = [
        ((one, ("b.csv", CSV, "text/csv")), "file_unusable"),
        ((), "file_unusable"),
        ((("a.pdf", CSV, "application/pdf"),), "media_type_unsupported"),
    ]
    for files, code in cases:
        body, content_type = spooled(tmp_path, *files, note="x")
        with pytest.raises(Problem) as refused:
            unpack(body, content_type, SUFFIXES)
        assert refused.value.code == code
        assert list(tmp_path.iterdir()) == [body]


@pytest.mark.parametrize("cut", [1, 4, 40, 120])
def test_a_form_cut_short_is_refused_and_nothing_of_it_stays(tmp_path: Path, cut: int) -> None:
    body, content_type = spooled(tmp_path, ("a.csv", CSV, "text/csv"))
    body.write_bytes(body.read_bytes()[: -cut - 2])
    with pytest.raises(Problem) as refused:
        unpack(body, content_type, SUFFIXES)
    assert refused.value.code == "file_unusable"
    assert list(tmp_path.iterdir()) == [body]


@pytest.mark.parametrize("name", ["filename*0*=x; filename*=%", "filename*=utf-8'x; filename*0=y"])
def test_a_name_of_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    body = tmp_path / "upload.form"
    head = f"--b\r\nContent-Disposition: form-data; name=file; {name}\r\n\r\n".encode()
    body.write_bytes(head + CSV + b"\r\n--b--\r\n")
    with pytest.raises(Problem) as refused:
        unpack(body, "multipart/form-data; boundary=b", SUFFIXES)
    assert refused.value.code == "file_unusable"
    assert list(tmp_path.iterdir()) == [body]
