"""Read a folder of lists: its identity (`catalogue.toml`), its files, and the folder it extends.

A district's folder names the city's with `extends` and adds rows; it cannot redefine a code. This
module knows files and rows, not meanings.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path

from triage.catalogue.period import parse_day
from triage.catalogue.problems import Problem
from triage.catalogue.schema import LISTS, ListSpec
from triage.catalogue.table import Columns, Row, read_bytes, read_rows

IDENTITY = "catalogue.toml"
CROSSWALKS = "crosswalks"
SHIPPED = "shipped"
"""The value of `extends` that names the lists that come with the package."""

_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
Tables = dict[str, tuple[Row, ...]]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a folder says it is."""

    id: str = ""
    version: str = ""
    title: str = ""
    effective: date = date.min
    extends: str = ""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as read: rows by list (those of the extended folder first) and a content hash."""

    path: Path
    identity: Identity
    tables: Tables
    digest: str
    problems: list[Problem] = field(default_factory=list)


def shipped_folder() -> Path:
    """Return the folder of the lists that come with the package."""
    return Path(str(files("triage.catalogue").joinpath("data", "chongqing")))


def read_folder(path: Path, *, below: tuple[Path, ...] = ()) -> Folder:
    """Read `path` and what it extends; `below` are the folders that extend it (to find a ring).

    The digest covers names and bytes of the identity and the lists, and those it extends.
    """
    problems: list[Problem] = []
    label = "" if not below else f"{path.name}/"
    if not path.is_dir():
        problems.append(Problem(str(path), None, None, "", "没有这个文件夹"))
        return Folder(path, Identity(), {}, "", problems)
    contents = {
        name: content
        for name in (IDENTITY, *(spec.file for spec in LISTS))
        if (content := read_bytes(path / name, f"{label}{name}", problems)) is not None
    }
    identity = _identity(contents.get(IDENTITY), f"{label}{IDENTITY}", problems)
    parent = _parent(path, identity, below=below, problems=problems)
    tables: Tables = {}
    for spec in LISTS:
        inherited = parent.tables.get(spec.name, ()) if parent else ()
        own = _rows(contents.get(spec.file), f"{label}{spec.file}", spec, problems)
        if own is None and not identity.extends and not spec.may_be_absent:
            problems.append(Problem(f"{label}{spec.file}", None, None, "", "缺少这个文件"))
        tables[spec.name] = (*inherited, *_added(own or (), inherited, spec.key, problems))
    digest = _digest(contents, parent.digest if parent else "")
    return Folder(path, identity, tables, digest, problems)


def _digest(contents: dict[str, bytes], parent: str) -> str:
    digest = hashlib.sha256(parent.encode())
    for name, content in contents.items():
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _rows(
    content: bytes | None, file: str, spec: ListSpec, problems: list[Problem]
) -> tuple[Row, ...] | None:
    if content is None:
        return None
    columns = Columns(spec.columns, spec.optional)
    return read_rows(content, file, columns=columns, problems=problems)


def _added(
    own: tuple[Row, ...], inherited: tuple[Row, ...], key: str, problems: list[Problem]
) -> list[Row]:
    """Return the rows with codes of their own; one that redefines a code becomes a problem."""
    taken = {row[key] for row in inherited}
    message = "上级代码表已有这个代码；下级只能增加，不能重新定义"
    problems.extend(row.problem(key, message) for row in own if row[key] in taken)
    return [row for row in own if row[key] not in taken]


def _identity(content: bytes | None, file: str, problems: list[Problem]) -> Identity:
    if content is None:
        problems.append(Problem(file, None, None, "", "缺少这个文件"))
        return Identity()
    try:
        table = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(Problem(file, None, None, "", f"不是合规的 UTF-8 TOML：{error}"))
        return Identity()

    def text(key: str, pattern: re.Pattern[str] | None, message: str) -> str:
        value = str(table.get(key, ""))
        if not value.strip() or (pattern and not pattern.fullmatch(value)):
            problems.append(Problem(file, None, key, value, message))
        return value

    effective = date.min
    try:
        effective = parse_day(str(table.get("effective", "")), default=date.max)
    except ValueError:
        effective = date.max
    if effective == date.max:
        value = str(table.get("effective", ""))
        problems.append(Problem(file, None, "effective", value, "须是日期，例如 2026-01-01"))
    return Identity(
        id=text("id", _ID, "须是小写字母、数字、- 或 _"),
        version=text("version", _VERSION, "须是字母、数字、. - 或 _"),
        title=text("title", None, "不能为空"),
        effective=effective,
        extends=str(table.get("extends", "")),
    )


def _parent(
    path: Path, identity: Identity, *, below: tuple[Path, ...], problems: list[Problem]
) -> Folder | None:
    if not identity.extends:
        return None
    target = shipped_folder() if identity.extends == SHIPPED else path / identity.extends
    chain = (*below, path.resolve())
    if target.resolve() in chain:
        message = "扩展成环；一个文件夹不能直接或间接扩展自己"
        problems.append(Problem(IDENTITY, None, "extends", identity.extends, message))
        return None
    parent = read_folder(target.resolve(), below=chain)
    problems.extend(parent.problems)
    return parent
