"""How long each class of record is kept: data, shipped in `data/retention.toml`, a city's on top.

Classes that a law gives a least time to cannot be set below it. What is taken away is `retention`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from triage.errors import TriageError, UnusableFile


class RecordClass(StrEnum):
    """The classes of records that are not kept for ever."""

    VAULT_ORIGINALS = "vault_originals"
    ACCESS_LOGS = "access_logs"
    ORDER_TEXTS = "order_texts"
    INTAKE_KEYS = "intake_keys"
    QUEUE_PLACES = "queue_places"


LEAST_DAYS: Mapping[RecordClass, int] = {RecordClass.ACCESS_LOGS: 184}
"""《网络安全法》: network logs are kept for six months at least; six months have up to 184 days."""


class RetentionRefusal(TriageError):
    """A period that a law does not allow."""

    code = "retention_refused"


@dataclass(frozen=True, slots=True)
class Policy:
    """The period of every class."""

    periods: Mapping[RecordClass, timedelta]


def load_policy(path: Path | None = None) -> Policy:
    """Return the shipped periods and, over them, a city's.

    Raises
    ------
    UnusableFile
        The file is missing, not TOML, or holds an unknown class or an unfit period.
    RetentionRefusal
        A period is below what the law asks for.
    """
    shipped = files("triage.store").joinpath("data/retention.toml").read_text("utf-8")
    periods = _periods(tomllib.loads(shipped), "retention.toml")
    if path is not None:
        try:
            own = tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise UnusableFile(f"保存期限 {path} 无法读取：应为 UTF-8 的 TOML 文件") from error
        periods |= _periods(own, str(path))
    return Policy(periods)


def _periods(document: Mapping[str, object], name: str) -> dict[RecordClass, timedelta]:
    known = {one.value: one for one in RecordClass}
    periods = {}
    for key, row in document.items():
        if key not in known:
            raise UnusableFile(f"{name} 的 [{key}] 不认识：可用的有 {'、'.join(known)}")
        days = row.get("days") if isinstance(row, dict) and set(row) == {"days"} else None
        if type(days) is not int or days < 1:
            raise UnusableFile(f"{name} 的 [{key}] 应只有 days = 正整数（天）")
        least = LEAST_DAYS.get(known[key], 1)
        if days < least:
            raise RetentionRefusal(
                f"{name} 的 {key}.days = {days} 少于法定最低 {least} 天：请改为不小于 {least}",
                field=f"{key}.days",
            )
        periods[known[key]] = timedelta(days=days)
    return periods
