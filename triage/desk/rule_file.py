"""Rules from JSON: a file to try out, the rules of a pack. The form is that of `triage rules list`.

{"rules": [{"unit": "URBAN_MGMT", "scope": {"topic": "SR03", "keywords": ["油烟"]},
            "basis": "…", "expires_on": "2027-06-30"}]}
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import orjson

from triage.errors import UnusableFile
from triage.workorder.routing_rules import RoutingRule, Scope
from triage.workorder.rule_check import Codes, RuleRefused, check_rule

LARGEST = 16 * 1024 * 1024


def read_json(path: Path) -> Mapping[str, object]:
    """Return the JSON object of a file.

    Raises
    ------
    UnusableFile
    """
    try:
        if path.stat().st_size > LARGEST:
            raise UnusableFile(f"{path} 超过 {LARGEST // 1024**2} MB：不像是规则文件")
        document = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise UnusableFile(f"{path} 无法读取：应为 UTF-8 的 JSON 文件") from error
    if not isinstance(document, dict):
        raise UnusableFile(f'{path} 应为 JSON 对象，如 {{"rules": […]}}')
    return document


def read_rules(path: Path, codes: Codes, *, now: datetime, today: date) -> list[RoutingRule]:
    """Return the rules of a file, checked like rules that are to be made.

    Ended rules of a list are left out: they never apply.

    Raises
    ------
    UnusableFile
        The file, or one of its rules; the message names its number and field.
    """
    rows = read_json(path).get("rules")
    if not isinstance(rows, list):
        raise UnusableFile(f"{path} 没有 rules 列表")
    rules = []
    for number, row in enumerate(rows, 1):
        try:
            rule = parse_rule(row, now=now, number=number)
            if rule.ended_at is None:
                check_rule(rule, codes, today=today)
                rules.append(rule)
        except RuleRefused as error:
            raise UnusableFile(
                f"{path} 第 {number} 条规则的 {error.field}：{error.message}"
            ) from error
    return rules


def parse_rule(row: object, *, now: datetime, number: int) -> RoutingRule:
    """Return the rule of a JSON object; one without an id is called by its number.

    Raises
    ------
    RuleRefused
        A field is missing or of the wrong kind.
    """
    if not isinstance(row, dict):
        raise RuleRefused(f"应为 JSON 对象，收到 {row!r:.80}", field="rule")
    scope = row.get("scope")
    if not isinstance(scope, dict):
        raise RuleRefused("须写明适用范围 {topic, region, keywords}", field="scope")
    made_at = _text(row, "made_at")
    return RoutingRule(
        id=_text(row, "id") or f"第{number}条",
        unit=_text(row, "unit"),
        scope=Scope(_text(scope, "topic"), _text(scope, "region"), _texts(scope, "keywords")),
        expires_on=_day(row, "expires_on"),
        made_at=_time(made_at, "made_at") if made_at else now,
        made_by=_text(row, "made_by"),
        support=_texts(row, "support"),
        basis=_text(row, "basis"),
        order_id=_text(row, "order_id"),
        publisher=_text(row, "publisher"),
        pack_rule=_text(row, "pack_rule"),
        ended_at=_time(_text(row, "ended_at"), "ended_at") if row.get("ended_at") else None,
    )


def _text(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RuleRefused(f"应为字符串，收到 {value!r:.80}", field=name)
    return value.strip()


def _texts(row: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = row.get(name) or []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise RuleRefused(f"应为字符串的列表，收到 {value!r:.80}", field=name)
    return tuple(value)


def _day(row: Mapping[str, object], name: str) -> date:
    try:
        return date.fromisoformat(_text(row, name))
    except ValueError:
        raise RuleRefused(
            f"应为日期，如 2027-06-30，收到 {row.get(name)!r:.80}", field=name
        ) from None


def _time(text: str, name: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise RuleRefused(f"应为带时区的时间，收到 {text!r:.80}", field=name)
    return found
