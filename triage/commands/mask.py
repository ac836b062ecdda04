"""脱敏：电话、证件、银行卡、姓名、门牌等 (mask personal data in requests).

Input lines are {"id", "text"}; output lines {"id", "text", "spans": [{"start", "end", "type"}]},
with spans in characters of the original text. A line that cannot be read becomes {"id", "line",
"error"}. Without --vault the originals are kept nowhere; a vault is readable by its owner only.

Example:
  triage mask --input requests.jsonl --output masked.jsonl --vault vault.jsonl

Exit code: 0 all lines masked, 1 some lines rejected, 2 a file is unusable and nothing was written.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import orjson
from tqdm import tqdm

from triage.errors import InvalidRequest, UnusableFile
from triage.files import atomic_write
from triage.intake.encodings import find_encoding
from triage.intake.jsonlines import decode_line
from triage.intake.record import parse_request
from triage.intake.sources import file_type
from triage.intake.textlines import open_lines
from triage.request import CitizenRequest
from triage.text.mask import Masked, mask

_OWNER_ONLY, _EVERYBODY = 0o600, 0o644


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--input", required=True, type=Path, metavar="X.jsonl", help="输入文件")
    parser.add_argument("--output", required=True, type=Path, metavar="Y.jsonl", help="输出文件")
    parser.add_argument(
        "--vault", type=Path, metavar="FILE", help="原文对照（仅本人可读），默认不留"
    )


def run(args: argparse.Namespace) -> int:
    """Mask; 0 when every line was masked, 1 when some were rejected."""
    _refuse_same_file(args.input, args.output, args.vault)
    file_type(args.input)  # refuses what is missing, empty or no text
    encoding = find_encoding(args.input)
    rejected = spans = number = 0
    with ExitStack() as stack:
        output = stack.enter_context(_writing(args.output))
        vault = stack.enter_context(_writing(args.vault, is_private=True)) if args.vault else None
        feed = stack.enter_context(open_lines(args.input, encoding))
        for line in tqdm(feed, desc="脱敏", unit=" 行", disable=None):
            feed.begin_record()
            if line.isspace():
                continue
            number += 1
            try:
                request = _request(line)
            except InvalidRequest as error:
                rejected += 1
                output.write(_error_line(line, feed.number, error))
                continue
            masked = mask(request.text)
            spans += len(masked.spans)
            output.write(_masked_line(request.id, masked))
            if vault is not None and masked.vault:
                vault.write(_json({"id": request.id, "vault": masked.vault}))
    print(f"脱敏 {number - rejected:,} 行，{spans:,} 处；拒收 {rejected:,} 行", file=sys.stderr)
    return 1 if rejected else 0


def _refuse_same_file(source: Path, output: Path, vault: Path | None) -> None:
    if vault is not None and vault.resolve() in {source.resolve(), output.resolve()}:
        raise UnusableFile(f"--vault 与输入或输出是同一个文件：{vault}；请另给一个文件名")


def _request(line: str) -> CitizenRequest:
    value = decode_line(line)
    if isinstance(value, dict):
        value = {"id": value.get("id"), "text": value.get("text")}
    return parse_request(value)


def _masked_line(request_id: str, masked: Masked) -> bytes:
    spans = [{"start": s.start, "end": s.end, "type": s.type.value} for s in masked.spans]
    return _json({"id": request_id, "text": masked.text, "spans": spans})


def _error_line(line: str, number: int, error: InvalidRequest) -> bytes:
    return _json(
        {
            "id": _id_of(line),
            "line": number,
            "error": {"code": error.code, "message": error.message},
        }
    )


def _id_of(line: str) -> str | None:
    """Return the id of a refused line where it can still be read."""
    try:
        value = decode_line(line)
        return parse_request({**value, "text": "-"}).id if isinstance(value, dict) else None
    except InvalidRequest:
        return None


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


@contextmanager
def _writing(path: Path, *, is_private: bool = False) -> Iterator[BinaryIO]:
    try:
        with atomic_write(path, mode=_OWNER_ONLY if is_private else _EVERYBODY) as file:
            yield file
    except OSError as error:
        raise UnusableFile(f"无法写入 {path}：{error.strerror}；请核对路径和权限") from error
