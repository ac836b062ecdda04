"""How long each class of record is kept: data, shipped in `data/retention.toml`, a city's on top.

Classes that a law gives a least time to cannot be set below it. What is taken away is `retention`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    NOTICES = "notices"
    DELIVERIES = "deliveries"
    JOBS = "jobs"
    DISPUTES = "disputes"
    REPLY_PRINTS = "reply_prints"
    SHADOW_PREDICTIONS = "shadow_predictions"
    EVENT_GROUPS = "event_groups"
    ALARMS = "alarms"


_LOGS = (RecordClass.ACCESS_LOGS, RecordClass.NOTICES, RecordClass.DELIVERIES, RecordClass.JOBS)
LEAST_DAYS: Mapping[RecordClass, int] = dict.fromkeys(_LOGS, 184)
"""《网络安全法》: network logs are kept for six months at least; six months have up to 184 days.
Who read, what went out to whom, and who had which work done are such logs."""


class RetentionRefusal(TriageError):
    """A period that a law does not allow."""

    code = "retention_refused"


@dataclass(frozen=True, slots=True)
class Policy:
    """The period of every class, and where it is laid down ("" where a city does not say)."""

    periods: Mapping[RecordClass, timedelta]
    sources: Mapping[RecordClass, str] = field(default_factory=dict)


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
    rules = _rules(tomllib.loads(shipped), "retention.toml")
    if path is not None:
        try:
            own = tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise UnusableFile(f"保存期限 {path} 无法读取：应为 UTF-8 的 TOML 文件") from error
        rules |= _rules(own, str(path))
    periods = {one: timedelta(days=days) for one, (days, _) in rules.items()}
    return Policy(periods, {one: source for one, (_, source) in rules.items()})


def _rules(document: Mapping[str, object], name: str) -> dict[RecordClass, tuple[int, str]]:
    known = {one.value: one for one in RecordClass}
    rules = {}
    for key, row in document.items():
        if key not in known:
            raise UnusableFile(f"{name} 的 [{key}] 不认识：可用的有 {'、'.join(known)}")
        days, source = _row(row)
        if type(days) is not int or days < 1 or not isinstance(source, str):
            raise UnusableFile(
                f'{name} 的 [{key}] 应有 days = 正整数（天），可有 source = "依据"，没有别的'
            )
        least = LEAST_DAYS.get(known[key], 1)
        if days < least:
            raise RetentionRefusal(
                f"{name} 的 {key}.days = {days} 少于法定最低 {least} 天：请改为不小于 {least}",
                field=f"{key}.days",
            )
        rules[known[key]] = (days, source)
    return rules


def _row(row: object) -> tuple[object, object]:
    """Return days and source of a table that holds nothing else."""
    if not isinstance(row, dict) or not row.keys() <= {"days", "source"}:
        return None, ""
    return row.get("days"), row.get("source", "")
