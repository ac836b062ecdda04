"""Rules as data: read the TOML files of `steps/data` into frozen, checked values.

A rule says which terms trigger it, what must stand near them, what excuses it, what it decides,
and shows sentences that it hits and misses. `rules` knows how to match them; the meaning of
decisions and levels is `acceptance`'s and `safety`'s.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from triage.errors import CatalogueError
from triage.steps.rule_fields import Fields, Table
from triage.steps.rule_notation import Notation, Pattern

DECISIONS = ("EMERGENCY_HANDOFF", "STATUTORY_ROUTE", "OUT_OF_SCOPE", "MALICIOUS")
NUMBERS = ("110", "119", "120", "122")
ROUTES = ("LITIGATION", "ARBITRATION", "RECONSIDERATION", "PETITION", "DISCIPLINE")


@dataclass(frozen=True, slots=True)
class Excuse:
    """Why a trigger does not count here: past, hypothetical, denied or an idiom.

    `before` looks back `span` characters inside the sentence, `touching` at the few characters
    before the trigger, `clause` in its clause, `around` for a phrase that swallows the trigger,
    `anywhere` in the whole text; a hit of `but` close by cancels the excuse.
    """

    id: str
    span: int
    before: Pattern | None
    touching: Pattern | None
    clause: Pattern | None
    around: Pattern | None
    anywhere: Pattern | None
    but: Pattern | None


@dataclass(frozen=True, slots=True)
class Weight:
    """Terms that add `points` to a scored rule; `core` ones also count towards its `core` sum."""

    points: int
    core: bool
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: every group of `near` hits within `reach` characters of a trigger.

    Of the groups of `cues` at least `at_least` must hit there too. A scored rule has `weights` in
    place of triggers and holds from `threshold` points, `core` of them from core terms; a text of
    up to 45 characters is granted `brief` points, for it has no room for more signs.

    `confidence` in [0, 1] is a measured precision, rounded down (docs of the data files say where
    it was measured); `urgency` the level it raises to, or None; `holds` says that it keeps a
    request from being refused. A rule with `confirm` is a mere sign: it raises only where the model
    gives P(level <= urgency) >= `confirm`, and says nothing where there is no model.
    """

    id: str
    reason: str
    decision: str | None
    transfer_to: str | None
    route: str | None
    risk: tuple[str, ...]
    urgency: int | None
    confirm: float | None
    confidence: float
    holds: bool
    triggers: tuple[str, ...]
    near: tuple[Pattern, ...]
    cues: tuple[Pattern, ...]
    at_least: int
    reach: int
    weights: tuple[Weight, ...]
    threshold: int
    core: int
    brief: int
    unless_near: Pattern | None
    unless_anywhere: Pattern | None
    excuses: tuple[Excuse, ...]
    max_chars: int | None
    hit: tuple[str, ...]
    miss: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleFiles:
    """All rules in file order, and their version: latest effective date and content hash."""

    version: str
    rules: tuple[Rule, ...]


def read_rules(folder: Traversable | None = None) -> RuleFiles:
    """Read every `*.toml` of `folder` (the shipped rules by default), in name order.

    Raises
    ------
    CatalogueError
        A file that is no TOML, a rule that lacks a field or has an unknown one, an unknown list.
    """
    root = folder if folder is not None else files("triage.steps").joinpath("data")
    names = sorted(item.name for item in root.iterdir() if item.name.endswith(".toml"))
    contents = {name: root.joinpath(name).read_bytes() for name in names}
    tables = {name: _parse(name, content) for name, content in contents.items()}
    notation = Notation(_terms(tables))
    excuses = {
        excuse.id: excuse
        for excuse in (_excuse(fields, notation) for fields in _each(tables, "excuse"))
    }
    rules: dict[str, Rule] = {}
    for fields in _each(tables, "rule"):
        rule = _rule(fields, notation, excuses)
        if rule.id in rules:
            raise fields.error("规则编号重复，请改名")
        rules[rule.id] = rule
    latest = max((str(table["effective"]) for table in tables.values()), default="none")
    digest = hashlib.sha256(b"".join(contents.values())).hexdigest()[:8]
    return RuleFiles(version=f"{latest}-{digest}", rules=tuple(rules.values()))


def _rule(item: Fields, notation: Notation, excuses: Mapping[str, Excuse]) -> Rule:
    named = item.words("unless")
    unknown = [name for name in named if name not in excuses]
    if unknown:
        raise item.error(f"没有名为 {unknown} 的 [[excuse]]")
    rule = Rule(
        id=item.text("id"),
        reason=item.text("reason"),
        decision=item.optional("decision", DECISIONS),
        transfer_to=item.optional("transfer_to", NUMBERS),
        route=item.optional("route", ROUTES),
        risk=item.words("risk"),
        urgency=item.limit("urgency"),
        confirm=item.share("confirm") if item.has("confirm") else None,
        confidence=item.share("confidence"),
        holds=item.flag("holds"),
        triggers=notation.literals(item.words("any")),
        near=item.groups("near", notation),
        cues=item.groups("cues", notation),
        at_least=item.count("at_least"),
        reach=item.count("reach", 30),
        weights=tuple(_weight(fields, notation) for fields in item.tables("weight")),
        threshold=item.count("threshold"),
        core=item.count("core"),
        brief=item.count("brief"),
        unless_near=notation.pattern(item.words("unless_near")),
        unless_anywhere=notation.pattern(item.words("unless_anywhere")),
        excuses=tuple(excuses[name] for name in named),
        max_chars=item.limit("max_chars"),
        hit=item.words("hit"),
        miss=item.words("miss"),
    )
    item.finish()
    _check(rule, item)
    return rule


def _check(rule: Rule, item: Fields) -> None:
    """Refuse a rule that contradicts itself."""
    if (rule.decision == "EMERGENCY_HANDOFF") != (rule.transfer_to is not None):
        raise item.error("transfer_to 与 EMERGENCY_HANDOFF 必须同时出现")
    if (rule.decision == "STATUTORY_ROUTE") != (rule.route is not None):
        raise item.error("route 与 STATUTORY_ROUTE 必须同时出现")
    if rule.confirm is not None and (rule.urgency is None or rule.decision or rule.risk):
        raise item.error("confirm 只能用于仅提升 urgency 的规则")
    if bool(rule.triggers) == bool(rule.weights):
        raise item.error("any 与 weight 必须恰有其一")
    if rule.weights and (not rule.threshold or not rule.core):
        raise item.error("计分规则必须有 threshold 和 core")
    if not rule.hit or not rule.miss:
        raise item.error("必须各有至少一句 hit 和 miss 例句")


def _weight(item: Fields, notation: Notation) -> Weight:
    weight = Weight(
        points=item.points("points"),
        core=item.flag("core"),
        terms=notation.literals(item.words("any")),
    )
    item.finish()
    return weight


def _excuse(item: Fields, notation: Notation) -> Excuse:
    excuse = Excuse(
        id=item.text("id"),
        span=item.count("span", 24),
        before=notation.pattern(item.words("before")),
        touching=notation.pattern(item.words("touching")),
        clause=notation.pattern(item.words("clause")),
        around=notation.pattern(item.words("around")),
        anywhere=notation.pattern(item.words("anywhere")),
        but=notation.pattern(item.words("but")),
    )
    item.finish()
    return excuse


def _terms(tables: Mapping[str, Table]) -> dict[str, list[str]]:
    """Collect the named term lists of all files; a name may be given once."""
    terms: dict[str, list[str]] = {}
    for name, table in tables.items():
        lists = table.get("terms", {})
        if not isinstance(lists, dict):
            raise CatalogueError(f"{name}: [terms] 应是“名称 = 文字列表”")
        for key, words in lists.items():
            if key in terms or not isinstance(words, list):
                raise CatalogueError(f"{name}: 词表 {key} 重复，或不是文字列表")
            terms[key] = [str(word) for word in words]
    return terms


def _each(tables: Mapping[str, Table], kind: str) -> Iterator[Fields]:
    """Yield the tables `[[kind]]` of all files, in file order."""
    for name, table in tables.items():
        yield from Fields(table, name).tables(kind)


def _parse(name: str, content: bytes) -> Table:
    try:
        table = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"规则文件 {name} 不是有效的 TOML：{error}") from error
    if "effective" not in table:
        raise CatalogueError(f"规则文件 {name} 缺少生效日期 effective")
    return table
