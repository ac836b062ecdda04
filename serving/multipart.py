"""A form with a file in it (multipart/form-data, RFC 7578), as browsers and `curl -F` send one.

The body lies on the disk already, counted by `spool`; here the one file of the form is written out
beside it and the body deleted. Parsed by python-multipart, which FastAPI itself uses for forms.
"""

from __future__ import annotations

import os
from email.message import Message
from pathlib import Path
from typing import BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from serving.problems import Problem

MEDIA_TYPE = "multipart/form-data"
_CHUNK_BYTES = 1 << 20
"""What is held in memory of a form at once."""


def unpack(body: Path, content_type: str, suffixes: dict[str, str]) -> Path:
    """Write the file of a form beside the form's body, and delete that; return the file.

    `suffixes` are the media types that are taken and how a file of each is called.

    Raises
    ------
    Problem
        media_type_unsupported, file_unusable: then nothing is left but the body.
    """
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    form = _Form(body, suffixes)
    try:
        _parse(body, form, boundary)
        if form.path is None:
            raise _unusable("表单里没有文件：请用 -F file=@文件 的方式上传一个文件")
    except BaseException as error:
        form.discard()
        if isinstance(error, FormParserError):
            raise _unusable("表单不完整或格式不对：请重新上传") from error
        raise
    body.unlink()
    return form.path


def _parse(body: Path, form: _Form, boundary: bytes) -> None:
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": form.begin,
            "on_header_field": form.header_name,
            "on_header_value": form.header_value,
            "on_header_end": form.header_end,
            "on_headers_finished": form.open,
            "on_part_data": form.write,
            "on_part_end": form.close,
            "on_end": form.end,
        },
    )
    with body.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            parser.write(chunk)
    parser.finalize()
    if not form.is_whole:
        raise FormParserError("cut short")


class _Form:
    """What the parser tells of: headers part by part, and the data of the one that is a file."""

    def __init__(self, body: Path, suffixes: dict[str, str]) -> None:
        self.path: Path | None = None
        self.is_whole = False
        self._body = body
        self._suffixes = suffixes
        self._file: BinaryIO | None = None

    def begin(self) -> None:
        self._headers = Message()
        self._name, self._value = b"", b""

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        self._headers[self._name.decode("latin-1")] = self._value.decode("latin-1")
        self._name, self._value = b"", b""

    def open(self) -> None:
        """Begin to write where the part is a file; a plain field is passed over."""
        name = self._filename()
        if name is None:
            return
        if self.path is not None:
            raise _unusable("一次只能上传一个文件")
        path = self._body.with_suffix(self._suffix(name))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self.path, self._file = path, os.fdopen(descriptor, "wb")

    def write(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(data[start:end])

    def close(self) -> None:
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None

    def end(self) -> None:
        self.is_whole = True

    def discard(self) -> None:
        if self._file is not None:
            self._file.close()
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def _filename(self) -> str | None:
        """Return the name that the part's header gives its file; None for a plain field."""
        try:
            return self._headers.get_filename()
        except (TypeError, ValueError, LookupError) as error:  # broken parts of RFC 2231
            raise _unusable("表单里的文件名（filename）无法识别：请改名后重新上传") from error

    def _suffix(self, name: str) -> str:
        """Return the suffix of the declared type, else of the name that the file has there."""
        declared = self._suffixes.get(self._headers.get_content_type())
        own = Path(name).suffix.lower()
        if declared is None and own in self._suffixes.values():
            declared = own
        if declared is None:
            kinds = "、".join(sorted(set(self._suffixes.values())))
            raise Problem("media_type_unsupported", f"表单里的文件应为其中之一：{kinds}")
        return declared


def _unusable(detail: str) -> Problem:
    return Problem("file_unusable", detail)
