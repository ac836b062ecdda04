"""A rule pack as a file: JSON with its own digest (SHA-256 of its canonical form).

The digest tells damage; that it is the publisher's own is known only by asking the publisher for
it. What a pack changes where it is adopted stands in `rule_packs`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

import orjson
from sqlalchemy import Connection

from triage.desk.routing import rule_json
from triage.desk.rule_file import parse_rule, read_json
from triage.errors import TriageError, UnusableFile
from triage.request import Json
from triage.store.precedents import rulings_since
from triage.store.routing_rules import rules_in_force
from triage.text.mask import mask
from triage.workorder.disputes import Precedent
from triage.workorder.routing_rules import RoutingRule
from triage.workorder.rule_check import RuleRefused
from triage.workorder.working_calendar import shanghai_day

FORMAT, VERSION = "citizen-triage-rules", 1


class PackRefused(TriageError):
    """A pack that is damaged, of another kind, or adopted already."""

    code = "pack_refused"


@dataclass(frozen=True, slots=True)
class Pack:
    """What a pack holds."""

    digest: str
    publisher: str
    region: str
    made_at: datetime
    rules: tuple[RoutingRule, ...]
    precedents: tuple[Precedent, ...]


def make_pack(
    connection: Connection, *, publisher: str, region: str, since: datetime, now: datetime
) -> dict[str, Json]:
    """Return a pack of the rules in force and the rulings since a time, of a region and of none.

    Rules that came with another's pack are left out: they are the other's to publish.
    """
    rules = [
        rule
        for rule in rules_in_force(connection, shanghai_day(now))
        if not rule.publisher and (not region or rule.scope.region in ("", region))
    ]
    precedents = rulings_since(connection, since, region)
    document: dict[str, Json] = {
        "format": FORMAT,
        "version": VERSION,
        "publisher": publisher,
        "region": region,
        "made_at": now.isoformat(),
        "rules": [_public(rule) for rule in rules],
        "precedents": [_precedent_json(one) for one in precedents],
    }
    return document | {"digest": digest_of(document)}


def digest_of(document: Mapping[str, object]) -> str:
    """Return the SHA-256, in hexadecimal, of a pack without its digest."""
    bare = {name: value for name, value in document.items() if name != "digest"}
    return hashlib.sha256(orjson.dumps(bare, option=orjson.OPT_SORT_KEYS)).hexdigest()


def read_pack(path: Path, *, now: datetime, expected: str = "") -> Pack:
    """Read a pack; `expected` is the digest that the publisher told.

    Raises
    ------
    UnusableFile
    PackRefused
        Damaged, changed, of another format, or not the one expected.
    """
    document = read_json(path)
    if document.get("format") != FORMAT or document.get("version") != VERSION:
        raise PackRefused(f"{path} 不是规则包（{FORMAT} 第 {VERSION} 版）")
    digest = digest_of(document)
    if document.get("digest") != digest:
        raise PackRefused(f"{path} 的摘要不符：文件损坏或被改动，请向发布方重新索取")
    if expected and expected != digest:
        raise PackRefused(f"{path} 的摘要是 {digest}，不是发布方告知的 {expected}")
    try:
        rules = tuple(
            parse_rule(row, now=now, number=number)
            for number, row in enumerate(cast(list[object], document["rules"]), 1)
        )
        precedents = tuple(
            _precedent(row, str(document["publisher"]))
            for row in cast(list[Mapping[str, object]], document["precedents"])
        )
        made_at = datetime.fromisoformat(str(document["made_at"]))
    except (KeyError, TypeError, ValueError, AttributeError, RuleRefused) as error:
        raise UnusableFile(f"{path} 的内容不完整：请向发布方重新索取（{error}）") from error
    publisher, region = str(document["publisher"]), str(document.get("region") or "")
    return Pack(digest, publisher, region, made_at, rules, precedents)


def _public(rule: RoutingRule) -> dict[str, Json]:
    """Return what others may see of a rule: neither the order nor the person it comes from."""
    names = ("id", "unit", "support", "scope", "basis", "expires_on", "made_at")
    return {name: value for name, value in rule_json(rule).items() if name in names}


def _precedent_json(one: Precedent) -> dict[str, Json]:
    return {
        "topic": one.topic,
        "region": one.region,
        "object": one.object,
        "parties": list(one.parties),
        "unit": one.unit,
        "basis": one.basis,
        "ruled_at": one.ruled_at.isoformat(),
    }


def _precedent(row: Mapping[str, object], publisher: str) -> Precedent:
    ruled_at = datetime.fromisoformat(str(row["ruled_at"]))
    if ruled_at.tzinfo is None:
        raise ValueError("ruled_at has no time zone")
    return Precedent(
        "",
        str(row["topic"]),
        str(row["region"]),
        mask(str(row["object"])).text,
        tuple(map(str, cast(list[object], row["parties"]))),
        str(row["unit"]),
        mask(str(row["basis"])).text,
        ruled_at,
        publisher,
    )
